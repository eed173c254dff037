// The samples on two components, coloured by a variable of one's choice.
function componentsOption(colours, of, x, y, by) {
  const { samples, scores, titles } = report.components;
  const point = (row) => ({ value: [scores[x][row], scores[y][row]], sample: report.samples.ids[samples[row]] });
  const rows = samples.map((_, row) => row);
  const base = {
    tooltip: { ...tip(colours), formatter: ({ data, seriesName }) => told(data.sample, [by.levels.length ? seriesName : `${by.name} ${decimal(data.value[2])}`]) },
    grid: { left: 56, right: 16, top: 54, bottom: 46 },
    xAxis: axis(titles[x], colours, { nameGap: 28 }),
    yAxis: axis(titles[y], colours, { nameGap: 40 }),
  };
  if (by.levels.length === 0) {
    const known = rows.filter((row) => by.numbers[samples[row]] !== null);
    const numbers = known.map((row) => by.numbers[samples[row]]);
    return {
      ...base,
      visualMap: { type: "continuous", dimension: 2, min: Math.min(...numbers), max: Math.max(...numbers), orient: "horizontal", left: 0, top: 0, itemWidth: 10, itemHeight: 120, text: [by.name, ""], textStyle: { color: colours.ink, fontFamily: FONT, fontSize: 11.5 }, inRange: { color: theme.dark() ? ["#0b3d5e", "#6cb8f0", "#f0e442"] : ["#f0e442", "#35a8b5", "#0b3d5e"] } },
      series: [{ type: "scatter", symbolSize: 10, data: known.map((row, k) => ({ ...point(row), value: [...point(row).value, numbers[k]] })) }],
    };
  }
  const groups = [...by.levels.keys(), null].map((code) => [code === null ? "unknown" : by.levels[code], rows.filter((row) => (by.codes[samples[row]] ?? null) === code)]);
  const shown = groups.filter(([, members]) => members.length);
  return {
    ...base,
    legend: { ...legend(colours, shown.map(([level]) => level)), type: "plain" },
    series: shown.map(([level, members], g) => ({ type: "scatter", name: level, symbol: SHAPES[g % SHAPES.length], symbolSize: 10, itemStyle: { color: level === "unknown" ? colours.grey : colours.groups[g % colours.groups.length], opacity: 0.85 }, data: members.map(point) })),
  };
}

{
  const figure = document.querySelector('figure[data-figure="components"]');
  const variables = report.samples.variables;
  if (figure && report.components && variables.length) {
    soon(figure, () => {
      let by = Math.max(variables.findIndex((v) => v.name === report.comparisons[0]?.variable), 0);
      let [x, y] = [0, 1];
      const { redraw, box } = live(figure, {
        name: "components",
        described: "The samples on the principal components of the data.",
        option: (colours) => componentsOption(colours, report.components, x, y, variables[by]),
      });
      const names = report.components.titles.map((title) => title.split(" ")[0]);
      box.before(element("p", { class: "choices" },
        select("Colour", variables.map((v) => v.name), by, (k) => { by = k; redraw(); }),
        select("across", names, x, (k) => { x = k; redraw(); }),
        select("up", names, y, (k) => { y = k; redraw(); })));
    });
  }
}

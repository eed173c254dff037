// Values by row and sample as colours: each value against the mean of its row, grey where it is missing.
const HEAT_ROW = 14;

// `groups` are [title, columns], `rows` are { label, values }; a value is found under the column of its sample.
function heatPlot({ groups, rows, samples, unit }) {
  const known = groups.filter(([, columns]) => columns.length > 0);
  // An empty column stands between groups.
  const shown = known.flatMap(([, columns], k) => (k ? [-1, ...columns] : columns));
  const titles = new Map();
  let start = 0;
  for (const [title, columns] of known) {
    if (title) titles.set(start + Math.floor((columns.length - 1) / 2), `${title} (${columns.length})`);
    start += columns.length + 1;
  }
  const cells = [];
  const missing = [];
  rows.forEach(({ values }, y) => {
    const seen = shown.filter((column) => column >= 0 && Number.isFinite(values[column])).map((column) => values[column]);
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
    shown.forEach((column, x) => {
      if (column < 0) return;
      if (Number.isFinite(values[column])) cells.push([x, y, values[column] - mean, values[column]]);
      else missing.push([x, y, 0]);
    });
  });
  const sizes = cells.map((cell) => Math.abs(cell[2])).sort((a, b) => a - b);
  const reach = Math.max(sizes[Math.floor(sizes.length * 0.98)] ?? 1, 0.1);
  const names = shown.map((column, x) => (column < 0 ? `gap ${x}` : report.samples.ids[samples[column]]));
  const few = shown.length <= 32;
  const option = (colours) => ({
    tooltip: {
      ...tip(colours),
      formatter: ({ seriesIndex, data }) => told(rows[data[1]].label, [names[data[0]], seriesIndex ? "missing" : `${unit} ${decimal(data[3])}, ${signed(data[2])} from the mean of the row`]),
    },
    grid: { left: 92, right: 12, top: 56, bottom: few ? 76 : 34 },
    xAxis: [
      axis("", colours, { type: "category", data: names, splitLine: { show: false }, axisTick: { show: false }, axisLabel: { show: few, rotate: 60, interval: 0, fontSize: 10, width: 74, overflow: "truncate", formatter: (name, x) => (shown[x] < 0 ? "" : name) } }),
      axis("", colours, { type: "category", position: "top", data: names, splitLine: { show: false }, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { interval: 0, color: colours.ink, formatter: (_, x) => titles.get(x) ?? "" } }),
    ],
    yAxis: axis("", colours, { type: "category", inverse: true, data: rows.map((_, y) => String(y)), splitLine: { show: false }, axisTick: { show: false }, axisLabel: { interval: 0, fontSize: 10.5, width: 80, overflow: "truncate", formatter: (y) => rows[Number(y)].label } }),
    visualMap: [
      { type: "continuous", seriesIndex: 0, dimension: 2, min: -reach, max: reach, orient: "horizontal", left: 0, top: 0, itemWidth: 10, itemHeight: 120, precision: 1, text: [`+${decimal(reach)} from the row\u2019s mean`, MINUS + decimal(reach)], textStyle: { color: colours.ink, fontFamily: FONT, fontSize: 11.5 }, inRange: { color: [colours.lower, colours.none, colours.higher] } },
      { type: "continuous", show: false, seriesIndex: 1, dimension: 2, min: 0, max: 1, inRange: { color: [colours.grey, colours.grey] } },
    ],
    series: [
      { type: "heatmap", data: cells, progressive: 0, emphasis: { itemStyle: { borderColor: colours.ink, borderWidth: 1 } } },
      { type: "heatmap", data: missing, progressive: 0 },
    ],
  });
  return { option, height: 56 + HEAT_ROW * rows.length + (few ? 76 : 34), hint: missing.length ? `${unit}; grey: missing.` : `${unit}.` };
}

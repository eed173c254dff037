// Results side by side: sets across comparisons, the structure of the samples across variables. A dot leads to its table.
const GRID_ROW = 19;

// A number that may be missing, and a p-value in the words of the page.
const present = (number) => (number === null ? NaN : number);
const toldP = (p) => probability(-Math.log10(present(p)));

function leadTo(anchor, name) {
  const part = document.getElementById(anchor);
  if (!part) return;
  history.pushState(null, "", `#${anchor}`);
  for (let at = part; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  for (const row of document.querySelectorAll("tr.found")) row.classList.remove("found");
  const row = Array.from(part.querySelectorAll("tbody tr")).find((tr) => Array.from(tr.cells).some((cell) => cell.textContent.trim() === name));
  row?.classList.add("found");
  (row ?? part).scrollIntoView({ block: row ? "center" : "start" });
}

function gridOption(grid, colours) {
  const least = (list) => list.reduce((far, number) => (Number.isFinite(number) ? Math.max(far, number) : far), 0);
  const dots = grid.dots.map(([row, column, value, size, p, q]) => ({ value: [column, row, value], size, p, q }));
  const passes = (dot) => present(dot.q) <= report.alpha;
  const reach = Math.max(least(dots.filter(passes).map((dot) => Math.abs(dot.value[2]))), 1e-6);
  const largest = Math.max(least(dots.map((dot) => dot.size)), 1e-9);
  const size = (dot) => 4 + 13 * Math.sqrt(Math.max(present(dot.size), 0) / largest);
  const sized = (kept) => dots.filter(kept).map((dot) => ({ ...dot, symbolSize: size(dot) }));
  const labels = { interval: 0, fontSize: 11, color: colours.ink, overflow: "truncate" };
  return {
    tooltip: {
      ...tip(colours),
      formatter: ({ data: { value: [column, row, value], size: weight, p, q } }) => told(grid.rows[row], [grid.columns[column], `${grid.value_title}: ${signed(value)}`, `${grid.size_title}: ${decimal(present(weight))}`, `p ${toldP(p)}, adjusted p ${toldP(q)}`]),
    },
    grid: { left: narrow() ? 130 : 290, right: 14, top: 48, bottom: 104 },
    xAxis: axis("", colours, { type: "category", data: grid.columns.map((_, k) => String(k)), splitLine: { show: false }, axisTick: { show: false }, axisLabel: { ...labels, rotate: 55, width: 120, formatter: (k) => grid.columns[Number(k)] } }),
    yAxis: axis("", colours, { type: "category", inverse: true, data: grid.rows.map((_, k) => String(k)), splitLine: { show: true, lineStyle: { color: colours.line } }, axisTick: { show: false }, axisLabel: { ...labels, width: narrow() ? 120 : 278, formatter: (k) => grid.rows[Number(k)] } }),
    visualMap: { type: "continuous", seriesIndex: 0, dimension: 2, min: -reach, max: reach, orient: "horizontal", left: 0, top: 0, itemWidth: 10, itemHeight: 120, precision: 2, text: [`+${decimal(reach)}`, MINUS + decimal(reach)], textStyle: { color: colours.ink, fontFamily: FONT, fontSize: 11.5 }, inRange: { color: [colours.lower, colours.none, colours.higher] } },
    series: [
      { type: "scatter", data: sized(passes), itemStyle: { borderColor: colours.faint, borderWidth: 0.6 } },
      { type: "scatter", data: sized((dot) => !passes(dot)), itemStyle: { color: "transparent", borderColor: colours.grey, borderWidth: 1.2 } },
    ],
  };
}

// Sets or cell populations of one comparison: effect with its interval, members as size.
function setsOption(sets, colours, wide = true) {
  const names = narrow() ? 120 : wide ? 278 : 150;
  const rows = sets.numbers.map(([size, effect, low, high, q], k) => ({ k, size: present(size), effect: present(effect), low: present(low), high: present(high), q: present(q) }));
  const colour = ({ effect, q }) => (!(q <= report.alpha) ? colours.grey : effect < 0 ? colours.lower : colours.higher);
  const line = (row) => [{ coord: [row.low, row.k], lineStyle: { color: colour(row) } }, { coord: [row.high, row.k] }];
  const ends = rows.flatMap((row) => [row.effect, row.low, row.high, 0]).filter(Number.isFinite);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const pad = (high - low) * 0.05 || 1;
  return {
    tooltip: { ...tip(colours), formatter: ({ data: { row } }) => told(sets.names[row.k], [`${signed(row.effect)}${Number.isFinite(row.low) ? ` (95 % CI ${signed(row.low)} to ${signed(row.high)})` : ""}`, Number.isFinite(row.size) ? `${row.size.toLocaleString("en")} members measured` : "", `adjusted p ${toldP(row.q)}`]) },
    grid: { left: names + 12, right: 16, top: 10, bottom: 46 },
    xAxis: axis(narrow() ? "effect" : sets.effect_title, colours, { nameGap: 28, min: low - pad, max: high + pad, axisLabel: { showMinLabel: false, showMaxLabel: false } }),
    yAxis: axis("", colours, { type: "category", inverse: true, data: sets.names.map((_, k) => String(k)), axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: colours.line } }, axisLabel: { interval: 0, fontSize: 11, color: colours.ink, overflow: "truncate", width: names, formatter: (k) => sets.names[Number(k)] } }),
    series: [{
      type: "scatter",
      data: rows.map((row) => ({ row, value: [row.effect, row.k], symbolSize: Number.isFinite(row.size) ? Math.min(5 + Math.sqrt(row.size), 18) : 10, itemStyle: { color: colour(row), opacity: 0.9 } })),
      markLine: { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { type: "solid", width: 1.3 }, data: [{ xAxis: 0, lineStyle: { color: colours.faint, type: "dotted" } }, ...rows.filter((row) => Number.isFinite(row.low) && Number.isFinite(row.high)).map(line)] },
    }],
  };
}

for (const sets of report.sets) {
  const figure = document.querySelector(`figure[data-figure="sets-${sets.number}"]`);
  if (!figure) continue;
  const title = figure.closest("details").querySelector("summary").textContent;
  soon(figure, () => live(figure, {
    name: `sets ${title}`,
    height: 60 + GRID_ROW * sets.names.length,
    described: `The ${sets.names.length} sets with the smallest p, ${title}: effect with its interval. The table below holds the numbers.`,
    option: (colours) => setsOption(sets, colours),
    picked: ({ data }) => data.row && leadTo(sets.anchor, sets.names[data.row.k]),
  }));
}

for (const figure of document.querySelectorAll("figure[data-grid]")) {
  const grid = report.grids[Number(figure.dataset.grid)];
  if (!grid) continue;
  const caption = figure.querySelector("figcaption").textContent;
  soon(figure, () => live(figure, {
    name: caption,
    height: 154 + GRID_ROW * grid.rows.length,
    described: `${caption} ${grid.rows.length} rows in ${grid.columns.length} columns; size: ${grid.size_title}, colour: ${grid.value_title}. The tables below hold the numbers.`,
    option: (colours) => gridOption(grid, colours),
    picked: ({ data: { value: [column, row] } }) => leadTo(grid.anchors[column], grid.rows[row]),
  }).tools.prepend(element("span", { class: "hint" }, `Colour: ${grid.value_title}. Size: ${grid.size_title}. Open: adjusted p > ${report.alpha}. A dot leads to its table.`)));
}

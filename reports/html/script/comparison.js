// The figures of a comparison: every feature as a point, the p-values, and the strongest features by sample.
const P_BINS = 20;
const HEAT_ROWS = 25;
const MOST_LABELS = 24;
const strongest = (evidence) => Math.min(evidence, 300);
const significant = (c, row) => c.q[row] >= -Math.log10(report.alpha) - 1e-6;

function toldOf(c, row) {
  const { set, half, effect } = c;
  const place = c.place(row);
  const id = report.features[set].ids[place];
  const rank = c.rankOf().get(place);
  const interval = half && Number.isFinite(half[row]) ? ` (95 % CI ${signed(effect[row] - half[row])} to ${signed(effect[row] + half[row])})` : "";
  return told(report.label(set, place), [
    id === report.label(set, place) ? "" : id,
    effect ? `${c.effect_title.split(",")[0]}: ${signed(effect[row])}${interval}` : "",
    `p ${probability(c.p[row])}, adjusted p ${probability(c.q[row])}`,
    rank === undefined ? "" : `In hypothesis ${rank}`,
  ]);
}

// A scatter of all features: `x` and `y` give the place of a row.
function points(c, x, y) {
  const kinds = { rest: [], lower: [], higher: [], named: [] };
  const rows = { rest: [], lower: [], higher: [], named: [] };
  const named = c.rankOf();
  for (let row = 0; row < c.p.length; row++) {
    const at = [x(row), y(row)];
    if (!Number.isFinite(at[0]) || !Number.isFinite(at[1])) continue;
    const kind = !significant(c, row) ? "rest" : c.effect[row] < 0 ? "lower" : "higher";
    kinds[kind].push(at);
    rows[kind].push(row);
    if (named.has(c.place(row))) {
      kinds.named.push(at);
      rows.named.push(row);
    }
  }
  return { kinds, rows };
}

// The points that get a name: those of hypotheses by rank, then the strongest.
function labelled(c, found) {
  const of = (kind) => found.rows[kind].map((row, k) => ({ row, at: found.kinds[kind][k] }));
  const named = of("named").sort((a, b) => c.rankOf().get(c.place(a.row)) - c.rankOf().get(c.place(b.row)) || c.p[b.row] - c.p[a.row]);
  const known = new Set(found.rows.named);
  const hits = [...of("lower"), ...of("higher")].filter(({ row }) => !known.has(row)).sort((a, b) => c.p[b.row] - c.p[a.row]);
  return [...named.slice(0, MOST_LABELS), ...hits].slice(0, MOST_LABELS);
}

function scatterOption(c, found, colours, { xTitle, yTitle, xAxis = {}, yAxis = {}, guides = [] }) {
  const count = (kind) => found.rows[kind].length.toLocaleString("en");
  const names = { rest: "not significant", lower: `lower (${count("lower")})`, higher: `higher (${count("higher")})`, named: "in a hypothesis" };
  const labels = labelled(c, found);
  const series = ["rest", "lower", "higher"].map((kind) => ({
    type: "scatter", name: names[kind], dimensions: ["x", "y"], data: Float64Array.from(found.kinds[kind].flat()), symbolSize: kind === "rest" ? 4 : 6, large: true, largeThreshold: 1500,
    itemStyle: { color: { rest: colours.grey, lower: colours.lower, higher: colours.higher }[kind], opacity: kind === "rest" ? 0.55 : 0.85 },
    id: kind, z: kind === "rest" ? 2 : 3,
  }));
  series.push({
    type: "scatter", id: "named", name: names.named, data: found.kinds.named, symbolSize: 9, z: 5,
    itemStyle: { color: "transparent", borderColor: colours.mark, borderWidth: 1 },
    markLine: { silent: true, symbol: "none", label: { show: false }, animation: false, data: guides.map((g) => ({ ...g, lineStyle: { color: colours.faint, type: g.dash ?? "dotted", width: 1 } })) },
  });
  series.push({
    type: "scatter", id: "labels", silent: true, data: labels.map(({ at }) => at), symbolSize: 7, z: 6, itemStyle: { color: "transparent" },
    label: {
      show: true, position: "top", distance: 2, minMargin: 5, color: colours.ink, fontFamily: FONT, fontSize: 11, textBorderColor: colours.page, textBorderWidth: 2,
      formatter: ({ dataIndex }) => report.label(c.set, c.place(labels[dataIndex].row)).slice(0, 16),
    },
    labelLayout: { hideOverlap: true },
  });
  return {
    tooltip: { ...tip(colours), formatter: ({ seriesId, dataIndex }) => toldOf(c, found.rows[seriesId][dataIndex]) },
    legend: legend(colours, [names.higher, names.lower, names.rest, ...(found.rows.named.length ? [names.named] : [])]),
    grid: { left: 52, right: 14, top: narrow() ? 56 : 34, bottom: 46 },
    xAxis: axis(xTitle, colours, { nameGap: 28, ...xAxis }),
    yAxis: axis(yTitle, colours, { nameGap: 36, ...yAxis }),
    dataZoom: zoom(),
    series,
  };
}

function volcano(figure, c) {
  const found = points(c, (row) => c.effect[row], (row) => strongest(c.p[row]));
  const hits = [...found.rows.lower, ...found.rows.higher];
  const least = hits.reduce((low, row) => Math.min(low, c.p[row]), Infinity);
  const guides = [{ xAxis: -1 }, { xAxis: 1 }];
  if (Number.isFinite(least)) guides.push({ yAxis: least, dash: "dashed" });
  const reach = c.effect.reduce((far, value) => (Number.isFinite(value) ? Math.max(far, Math.abs(value)) : far), 1.2) * 1.06;
  live(figure, {
    name: `volcano ${c.heading}`, zooms: true,
    described: `Volcano plot, ${c.heading}: ${found.rows.higher.length} higher and ${found.rows.lower.length} lower of ${c.p.length} features. The table below lists the strongest; the search finds any.`,
    option: (colours) => scatterOption(c, found, colours, { xTitle: c.effect_title, yTitle: `${MINUS}log\u2081\u2080 p`, xAxis: { min: -reach, max: reach, axisLabel: { showMinLabel: false, showMaxLabel: false } }, yAxis: { min: 0 }, guides }),
    picked: ({ seriesId, dataIndex }) => openProtein({ set: c.set, place: c.place(found.rows[seriesId][dataIndex]) }, c),
  });
}

function meanAndEffect(figure, c) {
  const found = points(c, (row) => c.mean[row], (row) => c.effect[row]);
  live(figure, {
    name: `mean and effect ${c.heading}`, zooms: true,
    described: `Effect against mean (MA plot), ${c.heading}.`,
    option: (colours) => scatterOption(c, found, colours, { xTitle: c.mean_title, yTitle: c.effect_title, guides: [{ yAxis: 0 }] }),
    picked: ({ seriesId, dataIndex }) => openProtein({ set: c.set, place: c.place(found.rows[seriesId][dataIndex]) }, c),
  });
}

function pValues(figure, c) {
  const counts = new Array(P_BINS).fill(0);
  let total = 0;
  for (const evidence of c.p) {
    if (Number.isNaN(evidence)) continue;
    counts[Math.min(Math.floor(10 ** -evidence * P_BINS), P_BINS - 1)] += 1;
    total += 1;
  }
  const from = (k) => (k / P_BINS).toFixed(2);
  live(figure, {
    name: `p-values ${c.heading}`,
    described: `Histogram of ${total} p-values, ${c.heading}: ${counts[0]} below 0.05.`,
    option: (colours) => ({
      tooltip: { ...tip(colours), formatter: ({ dataIndex: k }) => told(`p ${from(k)} to ${from(k + 1)}`, [`${counts[k].toLocaleString("en")} features`, `${Math.round(total / P_BINS).toLocaleString("en")} where nothing differs`]) },
      grid: { left: 58, right: 14, top: 34, bottom: 46 },
      xAxis: axis("p-value (dashed: no effect at all)", colours, { type: "category", data: counts.map((_, k) => from(k)), nameGap: 28, splitLine: { show: false }, axisLabel: { interval: 3 } }),
      yAxis: axis("features", colours, { nameGap: 42, min: 0 }),
      series: [{
        type: "bar", barCategoryGap: "6%",
        data: counts.map((value, k) => ({ value, itemStyle: { color: k === 0 ? colours.higher : colours.grey } })),
        markLine: { silent: true, symbol: "none", label: { show: false }, animation: false, data: [{ yAxis: total / P_BINS, lineStyle: { color: colours.ink, type: "dashed" } }] },
      }],
    }),
  });
}

// Samples of a comparison in the order of their groups, as [label, samples].
function groupsOf(c, samples) {
  const here = new Map(samples.map((sample, column) => [sample, column]));
  const columns = (list) => list.filter((sample) => here.has(sample)).map((sample) => here.get(sample));
  if (c.arms) return c.arms.map((arm) => [arm.label, columns(arm.samples)]);
  const variable = report.samples.variables.find((v) => v.name === c.variable);
  if (!variable) return [["", samples.map((_, column) => column)]];
  if (variable.levels.length) return variable.levels.map((level, k) => [level, columns(variable.codes.flatMap((code, sample) => (code === k ? [sample] : [])))]);
  const ordered = samples.filter((sample) => variable.numbers[sample] !== null).sort((a, b) => variable.numbers[a] - variable.numbers[b]);
  return [[`${c.variable}, ascending`, columns(ordered)]];
}

function heatRows(c, matrix) {
  const rows = Array.from(c.p, (_, row) => row).filter((row) => !Number.isNaN(c.p[row]) && matrix.has(c.place(row)));
  rows.sort((a, b) => c.p[b] - c.p[a]);
  const hits = rows.filter((row) => significant(c, row)).length;
  const kept = rows.slice(0, Math.min(HEAT_ROWS, Math.max(hits, 15)));
  return c.effect ? kept.sort((a, b) => c.effect[b] - c.effect[a]) : kept;
}

function heatmap(figure, c) {
  const matrix = report.matrices[c.matrix];
  const kept = heatRows(c, matrix);
  const rows = kept.map((row) => ({ label: report.label(c.set, c.place(row)), values: matrix.valuesOf(c.place(row)) }));
  const plot = heatPlot({ groups: groupsOf(c, matrix.samples), rows, samples: matrix.samples, unit: matrix.unit });
  live(figure, {
    name: `heatmap ${c.heading}`,
    height: plot.height,
    described: `Heatmap of the ${rows.length} strongest features by sample, ${c.heading}.`,
    option: plot.option,
    picked: ({ data }) => openProtein({ set: c.set, place: c.place(kept[data[1]]) }, c),
  }).tools.prepend(element("span", { class: "hint" }, plot.hint));
}

// Cell populations one by one: how far each shifts, with its interval.
const MOST_POPULATIONS = 40;
function shifts(figure, c) {
  const rows = Array.from(c.p, (_, row) => row).filter((row) => !Number.isNaN(c.p[row]));
  rows.sort((a, b) => c.p[b] - c.p[a]);
  const kept = rows.slice(0, MOST_POPULATIONS).sort((a, b) => c.effect[b] - c.effect[a]);
  const half = (row) => (c.half ? c.half[row] : NaN);
  const view = {
    effect_title: c.effect_title,
    names: kept.map((row) => report.label(c.set, c.place(row))),
    numbers: kept.map((row) => [NaN, c.effect[row], c.effect[row] - half(row), c.effect[row] + half(row), 10 ** -c.q[row]]),
  };
  live(figure, {
    name: `populations ${c.heading}`,
    height: 60 + GRID_ROW * kept.length,
    described: `How far ${kept.length} cell populations shift, ${c.heading}. The table below holds the numbers.`,
    option: (colours) => setsOption(view, colours, false),
    picked: ({ data }) => data.row && openProtein({ set: c.set, place: c.place(kept[data.row.k]) }, c),
  });
}

// Every row of a comparison as a file.
function saveComparison(c) {
  const columns = [["feature", (row) => report.features[c.set].ids[c.place(row)]], ["gene", (row) => report.features[c.set].symbols[c.place(row)]]];
  const number = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(7))) : "");
  if (c.effect) columns.push(["effect", (row) => number(c.effect[row])]);
  if (c.half) columns.push(["CI.L", (row) => number(c.effect[row] - c.half[row])], ["CI.R", (row) => number(c.effect[row] + c.half[row])]);
  if (c.mean) columns.push(["AveExpr", (row) => number(c.mean[row])]);
  columns.push(["P.Value", (row) => number(10 ** -c.p[row])], ["adj.P.Val", (row) => number(10 ** -c.q[row])]);
  const rows = Array.from(c.p, (_, row) => columns.map(([, cell]) => cell(row)));
  save(`${fileName(c.heading)}.csv`, "text/csv", csv([columns.map(([name]) => name), ...rows]));
}

for (const part of document.querySelectorAll("details.result[data-comparison]")) {
  const c = report.comparisons.find((view) => view.number === Number(part.dataset.comparison));
  const grid = part.querySelector(".grid");
  if (!c || !grid) continue;
  grid.classList.add("quarters");
  const figure = (kind) => grid.querySelector(`figure[data-figure^="${kind}-"]`);
  const added = (place, draw) => {
    const made = element("figure", { class: "live" });
    place(made);
    soon(made, () => draw(made, c));
  };
  if (c.whole && figure("volcano")) {
    soon(figure("volcano"), () => volcano(figure("volcano"), c));
    if (c.mean) added((made) => figure("volcano").after(made), meanAndEffect);
  }
  if (c.whole && figure("shifts")) soon(figure("shifts"), () => shifts(figure("shifts"), c));
  if (c.whole && figure("p-values")) soon(figure("p-values"), () => pValues(figure("p-values"), c));
  if (c.matrix !== null && report.matrices[c.matrix].samples.length > 1) added((made) => grid.append(made), heatmap);
  if (!c.whole) grid.after(element("p", { class: "small" }, "This page has no room for every feature of this comparison: its figures are drawings, and the features of its table and of hypotheses can be opened."));
  else part.querySelector(".grid").after(element("p", { class: "small" }, button(`All ${c.p.length.toLocaleString("en")} rows as CSV`, {}, () => saveComparison(c))));
}

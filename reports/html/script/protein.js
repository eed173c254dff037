// One feature by itself: its values by sample, what is missing, its numbers in every comparison, what lies beneath it. Opened from points, names
// in tables and cards, the search, and addresses that end in #protein=ID.
const proteinDialog = (() => {
  const close = button("\u00d7", { class: "close", "aria-label": "Close" }, () => dialog.close());
  const title = element("h2", { id: "protein-title" });
  const under = element("p", { class: "small" });
  const choices = element("p", { class: "choices" });
  const figure = element("figure", { class: "live" });
  const note = element("p", { class: "small" });
  const numbers = element("div", { class: "table", tabindex: "0" });
  const dialog = element("dialog", { id: "protein", "aria-labelledby": "protein-title" }, element("div", { class: "head" }, title, close), under, choices, figure, note, numbers, partsBox);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    if (location.hash.startsWith("#protein=")) history.replaceState(null, "", location.pathname + location.search);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("a")) dialog.close();
  });
  let drawing = null;
  return {
    dialog, title, under, choices, note, numbers,
    draw(plot) {
      if (drawing) {
        drawn.delete(drawing.kept);
        drawing.chart.dispose();
        figure.replaceChildren();
      }
      drawing = plot ? live(figure, plot) : null;
      figure.hidden = !plot;
    },
  };
})();

function select(label, options, chosen, act) {
  const box = element("select");
  options.forEach((option, k) => box.append(new Option(option, String(k), false, k === chosen)));
  box.addEventListener("change", () => act(Number(box.value)));
  return element("label", {}, `${label} `, box);
}

// A fixed zigzag in place of random jitter, as in the static drawings.
const zigzag = (k) => ((k * 0.618034 + 0.5) % 1) - 0.5;
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Values by group: a dot per sample, a bar per mean, a cross below for every sample without a value.
function stripPlot(title, matrix, values, groups, colours) {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const pad = Math.max((high - low) * 0.12, 0.2);
  const floor = low - pad;
  const seen = ([, columns]) => columns.filter((column) => Number.isFinite(values[column]));
  const spread = (k, of) => zigzag(k) * Math.min(0.6, of * 0.05);
  const named = (group) => (group ? `${group[0].slice(0, 18)}\n${seen(group).length} of ${group[1].length}` : "");
  const sample = (column) => report.samples.ids[matrix.samples[column]];
  const series = groups.map((group, g) => ({
    type: "scatter", symbol: SHAPES[g % SHAPES.length], symbolSize: 9, itemStyle: { color: colours.groups[g % colours.groups.length], opacity: 0.85 },
    data: seen(group).map((column, k, all) => ({ value: [g + spread(k, all.length), values[column]], sample: sample(column), group: group[0] })),
    markLine: {
      silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: colours.ink, width: 2, type: "solid" },
      data: seen(group).length ? [[{ coord: [g - 0.3, meanOf(seen(group).map((column) => values[column]))] }, { coord: [g + 0.3, meanOf(seen(group).map((column) => values[column]))] }]] : [],
    },
  }));
  series.push({
    type: "scatter", symbol: "path://M0,0L10,10M10,0L0,10", symbolSize: 7, itemStyle: { color: "transparent", borderColor: colours.faint, borderWidth: 1.4 },
    data: groups.flatMap((group, g) => group[1].filter((column) => !Number.isFinite(values[column])).map((column, k, all) => ({ value: [g + spread(k, all.length), floor], sample: sample(column), group: group[0] }))),
  });
  return {
    tooltip: { ...tip(colours), formatter: ({ data, seriesIndex }) => told(data.sample, [data.group, seriesIndex === groups.length ? "missing" : `${matrix.unit} ${decimal(data.value[1])}`]) },
    grid: { left: 56, right: 12, top: 12, bottom: 58 },
    xAxis: axis("", colours, {
      min: -0.5, max: groups.length - 0.5, interval: 1, splitLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: colours.ink, hideOverlap: false, lineHeight: 15, rotate: groups.length > 6 ? 35 : 0, formatter: (g) => named(groups[g]), customValues: groups.map((_, g) => g) },
    }),
    yAxis: axis(matrix.unit, colours, { nameGap: 38, min: floor - pad * 0.4, max: high + pad, axisLabel: { showMinLabel: false, showMaxLabel: false, formatter: (value) => (value < low - pad * 0.5 ? "" : String(Number(value.toPrecision(4))).replace("-", MINUS)) } }),
    series,
  };
}

function againstPlot(name, matrix, values, numbers, colours) {
  return {
    tooltip: { ...tip(colours), formatter: ({ data }) => told(data.sample, [`${name} ${decimal(data.value[0])}`, `${matrix.unit} ${decimal(data.value[1])}`]) },
    grid: { left: 56, right: 12, top: 12, bottom: 46 },
    xAxis: axis(name, colours, { nameGap: 28 }),
    yAxis: axis(matrix.unit, colours, { nameGap: 38 }),
    series: [{
      type: "scatter", symbolSize: 8, itemStyle: { color: colours.groups[0], opacity: 0.85 },
      data: values.flatMap((value, column) => {
        const sample = matrix.samples[column];
        return Number.isFinite(value) && numbers[sample] !== null ? [{ value: [numbers[sample], value], sample: report.samples.ids[sample] }] : [];
      }),
    }],
  };
}

// The numbers of a feature in every comparison, each with its interval drawn on one common scale.
function numbersTable(places) {
  const rows = report.comparisons.flatMap((c) => {
    const at = places.find((p) => p.set === c.set);
    const row = at && c.row(at.place);
    return row === undefined || Number.isNaN(c.p[row]) ? [] : [{ c, row, place: at.place }];
  });
  if (rows.length === 0) return [element("p", { class: "small" }, "Tested in no comparison that this page holds.")];
  const reach = Math.max(...rows.map(({ c, row }) => (c.effect ? Math.abs(c.effect[row]) + (Number.isFinite(c.half?.[row]) ? c.half[row] : 0) : 0)), 0.1);
  const body = element("tbody");
  for (const { c, row, place } of rows) {
    const rank = c.rankOf().get(place);
    const effect = c.effect ? c.effect[row] : NaN;
    const half = c.half ? c.half[row] : NaN;
    body.append(element("tr", {},
      element("td", {}, c.short, ...(rank === undefined ? [] : [" ", element("a", { href: `#h-${rank}` }, `hypothesis ${rank}`)])),
      element("td", { class: "number" }, Number.isFinite(effect) ? signed(effect) : ""),
      element("td", {}, interval(effect, half, reach)),
      element("td", { class: "number" }, probability(c.p[row])),
      element("td", { class: "number" }, probability(c.q[row]))));
  }
  const units = new Set(rows.filter(({ c }) => c.effect).map(({ c }) => c.effect_title));
  const unit = units.size === 1 ? [...units][0] : "effect";
  const head = element("tr", {}, ...["comparison", unit, "with 95 % CI", "p", "adjusted p"].map((text, k) => element("th", { scope: "col", ...(k === 0 || k === 2 ? {} : { class: "number" }) }, text)));
  return [element("table", {}, element("caption", {}, "In every comparison"), element("thead", {}, head), body)];
}

function interval(effect, half, reach) {
  const SVG = "http://www.w3.org/2000/svg";
  const shape = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const x = (value) => 60 + (value / reach) * 56;
  const box = shape("svg", { viewBox: "0 0 120 14", width: 120, height: 14, "aria-hidden": "true", class: "interval" });
  box.append(shape("line", { x1: 60, x2: 60, y1: 0, y2: 14, class: "zero" }));
  if (Number.isFinite(effect)) {
    if (Number.isFinite(half)) box.append(shape("line", { x1: x(effect - half), x2: x(effect + half), y1: 7, y2: 7, class: "ci" }));
    box.append(shape("circle", { cx: x(effect), cy: 7, r: 3.5, class: effect < 0 ? "lower" : "higher" }));
  }
  return box;
}

function openProtein({ set, place }, from) {
  const id = report.features[set].ids[place];
  const places = report.listed(id);
  const label = report.label(set, place);
  const { dialog, title, under, choices, note, numbers, draw } = proteinDialog;
  title.replaceChildren(element("bdi", {}, label));
  under.replaceChildren(element("bdi", {}, [id === label ? "" : id, ...places.map((p) => report.features[p.set].name)].filter(Boolean).join(" \u00b7 ")));
  numbers.replaceChildren(...numbersTable(places));

  const sources = report.matrices.flatMap((matrix, at) => {
    const mine = places.find((p) => p.set === matrix.set);
    const values = mine && matrix.valuesOf(mine.place);
    return values ? [{ matrix, values, at }] : [];
  });
  const variables = report.samples.variables;
  let source = Math.max(sources.findIndex((s) => s.at === from?.matrix), 0);
  let variable = Math.max(variables.findIndex((v) => v.name === (from ?? report.comparisons[0])?.variable), 0);
  const called = ({ matrix, at }) => {
    const of = report.comparisons.find((c) => c.matrix === at);
    return `${report.features[matrix.set].name}, ${matrix.samples.length} samples${of ? `, as analysed for ${of.short}` : ""}`;
  };
  const show = () => {
    choices.replaceChildren();
    if (sources.length === 0) {
      draw(null);
      showParts(label, places, variables[variable]);
      note.textContent = report.samplesLeftOut ? "Values of single samples were left out of this page, which was made to be handed on." : "The values of its samples are not on this page.";
      return;
    }
    if (sources.length > 1) choices.append(select("Values", sources.map(called), source, (k) => { source = k; show(); }));
    if (variables.length > 1) choices.append(select("By", variables.map((v) => v.name), variable, (k) => { variable = k; show(); }));
    const { matrix, values } = sources[source];
    const by = variables[variable];
    const without = matrix.samples.filter((_, column) => !Number.isFinite(values[column]));
    const counts = `${values.length - without.length} of ${values.length} samples have a value`;
    const missing = without.length ? ` Missing in ${namesOf(without)}.` : "";
    showParts(label, places, by);
    if (by && by.levels.length === 0) {
      note.textContent = `${counts}.${missing}`;
      draw({ name: `${label} ${by.name}`, described: `${label} against ${by.name}: ${counts}.`, option: (colours) => againstPlot(by.name, matrix, values, by.numbers, colours) });
      return;
    }
    const here = matrix.samples.map((sample, column) => [by ? by.codes[sample] : 0, column]);
    const levels = by ? by.levels : [""];
    const groups = levels.map((level, g) => [level, here.filter(([code]) => code === g).map(([, column]) => column)]).filter(([, columns]) => columns.length);
    const seen = groups.map(([level, columns]) => `${level} ${columns.filter((column) => Number.isFinite(values[column])).length} of ${columns.length}`);
    note.textContent = `${counts}${by ? ` (${seen.join(", ")})` : ""}. Crosses: missing. Bars: means.${missing}`;
    draw({ name: `${label} by ${by ? by.name : "sample"}`, described: `${label} by ${by ? by.name : "sample"}: ${seen.join(", ")} with a value.`, option: (colours) => stripPlot(label, matrix, values, groups, colours) });
  };
  if (!dialog.open) dialog.showModal();
  show();
  history.replaceState(null, "", `#protein=${encodeURIComponent(id)}`);
  dialog.scrollTop = 0;
}

// Names of features become buttons.
for (const named of document.querySelectorAll("[data-feature]")) {
  const places = report.listed(named.dataset.feature);
  if (places.length === 0) continue;
  const comparison = report.comparisons.find((c) => c.number === Number(named.closest("[data-comparison]")?.dataset.comparison));
  const place = places.find((p) => p.set === comparison?.set) ?? places[0];
  const open = button("", { class: "name" }, () => openProtein(place, comparison));
  open.append(...named.childNodes);
  named.append(open);
}

const openAddress = () => {
  if (!location.hash.startsWith("#protein=")) return;
  let id;
  try {
    id = decodeURIComponent(location.hash.slice("#protein=".length));
  } catch {
    return;
  }
  const [place] = report.listed(id);
  if (place) openProtein(place);
};
addEventListener("hashchange", openAddress);

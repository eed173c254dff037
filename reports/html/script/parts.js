// What lies beneath a protein: its peptides or sites by sample, where a table of them was read.
const MOST_PARTS = 40;

const partsBox = element("div", { id: "parts" });
let partCharts = [];

// The samples of a list as names, cut where there are many.
function namesOf(samples) {
  const names = samples.map((sample) => report.samples.ids[sample]);
  return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
}

// Columns by the groups of a variable, those of no group last; all in one where it has no groups.
function partGroups(samples, by) {
  if (!by || by.levels.length === 0) return [["", samples.map((_, column) => column)]];
  const of = (wanted) => samples.flatMap((sample, column) => ((by.codes[sample] ?? null) === wanted ? [column] : []));
  return [...by.levels.map((level, k) => [level, of(k)]), ["unknown", of(null)]];
}

function saveParts(label, view, rows) {
  const number = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "");
  const head = [view.what, ...view.samples.map((sample) => report.samples.ids[sample])];
  save(`${fileName(`${label} ${view.what}`)}.csv`, "text/csv", csv([head, ...rows.map(({ label: id, values }) => [id, ...values.map(number)])]));
}

// One table of what was read beneath: drawn, listed with what is missing, and to be saved.
function partsSection(label, view, rows, by) {
  const seen = ({ values }) => values.filter(Number.isFinite).length;
  const ordered = [...rows].sort((a, b) => seen(b) - seen(a) || (a.label < b.label ? -1 : 1));
  const kept = ordered.slice(0, MOST_PARTS);
  const never = view.samples.filter((_, column) => rows.every(({ values }) => !Number.isFinite(values[column])));
  const title = element("h3", {}, `${rows.length.toLocaleString("en")} ${rows.length === 1 ? view.what.replace(/s$/, "") : view.what}`, view.name === view.what ? "" : " ", element("bdi", { class: "small" }, view.name === view.what ? "" : view.name));
  const figure = element("figure", { class: "live" });
  const plot = heatPlot({ groups: partGroups(view.samples, by), rows: kept, samples: view.samples, unit: view.unit });
  const body = element("tbody");
  for (const row of kept) {
    const missing = view.samples.filter((_, column) => !Number.isFinite(row.values[column]));
    body.append(element("tr", {}, element("td", {}, element("bdi", {}, row.label)), element("td", { class: "number" }, `${seen(row)} of ${view.samples.length}`), element("td", {}, element("bdi", {}, namesOf(missing)))));
  }
  const head = element("tr", {}, element("th", { scope: "col" }, view.what), element("th", { scope: "col", class: "number" }, "samples with a value"), element("th", { scope: "col" }, "missing in"));
  const table = element("details", {}, element("summary", {}, "Which samples are missing"), element("div", { class: "table", tabindex: "0" }, element("table", {}, element("thead", {}, head), body)));
  const notes = [];
  if (rows.length > kept.length) notes.push(`The ${kept.length} with the most values are shown; the file holds all.`);
  if (never.length) notes.push(`None has a value in ${namesOf(never)}.`);
  partsBox.append(title, element("p", { class: "small" }, notes.join(" ")), figure, table, element("p", {}, button(`${rows.length.toLocaleString("en")} rows as CSV`, {}, () => saveParts(label, view, rows))));
  const chart = live(figure, { name: `${label} ${view.what}`, height: plot.height, described: `${label}: ${rows.length} ${view.what} by sample. The table below says which samples are missing.`, option: plot.option });
  chart.tools.prepend(element("span", { class: "hint" }, plot.hint));
  partCharts.push(chart);
}

function showParts(label, places, by) {
  for (const { chart, kept } of partCharts) {
    drawn.delete(kept);
    chart.dispose();
  }
  partCharts = [];
  partsBox.replaceChildren();
  if (report.samplesLeftOut) return;
  const views = report.parts.flatMap((view) => {
    const mine = places.find((p) => p.set === view.set);
    return mine ? [{ view, rows: view.rowsOf(mine.place) }] : [];
  });
  for (const { view, rows } of views) if (rows.length) partsSection(label, view, rows, by);
  const none = views.filter(({ rows }) => rows.length === 0);
  const line = (text) => partsBox.append(element("p", { class: "small" }, text));
  if (views.length === 0) line("No table of its peptides or sites was read.");
  for (const { view } of none) line(view.whole ? `No ${view.what} of it were read.` : `Its ${view.what} are not on this page, which has no room for all.`);
}

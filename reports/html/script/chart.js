// Interactive figures: each takes the place of its static drawing when it comes into view, follows light and dark, and can
// be saved. Print and pages without script keep the static drawings.
const FONT = "system-ui, sans-serif";

// Okabe\u2013Ito, lighter on dark ground.
const palette = () =>
  theme.dark()
    ? { ink: "#e4e8ec", faint: "#a5afb9", line: "#343c45", page: "#15191e", raised: "#1d232a", none: "#2a313a", grey: "#8a95a0", lower: "#6cb8f0", higher: "#ff8a4c", mark: "#e4e8ec", groups: ["#6cb8f0", "#ff8a4c", "#2bc49a", "#e3a3c6", "#f0b94d", "#b3ddf5", "#a5afb9"] }
    : { ink: "#22272d", faint: "#55606a", line: "#d5dae0", page: "#ffffff", raised: "#ffffff", none: "#f7f7f5", grey: "#a9aeb5", lower: "#0072b2", higher: "#d55e00", mark: "#22272d", groups: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b"] };

// Where the keys of a figure need two lines.
const narrow = () => innerWidth < 760;

// Groups differ by shape too.
const SHAPES = ["circle", "rect", "triangle", "diamond", "roundRect", "pin", "arrow"];

function axis(title, colours, more = {}) {
  const { axisLabel = {}, ...rest } = more;
  return {
    type: "value", name: title, nameLocation: "middle", scale: true,
    nameTextStyle: { color: colours.ink, fontFamily: FONT, fontSize: 12.5 },
    axisLine: { show: true, onZero: false, lineStyle: { color: colours.faint } },
    axisTick: { lineStyle: { color: colours.faint } },
    axisLabel: { color: colours.faint, fontFamily: FONT, fontSize: 11.5, formatter: (value) => (typeof value === "number" ? String(value).replace("-", MINUS) : value), ...axisLabel },
    splitLine: { lineStyle: { color: colours.line } },
    ...rest,
  };
}

const tip = (colours) => ({
  trigger: "item", confine: true, backgroundColor: colours.raised, borderColor: colours.line, padding: [6, 10],
  textStyle: { color: colours.ink, fontFamily: FONT, fontSize: 13 }, extraCssText: "max-width:22rem;white-space:normal;",
});

// What a tooltip says, as text.
function told(title, lines) {
  const box = element("div", {}, element("b", {}, element("bdi", {}, title)));
  for (const line of lines) if (line) box.append(element("div", {}, line));
  return box;
}

const legend = (colours, data) => ({
  data, top: 0, left: 0, itemWidth: 12, itemHeight: 10, itemGap: 14, inactiveColor: colours.grey,
  textStyle: { color: colours.ink, fontFamily: FONT, fontSize: 12 },
});

const zoom = () => [
  { type: "inside", xAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "shift", moveOnMouseWheel: false },
  { type: "inside", yAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "shift", moveOnMouseWheel: false },
];

// What is drawn, so that the theme can be changed under it.
const drawn = new Set();
theme.follow(() => drawn.forEach((chart) => chart.redraw()));

// Makes the figure interactive: `option` gives the chart for a palette, `described` what it shows in words.
function live(figure, { option, described, name, zooms = false, picked, height }) {
  const box = element("div", { class: "chart", role: "img", "aria-label": described });
  if (height) box.style.height = `${height}px`;
  const tools = element("div", { class: "tools" });
  const caption = figure.querySelector("figcaption");
  if (caption) caption.before(box, tools);
  else figure.append(box, tools);
  figure.classList.add("live");
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const redraw = () => chart.setOption({ animation: false, ...option(palette()) }, { notMerge: true });
  redraw();
  const kept = { redraw };
  drawn.add(kept);
  if (picked) chart.on("click", picked);
  const size = new ResizeObserver(() => chart.resize());
  size.observe(box);
  if (zooms) {
    tools.append(element("span", { class: "hint" }, "Drag moves, Shift + wheel zooms."));
    tools.append(button("Whole", { title: "Show the whole figure again" }, redraw));
  }
  const saved = fileName(name);
  tools.append(
    button("SVG", { "aria-label": `Save as SVG: ${name}` }, () => {
      const still = echarts.init(null, null, { renderer: "svg", ssr: true, width: box.clientWidth, height: box.clientHeight });
      still.setOption({ animation: false, ...option(palette()), backgroundColor: palette().page });
      save(`${saved}.svg`, "image/svg+xml", still.renderToSVGString());
      still.dispose();
    }),
    button("PNG", { "aria-label": `Save as PNG: ${name}` }, () => {
      const link = element("a", { href: chart.getDataURL({ type: "png", pixelRatio: 3, backgroundColor: palette().page }), download: `${saved}.png` });
      link.click();
    }),
  );
  return { chart, redraw, tools, box, kept };
}

// Draws when the element comes near the window, one figure per idle moment.
const soon = (() => {
  const waiting = [];
  let asked = false;
  const idle = window.requestIdleCallback ?? ((act) => setTimeout(act, 30));
  const next = () => {
    asked = false;
    waiting.shift()?.();
    ask();
  };
  const ask = () => {
    if (asked || waiting.length === 0) return;
    asked = true;
    idle(next, { timeout: 300 });
  };
  const acts = new Map();
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((e) => e.isIntersecting)) {
        watch.unobserve(entry.target);
        waiting.push(acts.get(entry.target));
        acts.delete(entry.target);
      }
      ask();
    },
    { rootMargin: "300px" },
  );
  return (target, act) => {
    acts.set(target, act);
    watch.observe(target);
  };
})();

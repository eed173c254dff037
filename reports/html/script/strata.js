// Scores of the tests of a stratum, in the data and on decoys, with the score that one more test would have needed.
function strataOption(stratum, colours) {
  const bins = Math.max(stratum.target.length, stratum.decoy.length, 1);
  const end = bins * stratum.bin_width;
  const places = Array.from({ length: bins }, (_, k) => k);
  const counts = places.map((k) => stratum.target[k] ?? 0);
  const shares = places.map((k) => (stratum.decoy[k] ?? 0) / Math.max(stratum.n_decoys, 1));
  // As the drawings have it: log10(1 + count), so that what is not there has no height.
  const height = (count) => Math.log10(1 + count);
  const most = Math.max(...counts, ...shares, 1);
  const ticks = [0, ...Array.from({ length: 8 }, (_, power) => 10 ** power)].filter((tick) => tick <= most * 1.1);
  const score = (k) => (k * stratum.bin_width).toFixed(2);
  const names = ["your data", "one decoy, on average"];
  const cut = stratum.cut_off;
  return {
    tooltip: {
      ...tip(colours), trigger: "axis", axisPointer: { type: "shadow", label: { show: false } },
      formatter: (all) => {
        const k = all[0].dataIndex;
        const to = k === bins - 1 ? "or more" : `to ${score(k + 1)}`;
        return told(`score ${score(k)} ${to}`, [`${counts[k].toLocaleString("en")} in your data`, `${decimal(shares[k])} on one decoy, on average`]);
      },
    },
    legend: legend(colours, names),
    grid: { left: 54, right: 14, top: 34, bottom: 42 },
    xAxis: [
      { type: "category", data: places, show: false },
      axis(`score S = ${MINUS}log\u2081\u2080 p`, colours, { min: 0, max: end, position: "bottom", nameGap: 24, splitLine: { show: false }, axisPointer: { show: false }, axisLabel: { showMaxLabel: false } }),
    ],
    yAxis: axis("tests", colours, { nameGap: 38, min: 0, max: height(most) * 1.08, axisTick: { customValues: ticks.map(height) }, splitLine: { show: false }, axisLabel: { customValues: ticks.map(height), formatter: (value) => String(Math.round(10 ** value - 1)) } }),
    series: [
      { type: "bar", name: names[0], data: counts.map(height), barCategoryGap: "8%", barGap: "-100%", itemStyle: { color: colours.groups[5] } },
      { type: "bar", name: names[1], data: shares.map((share) => (share > 0 ? height(share) : null)), barCategoryGap: "8%", itemStyle: { color: "transparent", borderColor: colours.higher, borderWidth: 1.5 } },
      {
        type: "scatter", xAxisIndex: 1, data: [], silent: true,
        markLine: { silent: true, symbol: "none", animation: false, label: { show: true, formatter: "needed", color: colours.ink, fontFamily: FONT, fontSize: 11, position: "insideEndTop" }, lineStyle: { color: colours.ink, type: "dashed", width: 1 }, data: cut === null ? [] : [{ xAxis: Math.min(cut, end) }] },
      },
    ],
  };
}

for (const stratum of report.strata) {
  const figure = document.getElementById(stratum.anchor);
  if (!figure) continue;
  soon(figure, () => live(figure, {
    name: `scores ${stratum.heading}`,
    height: 250,
    described: `Histogram of scores, ${stratum.heading}: ${stratum.target.reduce((sum, n) => sum + n, 0)} tests in the data beside ${stratum.n_decoys} decoys.${stratum.cut_off === null ? "" : ` One more test would have needed a score of ${decimal(stratum.cut_off)}.`}`,
    option: (colours) => strataOption(stratum, colours),
  }));
}

// The data of the page. Columns are base64 and are decoded when something first asks for them.
const report = (() => {
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const decoded = new Map();
  const column = (at, Kind) => {
    if (!decoded.has(at)) {
      const text = atob(data.columns[at]);
      const bytes = new Uint8Array(text.length);
      for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
      decoded.set(at, new Kind(bytes.buffer));
    }
    return decoded.get(at);
  };
  const packed = (view) => Float64Array.from(column(view.steps, Int16Array), (k) => (k === -32768 ? NaN : view.low + (k + 32767) * view.step));
  const once = (make) => {
    let made;
    return () => (made ??= make());
  };

  const comparisons = data.comparisons.map((view) => {
    const floats = (at) => (at === null ? null : column(at, Float32Array));
    const places = () => (view.rows === null ? null : column(view.rows, Uint32Array));
    const rowOf = once(() => places() && new Map(Array.from(places(), (place, row) => [place, row])));
    const half = once(() => view.half && packed(view.half));
    const mean = once(() => view.mean && packed(view.mean));
    return {
      ...view,
      get p() { return floats(view.p); },
      get q() { return floats(view.q); },
      get effect() { return floats(view.effect); },
      get half() { return half(); },
      get mean() { return mean(); },
      // The feature of a row, and the row of a feature.
      place: (row) => (view.rows === null ? row : places()[row]),
      row(place) {
        if (view.rows !== null) return rowOf().get(place);
        return place < floats(view.p).length ? place : undefined;
      },
      rankOf: once(() => new Map(view.named)),
    };
  });

  const matrices = data.matrices.map((view) => {
    const width = view.samples.length;
    const places = () => (view.rows === null ? null : column(view.rows, Uint32Array));
    const rowOf = once(() => places() && new Map(Array.from(places(), (place, row) => [place, row])));
    const { low, step, steps } = view.values;
    const numbers = () => column(steps, Int16Array);
    const find = (place) => {
      const row = view.rows === null ? place : rowOf().get(place);
      return row === undefined || (row + 1) * width > numbers().length ? null : row;
    };
    return {
      ...view,
      has: (place) => find(place) !== null,
      // The values of a feature in the order of the samples, NaN where missing; none where it is not here.
      valuesOf(place) {
        const row = find(place);
        if (row === null) return null;
        const cells = numbers().subarray(row * width, (row + 1) * width);
        return Array.from(cells, (k) => (k === -32768 ? NaN : low + (k + 32767) * step));
      },
    };
  });

  const parts = data.parts.map((view) => {
    const width = view.samples.length;
    const owners = () => column(view.owners, Uint32Array);
    const { low, step, steps } = view.values;
    return {
      ...view,
      // The rows beneath a feature with their values in the order of the samples, NaN where missing.
      rowsOf(place) {
        const first = owners().indexOf(place);
        if (first < 0) return [];
        const rows = [];
        for (let row = first; owners()[row] === place; row++) {
          const cells = column(steps, Int16Array).subarray(row * width, (row + 1) * width);
          rows.push({ label: view.ids[row], values: Array.from(cells, (k) => (k === -32768 ? NaN : low + (k + 32767) * step)) });
        }
        return rows;
      },
    };
  });

  const label = (set, place) => data.features[set].symbols[place] || data.features[set].ids[place];
  // Every place where a feature of this id is listed.
  const places = once(() => {
    const all = new Map();
    data.features.forEach((set, at) => set.ids.forEach((id, place) => {
      if (all.has(id)) all.get(id).push({ set: at, place });
      else all.set(id, [{ set: at, place }]);
    }));
    return all;
  });
  const listed = (id) => places().get(id) ?? [];
  return { alpha: data.alpha, samplesLeftOut: data.samples_left_out, samples: data.samples, features: data.features, components: data.components, parts, sets: data.sets, grids: data.grids, strata: data.strata, comparisons, matrices, label, listed };
})();

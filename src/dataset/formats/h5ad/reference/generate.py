"""Makes the AnnData files beside this script and the values they hold, with anndata 0.12.19.

Python 3.11, numpy 1.26.4, pandas 2.3.3, scipy 1.17.1. Run: python generate.py
"""

import gzip
import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

anndata.settings.allow_write_nullable_strings = True
HERE = Path(__file__).parent
rng = np.random.default_rng(3)
expected = {}

# Single-cell proteomics: six cells, each a sample; dense, factors, nullable columns, a truth value.
obs = pd.DataFrame(
    {
        "cell_type": pd.Categorical(["monocyte", "macrophage"] * 3),
        "batch": ["a", "a", "a", "b", "b", "b"],
        "diameter": [10.5, 11.0, np.nan, 9.5, 12.0, 11.5],
        "passage": pd.array([1, None, 2, 3, 3, 1], dtype="Int64"),
        "viable": [True, False, True, True, True, True],
    },
    index=[f"cell{i}" for i in range(6)],
)
var = pd.DataFrame({"gene_symbol": ["TP53", "VCP", "ACTB"]}, index=["P04637", "P55072", "P60709"])
x = rng.gamma(2, 1e5, (6, 3)).astype("f4")
x[0, 0] = 0
anndata.AnnData(x, obs=obs, var=var).write_h5ad(HERE / "cells_as_samples.h5ad")
expected["cells_as_samples.h5ad"] = x.tolist()

# A panel over 240 cells of four samples, scaled, with counts in a layer as CSR; gzip in chunks.
n, markers = 240, ["CD3", "CD20", "CD14", "pS6", "pErk"]
sample = np.repeat(["ref1", "stim1", "ref2", "stim2"], n // 4)
kind = np.arange(n) % 2
mean = np.where(kind[:, None] == 0, [40, 0.2, 0.2, 1, 1], [0.2, 60, 0.2, 2, 1]).astype(float)
mean[(kind == 1) & np.char.startswith(sample, "stim"), 3] = 30
counts = rng.poisson(mean).astype("f4")
obs = pd.DataFrame(
    {
        "sample_id": pd.Categorical(sample),
        "condition": pd.Categorical([s[:-1] for s in sample]),
        "donor": [s[-1] for s in sample],
        "cluster": rng.integers(0, 5, n),
    },
    index=[f"c{i}" for i in range(n)],
)
scaled = (counts - counts.mean(0)) / (counts.std(0) + 1e-9)
adata = anndata.AnnData(scaled.astype("f4"), obs=obs, var=pd.DataFrame(index=markers))
adata.layers["counts"] = sparse.csr_matrix(counts)
adata.write_h5ad(HERE / "panel_scaled.h5ad", compression="gzip")
expected["panel_scaled.h5ad"] = counts.tolist()

# The same counts in X as CSC, by donor and condition without a column of samples, under the older encoding of factors.
obs = obs.drop(columns=["sample_id", "cluster"])
anndata.AnnData(sparse.csc_matrix(counts), obs=obs, var=pd.DataFrame(index=markers)).write_h5ad(
    HERE / "panel_csc.h5ad", compression="gzip"
)

# Packed, as HDF5 is mostly room for more.
for path in sorted(HERE.glob("*.h5ad")):
    (HERE / (path.name + ".gz")).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")

"""Inputs and expected values of cis_effect and own_genotype.

A linear model per row with the row's own genotype (statsmodels OLS), residual variances squeezed by the moment estimates of Smyth 2004
(doi:10.2202/1544-6115.1027, the legacy prior of limma) written out with scipy, and a refit without every sample in turn.

usage: python generate.py   (python 3.11, numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0, pandas 3.1.1; writes beside itself and to own_genotype)
"""

from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import t as student

HERE = Path(__file__).resolve().parent
THERE = HERE.parent.parent / "own_genotype" / "reference"
ROWS, SAMPLES = 40, 30
rng = np.random.default_rng(7)
samples = [f"s{j:02d}" for j in range(1, SAMPLES + 1)]
genes = [f"G{i:02d}" for i in range(1, ROWS + 1)]
batch = np.resize(["x", "y", "z"], SAMPLES)
burdened = np.where(np.arange(SAMPLES) % 4 == 0, 0.5, 0.25)
changes = [(gene, k) for gene in genes for k in (1, 2)]
change = (rng.random((len(changes), SAMPLES)) < burdened / 2).astype(float)
copies = rng.normal(0, 0.4, (ROWS, SAMPLES)) * np.where(np.arange(SAMPLES) % 3 == 0, 2, 1)
mutation = np.array([change[[c[0] == gene for c in changes]].max(axis=0) for gene in genes])
y = rng.normal(22, 0.5, (ROWS, SAMPLES)) + np.outer(rng.normal(size=ROWS), batch == "y")
y[:5] -= 0.9 * mutation[:5]
y[5:12] += 0.8 * copies[5:12]
y[rng.random(y.shape) < 0.12] = np.nan
change[:, 28:] = np.nan
mutation[:, 28:] = np.nan


def text(value):
    return "" if np.isnan(value) else format(value, ".17g")


def write(path, ids, symbols, values):
    lines = ["\t".join(["feature", "gene", *samples[: values.shape[1]]])]
    for row, symbol, cells in zip(ids, symbols, values):
        lines.append("\t".join([row, symbol, *map(text, cells)]))
    path.write_text("\n".join(lines) + "\n")


def squeezed(variance, df):
    """Prior degrees of freedom and prior variance by moments of the logarithm of scaled F."""
    z = np.log(np.maximum(variance, 1e-5 * np.median(variance)))
    e = z - digamma(df / 2) + np.log(df / 2)
    spread = e.var(ddof=1) - polygamma(1, df / 2).mean()
    if spread <= 0:
        return np.inf, variance.mean()
    half = brentq(lambda x: polygamma(1, x) - spread, 1e-6, 1e6, xtol=1e-14, rtol=1e-14)
    return 2 * half, np.exp(e.mean() + digamma(half) - np.log(half))


def design(burden):
    columns = [np.ones(SAMPLES), batch == "y", batch == "z", burden]
    return np.column_stack(columns).astype(float)


def one(i, nuisance, own, out=None):
    x = np.column_stack([nuisance, *(o[i] for o in own)])
    kept = ~np.isnan(y[i]) & ~np.isnan(x).any(axis=1)
    if out is not None:
        kept[out] = False
    fit = sm.OLS(y[i][kept], x[kept]).fit()
    return fit.params[-1], fit.bse[-1] / np.sqrt(fit.scale), fit.scale, fit.df_resid, kept


def expected(burden, own, file):
    nuisance = design(burden)
    fits = [one(i, nuisance, own) for i in range(ROWS)]
    variance, df = np.array([f[2] for f in fits]), np.array([f[3] for f in fits])
    prior_df, prior = squeezed(variance, df)

    def moderated(fit):
        effect, unscaled, scale, rest, _ = fit
        post = prior if np.isinf(prior_df) else (prior_df * prior + rest * scale) / (prior_df + rest)
        return effect, effect / (unscaled * np.sqrt(post)), prior_df + rest

    lines = ["feature,effect,CI.L,CI.R,t,P.Value,P.without_one,df,n"]
    for i, fit in enumerate(fits):
        effect, t, total = moderated(fit)
        total = min(total, df.sum())
        half = student.ppf(0.975, total) * abs(effect / t)
        weakest = 0.0
        for out in np.flatnonzero(fit[4]):
            again, t_again, total_again = moderated(one(i, nuisance, own, out))
            p = 2 * student.sf(abs(t_again), total_again) if again * effect > 0 else 1.0
            weakest = max(weakest, p)
        cells = [effect, effect - half, effect + half, t, 2 * student.sf(abs(t), total), weakest, fit[3], fit[4].sum()]
        lines.append(",".join([genes[i], *map(text, map(float, cells))]))
    (HERE / file).write_text("\n".join(lines) + "\n")


THERE.mkdir(exist_ok=True)
sheet = pd.DataFrame({"sample": samples, "batch": batch})
for folder in (HERE, THERE):
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    write(folder / "proteins.tsv", genes, genes, y)
ids = [f"{gene}_change{k}" for gene, k in changes]
write(THERE / "mutations.tsv", ids, [c[0] for c in changes], change)
write(THERE / "copies.tsv", genes, genes, copies)

mutated, changed = np.log2(1 + mutation.sum(axis=0)), np.abs(copies).mean(axis=0)
with_burden = [*genes, "(burden)"]
write(HERE / "mutations.tsv", with_burden, with_burden, np.vstack([mutation, mutated]))
write(HERE / "copies.tsv", with_burden, with_burden, np.vstack([copies, changed]))
for values, burden, last, file in (
    (mutation, mutated, 28, "expected.csv"),
    (copies, changed, 30, "expected_copies.csv"),
):
    lines = ["feature," + ",".join(samples[:last])]
    for gene, cells in zip(with_burden, np.vstack([values, burden])[:, :last]):
        lines.append(",".join([gene, *map(text, cells)]))
    (THERE / file).write_text("\n".join(lines) + "\n")
expected(mutated, [mutation], "expected.csv")
expected(changed, [copies], "expected_copies.csv")
expected(changed, [mutation, copies], "expected_beside.csv")

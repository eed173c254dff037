"""Expected values of power.rs and ranking.rs. Made with SciPy and scikit-learn; versions in versions.txt.

    python3 generate.py
"""

import random

import scipy
import sklearn
from scipy.stats import binom, fisher_exact, nct, t
from sklearn.metrics import roc_auc_score


def write(name, header, rows):
    with open(name, "w") as file:
        for row in [header, *rows]:
            file.write("\t".join(v if isinstance(v, str) else repr(v) for v in row) + "\n")


rows = []
for df in [2.0, 4.0, 8.5, 38.0, 400.0]:
    for ncp in [0.0, 1.5, 6.0, -2.0]:
        for x in [-1.0, 0.0, 2.1, 5.0, 9.0]:
            rows.append([x, df, ncp, float(nct.sf(x, df, ncp) if ncp else t.sf(x, df))])
write("noncentral_t.tsv", ["t", "df", "ncp", "upper"], rows)

rows = []
for n, m, p, q, alpha in [(3, 3, 0.02, 0.95, 0.05), (6, 6, 0.02, 0.95, 0.05), (6, 18, 0.1, 0.8, 0.001), (20, 20, 0.6, 0.1, 0.01)]:
    power = 0.0
    for a in range(n + 1):
        for b in range(m + 1):
            if (b / m - a / n) * (q - p) <= 0:
                continue
            if fisher_exact([[a, n - a], [b, m - b]]).pvalue <= alpha:
                power += binom.pmf(a, n, p) * binom.pmf(b, m, q)
    rows.append([n, m, p, q, alpha, float(power)])
write("fisher.tsv", ["n_first", "n_second", "p_first", "p_second", "alpha", "power"], rows)

generator = random.Random(5)
scores, areas = [], []
for case in ["plain", "ties", "useless"]:
    truth = [int(generator.random() < 0.3) for _ in range(60)]
    shift = 0.0 if case == "useless" else 1.0
    values = [generator.gauss(shift * true, 1.0) for true in truth]
    if case == "ties":
        values = [float(round(v)) for v in values]
    scores += [[case, v, true] for v, true in zip(values, truth)]
    areas.append([case, float(roc_auc_score(truth, values))])
write("auroc_scores.tsv", ["case", "score", "true"], scores)
write("auroc.tsv", ["case", "auroc"], areas)

values = [0.0, 0.0, 0.1, 0.25, 0.0, 0.05]
mean = sum(values) / len(values)
sd = (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
low, high = t.interval(0.95, len(values) - 1, loc=mean, scale=sd / len(values) ** 0.5)
write("mean_interval.tsv", ["mean", "low", "high"], [[mean, float(low), float(high)]])

with open("versions.txt", "w") as file:
    file.write(f"scipy {scipy.__version__}\nscikit-learn {sklearn.__version__}\n")

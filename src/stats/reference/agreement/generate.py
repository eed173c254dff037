"""Expected values of agreement.rs: krippendorff, pingouin, scikit-learn and choix; versions in versions.txt.

    python3 generate.py

`ratings.tsv` holds the ratings (case, unit, one column per rater; empty where missing), the other files what the packages
say of them. Intervals of rank correlations, which none of them has, are written by rank_interval.R.
"""

import importlib.metadata
import math
import random
import warnings

import choix
import krippendorff
import numpy
import pandas
import pingouin
from sklearn.metrics import cohen_kappa_score

pingouin.options["round"] = None
pingouin.options["round.column.CI95"] = None
RATERS = 4
LABELS = [1, 2, 3, 4, 5]


def text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isnan(value):
        return ""
    return repr(value.item() if hasattr(value, "item") else value)


def write(name, header, rows):
    with open(name, "w") as file:
        for row in [header, *rows]:
            file.write("\t".join(text(v) for v in row) + "\n")


def ratings(seed, units, noise, missing, bias):
    generator = random.Random(seed)
    table = []
    for _ in range(units):
        truth = generator.uniform(0.5, 5.5)
        row = []
        for rater in range(RATERS):
            value = min(5, max(1, round(truth + bias * rater + generator.gauss(0, noise))))
            row.append(math.nan if generator.random() < missing else float(value))
        table.append(row)
    return numpy.array(table)


CASES = {
    "close": ratings(1, 25, 0.5, 0.0, 0.0),
    "loose": ratings(2, 40, 1.5, 0.0, 0.0),
    "biased": ratings(3, 30, 0.6, 0.0, 0.5),
    "gaps": ratings(4, 60, 0.8, 0.3, 0.2),
    "unrelated": ratings(5, 20, 50.0, 0.1, 0.0),
}

rows, kappas, alphas, intraclass = [], [], [], []
for case, table in CASES.items():
    rows += [[case, f"u{unit}", *row] for unit, row in enumerate(table.tolist())]
    for a in range(RATERS):
        for b in range(a):
            both = ~numpy.isnan(table[:, a]) & ~numpy.isnan(table[:, b])
            kappa = cohen_kappa_score(
                table[both, a].astype(int), table[both, b].astype(int), labels=LABELS, weights="quadratic"
            )
            kappas.append([case, a, b, float(kappa)])
    alphas.append(
        [case]
        + [
            float(krippendorff.alpha(reliability_data=table.T, level_of_measurement=level))
            for level in ["ordinal", "interval"]
        ]
    )
    long = pandas.DataFrame(
        [
            {"unit": unit, "rater": rater, "rating": table[unit, rater]}
            for unit in range(len(table))
            for rater in range(RATERS)
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        icc = pingouin.intraclass_corr(long, "unit", "rater", "rating", nan_policy="omit").set_index("Type")
    single, average = icc.loc["ICC(A,1)"], icc.loc["ICC(A,k)"]
    complete = int((~numpy.isnan(table)).all(axis=1).sum())
    intraclass.append(
        [case, complete]
        + [float(v) for v in [single["ICC"], *single["CI95"], average["ICC"], *average["CI95"]]]
    )
write("ratings.tsv", ["case", "unit", *[f"r{r}" for r in range(RATERS)]], rows)
write("kappa.tsv", ["case", "first", "second", "kappa"], kappas)
write("krippendorff.tsv", ["case", "ordinal", "interval"], alphas)
write(
    "intraclass.tsv",
    ["case", "units", "single", "single_low", "single_high", "average", "average_low", "average_high"],
    intraclass,
)

generator = random.Random(6)
comparisons, strengths = [], []
for case, items, count, ties in [("sparse", 12, 40, False), ("separated", 6, 0, False), ("ties", 9, 120, True)]:
    wins = numpy.zeros((items, items))
    pairs = []
    if case == "separated":
        # The better item always wins: only `alpha` keeps the strengths finite.
        pairs = [(i, j) for i in range(items) for j in range(i + 1, items)]
    for _ in range(count):
        i, j = generator.sample(range(items), 2)
        if ties and generator.random() < 0.3:
            wins[i, j] += 0.5
            wins[j, i] += 0.5
        elif generator.random() < 1 / (1 + math.exp(0.4 * (i - j))):
            pairs.append((i, j))
        else:
            pairs.append((j, i))
    for i, j in pairs:
        wins[i, j] += 1.0
    dense = choix.ilsr_pairwise_dense(wins, alpha=0.1, max_iter=10_000)
    if not ties:
        assert numpy.allclose(dense, choix.ilsr_pairwise(items, pairs, alpha=0.1, max_iter=10_000), atol=1e-6)
    comparisons += [[case, i, j, float(wins[i, j])] for i in range(items) for j in range(items) if wins[i, j] > 0]
    strengths += [[case, i, float(value)] for i, value in enumerate(dense)]
write("comparisons.tsv", ["case", "winner", "loser", "times"], comparisons)
write("strengths.tsv", ["case", "item", "strength"], strengths)

with open("versions.txt", "w") as file:
    for package in ["choix", "krippendorff", "numpy", "pingouin", "scikit-learn", "scipy"]:
        file.write(f"{package} {importlib.metadata.version(package)}\n")

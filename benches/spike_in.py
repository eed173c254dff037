"""True and false positives of the bundled spike-in at Benjamini-Hochberg 5 %, beside plain Welch tests on the same table.

    python3 benches/spike_in.py PROTEUS [CONTRAST...]

Runs the analysis `differential_abundance` on `datasets/ups-yeast-ramus` as any user would; what is true, the human
proteins whose ids end in `ups`, is only looked at here. Welch is scipy's, on log2 of the same intensities after median
centring, for proteins with two values or more per group. Prints, asserts nothing.
"""

import csv
import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

DATASET = Path(__file__).parent.parent / "datasets" / "ups-yeast-ramus"
LEVELS = [50, 125, 250, 500, 2500, 5000, 12500, 25000, 50000]
CONTRASTS = [f"{b}amol-{a}amol" for a, b in zip(LEVELS, LEVELS[1:])] + ["50000amol-50amol"]


def welch(target, reference):
    with gzip.open(DATASET / "proteinGroups_filtered.txt.gz", "rt") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    columns = {level: [j for j, name in enumerate(header) if name.startswith(f"Intensity.{level}_")] for level in (target, reference)}
    values = np.array([[float("nan" if row[j] in ("", "NA") else row[j]) for j in columns[target] + columns[reference]] for row in rows])
    values[values <= 0] = np.nan
    values = np.log2(values)
    values -= np.nanmedian(values, axis=0)
    a, b = np.split(values, [len(columns[target])], axis=1)
    enough = ((~np.isnan(a)).sum(1) >= 2) & ((~np.isnan(b)).sum(1) >= 2)
    p = stats.ttest_ind(a[enough], b[enough], axis=1, equal_var=False, nan_policy="omit").pvalue
    names = [row[0] for row, kept in zip(rows, enough) if kept]
    return {name for name, q in zip(names, stats.false_discovery_control(np.asarray(p, dtype=float))) if q <= 0.05}


def ours(program, target, reference):
    with tempfile.TemporaryDirectory() as tables:
        command = [program, "tools", "run", "differential_abundance", DATASET, "--contrast", f"condition:{target}-{reference}", "--tables", tables]
        subprocess.run(command, check=True, capture_output=True)
        for path in sorted(Path(tables).rglob("*.tsv")):
            with open(path) as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            if rows and "adj.P.Val" in rows[0]:
                return {row["feature"] for row in rows if row["adj.P.Val"] and float(row["adj.P.Val"]) <= 0.05}
    sys.exit("the analysis wrote no table with adjusted p-values")


def main(program, *contrasts):
    print("contrast".ljust(22), "proteus true/false", "Welch true/false", sep="   ")
    for contrast in contrasts or CONTRASTS:
        target, reference = contrast.split("-")
        found = []
        for names in (ours(program, target, reference), welch(target, reference)):
            true = sum(name.lower().split("|")[0].endswith("ups") for name in names)
            found.append(f"{true:>8}/{len(names) - true:<9}")
        print(contrast.ljust(22), *found, sep="   ", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])

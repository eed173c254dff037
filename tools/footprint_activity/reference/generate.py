#!/usr/bin/env python3
"""Input and expected values of footprint_activity, from outputs of the trusted packages.

usage: generate.py ORACLES   (standard library only; written for Python 3.11)

ORACLES/out/sim1_small holds the log2 fold changes of limma 3.54.1 (de_limma_plain.tsv) and the KSEA z of 79 sets on them in R 4.2.2,
z = (mean(set) - mean(all)) * sqrt(m) / sd(all) (ksea_z.tsv); ORACLES/data/sim1_small/sets.gmt the sets. The fold changes are
one sample here and every member has the weight 1. Signed.tsv adds weights that differ: these were computed below from the same
formula with weights, sum(w * (x - mean)) / (sd * sqrt(sum(w * w))).
"""

import csv
import math
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).parent


def rows(path: pathlib.Path) -> list[dict[str, str]]:
    with path.open() as text:
        return list(csv.DictReader(text, delimiter="\t"))


def main() -> None:
    oracles = pathlib.Path(sys.argv[1])
    fold = {r["feature"]: r["logFC"] for r in rows(oracles / "out/sim1_small/de_limma_plain.tsv") if r["logFC"] not in ("", "NA")}
    with (HERE / "input.tsv").open("w") as out:
        out.write("feature\tgene\ts1\n")
        out.writelines(f"{f}\t{f}\t{v}\n" for f, v in fold.items())
    (HERE / "samples.tsv").write_text("sample\tarm\ns1\ta\n")
    sets = {}
    for line in (oracles / "data/sim1_small/sets.gmt").read_text().splitlines():
        name, _, *members = line.split("\t")
        sets[name] = [m for m in members if m in fold]
    z = {r["set"]: r["z"] for r in rows(oracles / "out/sim1_small/ksea_z.tsv")}
    with (HERE / "targets.tsv").open("w") as out, (HERE / "signed.tsv").open("w") as signed:
        for table in (out, signed):
            table.write("regulator\ttarget\tweight\n")
        for name in z:
            for k, member in enumerate(sets[name]):
                out.write(f"{name}\t{member}\t1\n")
                signed.write(f"{name}\t{member}\t{(-1) ** (k % 3) * (1 + k % 4)}\n")
    with (HERE / "expected.csv").open("w") as out:
        out.write("feature,s1\n")
        out.writelines(f"{name},{value}\n" for name, value in z.items())
    values = {f: float(v) for f, v in fold.items()}
    centre, spread = statistics.fmean(values.values()), statistics.stdev(values.values())
    with (HERE / "expected_signed.csv").open("w") as out:
        out.write("feature,s1\n")
        for name in z:
            weights = [(-1) ** (k % 3) * (1 + k % 4) for k in range(len(sets[name]))]
            total = math.fsum(w * (values[m] - centre) for w, m in zip(weights, sets[name], strict=True))
            out.write(f"{name},{total / (spread * math.sqrt(sum(w * w for w in weights)))!r}\n")


if __name__ == "__main__":
    main()

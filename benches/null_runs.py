"""How often does a run find something where nothing is? Runs `proteus` on copies of a dataset whose sample sheet has been
permuted (whole rows move between samples) and counts the runs that hold a `supported` hypothesis.

    python3 benches/null_runs.py PROGRAM DATASET_FOLDER SHEET ID_COLUMN [COPIES]

A copy is a true null only where the samples are exchangeable: with few samples of strongly different kinds some
permutations separate the kinds again, which the line of such a run shows.
"""

import csv
import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def opened(path, mode):
    return gzip.open(path, mode, newline="") if path.suffix == ".gz" else open(path, mode, newline="")


def permute(source, target, sheet, id_column, seed):
    """Copies `source` to `target` with the ids of `sheet` shuffled over its rows."""
    shutil.copytree(source, target)
    separator = "\t" if ".tsv" in sheet or ".txt" in sheet else ","
    with opened(source / sheet, "rt") as file:
        header, *rows = csv.reader(file, delimiter=separator)
    column = header.index(id_column)
    ids = [row[column] for row in rows]
    random.Random(seed).shuffle(ids)
    for row, sample in zip(rows, ids):
        row[column] = sample
    with opened(target / sheet, "wt") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows([header, *rows])


def main(program, folder, sheet, id_column, copies="20"):
    found = 0
    with tempfile.TemporaryDirectory() as work:
        for seed in range(int(copies)):
            copy = Path(work) / f"copy-{seed}"
            permute(Path(folder), copy, sheet, id_column, seed)
            command = [program, "run", copy, "--quiet", "--out", Path(work) / "runs", "--seed", str(seed)]
            run = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            report = json.loads((Path(run) / "report" / "report.json").read_text())
            supported = [h["statement"] for h in report["hypotheses"] if h["grade"] == "supported"]
            found += bool(supported)
            print(f"{copy.name}: {len(supported)} supported", *supported[:1], flush=True)
            shutil.rmtree(copy)
    print(f"{found} of {copies} runs hold a supported hypothesis")


if __name__ == "__main__":
    main(*sys.argv[1:])

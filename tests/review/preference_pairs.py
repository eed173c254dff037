"""`proteus review --preferences` through Hugging Face `datasets`: the file loads as it is, with the columns and types of an
explicit-prompt preference dataset in standard form. Where `trl` is installed too, its own readers judge the rows.

    python3 tests/review/preference_pairs.py PROGRAM RUN

A copy of RUN is reviewed by two made-up people. Without `datasets` it says so and ends with 0; with PREFERENCE_PAIRS=required
it ends with 1.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROGRAM, RUN = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
COLUMNS = ("prompt", "chosen", "rejected")

try:
    from datasets import Value, load_dataset
except ImportError as error:
    print(f"SKIPPED: preference pairs were not loaded: {error}; `just preference-pairs` installs it", file=sys.stderr)
    sys.exit(1 if os.environ.get("PREFERENCE_PAIRS") == "required" else 0)


def proteus(*arguments):
    ended = subprocess.run([PROGRAM, *arguments, "--quiet"], capture_output=True, text=True)
    assert ended.returncode == 0, (arguments, ended.stderr)
    return ended.stdout


def reviewed(run, sheet):
    """Two people score the first hypotheses, one rewords the first in a text that CSV and JSON must quote."""
    hypotheses = json.loads(proteus("report", run, "--format", "json"))["hypotheses"][:6]
    assert len(hypotheses) >= 2, "the run has too few hypotheses to prefer one"
    with open(sheet, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["hypothesis", "reviewer", "reliability", "novelty", "decision", "proposed_statement"])
        for k, h in enumerate(hypotheses):
            better = 'It "binds", or seems to:\tsee – β\u2192γ.' if k == 0 else ""
            rows.writerow([h["id"], "Anna", 5 - k % 3, 1 + k % 5, "", better])
            rows.writerow([h["id"], "Ben", "", "", ["accept", "park", "reject"][k % 3], ""])
    proteus("review", run, "--import", sheet)


with tempfile.TemporaryDirectory() as folder:
    run, pairs = Path(folder) / "run", Path(folder) / "pairs.jsonl"
    shutil.copytree(RUN, run)
    shutil.rmtree(run / "reviews", ignore_errors=True)
    reviewed(run, Path(folder) / "sheet.csv")
    proteus("review", run, "--preferences", pairs)
    lines = [json.loads(line) for line in pairs.read_text().splitlines()]
    loaded = load_dataset("json", data_files=str(pairs), split="train", cache_dir=str(Path(folder) / "cache"))

    assert loaded.num_rows == len(lines) > 0, (loaded.num_rows, len(lines))
    for column in COLUMNS:
        assert loaded.features[column] == Value("string"), loaded.features
    assert loaded.features["margin"] == Value("float64"), loaded.features
    for row, line in zip(loaded, lines):
        assert {c: row[c] for c in line} == line, "what is loaded is what was written"
        assert all(row[c] for c in COLUMNS) and row["chosen"] != row["rejected"] and row["margin"] > 0, row
    reasons = set(loaded["reason"])
    assert reasons == {"scores", "decision", "edit"}, reasons

    judged = ""
    try:
        from trl.data_utils import is_conversational, maybe_extract_prompt

        # What its trainers do first: a row in standard form with its prompt given stays as it is.
        for row in loaded:
            assert not is_conversational(row) and maybe_extract_prompt(row) == row, row
        judged = f"; trl {version('trl')} takes them as they are"
    except (ImportError, PackageNotFoundError) as error:
        print(f"SKIPPED: trl was not asked: {error}", file=sys.stderr)
    print(f"{loaded.num_rows} preference pairs load in datasets {version('datasets')} with the columns {', '.join(loaded.column_names)}{judged}")

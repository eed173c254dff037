"""One line of `proteus inspect` per dataset folder: format, level, quantity and scale of every assay, features × samples,
groups of the first comparison, problems. Usage: inspect_all.py PROTEUS FOLDER...; a FOLDER that holds folders stands for
each of them, and files of a folder called `*fixtures*` are looked at one by one. Prints, asserts nothing.
"""

import json
import os
import subprocess
import sys


def inspected(program, path):
    run = subprocess.run([program, "inspect", path, "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        first = run.stderr.strip().splitlines() or ["no message"]
        return None, f"refused (exit code {run.returncode}): {first[0].removeprefix('error: ')}"
    return json.loads(run.stdout), ""


def scale(assay):
    found = assay["scale"]
    return found if isinstance(found, str) else next(iter(found))


def line(seen):
    assays = [
        f"{a['format']} {a['level']} {a['quantity']} {scale(a)} {a['features']} × {a['samples']}"
        for a in seen["assays"]
    ]
    contrasts = seen["design"]["contrasts"]
    groups = "no groups"
    if contrasts:
        name = contrasts[0]["variable"]
        levels = next((v["levels"] for v in seen["variables"] if v["name"] == name), [])
        groups = f"{name}: " + ", ".join(f"{level} {n}" for level, n in levels[:8])
        if len(levels) > 8:
            groups += f" and {len(levels) - 8} more"
    counts = {}
    for p in seen["problems"] + seen["design"]["checks"]:
        key = f"{p['severity']} {p['rule']}"
        counts[key] = counts.get(key, 0) + 1
    problems = ", ".join(key + (f" ({n}×)" if n > 1 else "") for key, n in sorted(counts.items()))
    set_apart = len(seen["samples"]["excluded"])
    apart = f"; {set_apart} samples set apart" if set_apart else ""
    return f"{' + '.join(assays)}; {groups}{apart}; {problems or 'no problems'}"


def targets(folder):
    entries = sorted(os.listdir(folder))
    below = [e for e in entries if os.path.isdir(os.path.join(folder, e))]
    if below and not any(os.path.isfile(os.path.join(folder, e)) and e == "dataset.yaml" for e in entries):
        for name in below:
            if not name.startswith("kb-") and name != "knowledge":
                yield from targets(os.path.join(folder, name))
        return
    yield os.path.basename(folder.rstrip("/")), folder
    if "fixtures" in folder:
        for name in entries:
            if not name.lower().startswith("readme"):
                yield f"{os.path.basename(folder.rstrip('/'))}/{name}", os.path.join(folder, name)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for folder in sys.argv[2:]:
        for name, path in targets(folder):
            seen, refused = inspected(sys.argv[1], path)
            print(f"{name}: {line(seen) if seen else refused}", flush=True)


main()

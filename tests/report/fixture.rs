//! A small finished run, made by hand: nine pull-downs in three groups, two comparisons, seven hypotheses.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use polars::prelude::DataFrame;
use proteus::dataset::{
    Arm, Assay, Contrast, Dataset, DatasetRecord, Feature, FeatureLevel, Inference, Problem,
    Quantity, Removed, Role, SampleMetadata, Scale, Severity, Source, SourceFile, Variable,
};
use proteus::discovery::{
    Archetype, AuditReport, AxisScore, Calibration, Check, Claim, DecoyAudit, Direction, Entity,
    EntityKind, ErrorRate, Estimate, Evidence, Finding, FindingId, FiveAxes, Flag, Grade,
    Hypothesis, NextExperiment, Objective, ObjectiveId, ObjectiveStatus, PValue, QValue, Question,
    Relation, Robustness, RobustnessRow, SampleCounts, ScoreHistogram, StratumRecord,
    SupportReference, Target, Verdict,
};
use proteus::run::tables::write_parquet;
use proteus::run::{Event, NewRun, OutputKind, OutputRecord, RunStore, StepInput, StepRecord};
use proteus::tool::TableBuilder;
use proteus_stats::matrix::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

const PROTEINS: usize = 600;
const NAMED: [(&str, f64); 8] = [
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
const CONTRAST: &str = "condition:Ubi4-Ctrl";
const OBJECTIVE: &str = "condition-Ubi4-Ctrl";

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
struct Row {
    effect: f64,
    se: f64,
    p: f64,
    q: f64,
}

fn write_steps(store: &RunStore, dataset: &Dataset, texts: &Texts) -> Vec<Row> {
    let assay = dataset.assay();
    let feature: Vec<String> = assay.features.iter().map(|f| f.id.clone()).collect();
    let gene: Vec<String> = assay
        .features
        .iter()
        .map(|f| f.label().to_owned())
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
        .text("gene", vec![assay.features[6].label().to_owned()])
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

fn objectives() -> Vec<Objective> {
    let objective = |id: &str, text: &str, target: Target, status: ObjectiveStatus| Objective {
        id: ObjectiveId(id.to_owned()),
        text: text.to_owned(),
        questions: vec![Question {
            subject: EntityKind::Protein,
            relation: Relation::DiffersBetween,
            object: EntityKind::SampleGroup,
        }],
        target,
        why: "the condition has two levels with three samples each".to_owned(),
        covariates: Vec::new(),
        blocking: None,
        within: Vec::new(),
        priority: 0.8,
        prior: 0.5,
        generation: 0,
        parent: None,
        status,
    };
    let contrast = Target::Contrast {
        contrast: CONTRAST.to_owned(),
    };
    vec![
        objective(
            OBJECTIVE,
            "Which proteins and pathways differ between Ubi4 and Ctrl?",
            contrast,
            ObjectiveStatus::Answered {
                summary: "8 of 600 proteins differ".to_owned(),
            },
        ),
        objective(
            "structure",
            "Do the samples fall into groups nobody asked for?",
            Target::Structure,
            ObjectiveStatus::Retired {
                reason: "nine samples are too few to look for subtypes".to_owned(),
            },
        ),
    ]
}

fn audit() -> AuditReport {
    let check = |code: &str, verdict, reason: &str, fix: &str, concerns: Option<&str>| Check {
        code: code.to_owned(),
        verdict,
        reason: reason.to_owned(),
        fix: fix.to_owned(),
        concerns: concerns.map(str::to_owned),
    };
    AuditReport::new(
        vec![
            check(
                "few_replicates",
                Verdict::Warn,
                "three samples per group leave four residual degrees of freedom",
                "measure at least five per group",
                Some(CONTRAST),
            ),
            check(
                "batch",
                Verdict::Pass,
                "day is balanced over the groups",
                "",
                None,
            ),
        ],
        &[CONTRAST.to_owned()],
    )
}

fn calibration() -> Calibration {
    let stratum =
        |archetype, members: usize, selected, target: Vec<u64>, decoy: Vec<u64>| StratumRecord {
            id: format!("{OBJECTIVE} / {archetype:?} / proteins"),
            objective: ObjectiveId(OBJECTIVE.to_owned()),
            archetype,
            members,
            pooled: true,
            null: "the abundance of a protein is unrelated to Ubi4 v Ctrl".to_owned(),
            decoys: "effect-removed rotation of residuals".to_owned(),
            n_decoys: 400,
            relabellings: Some(20.0),
            stopped_for_futility: false,
            min_q: 0.0011,
            floor: 0.0011,
            selected,
            histogram: ScoreHistogram {
                bin_width: 0.25,
                target,
                decoy,
            },
        };
    let decoy = |scale: f64| -> Vec<u64> {
        (0..16)
            .map(|k| (scale * 10f64.powf(-0.25 * f64::from(k))) as u64)
            .collect()
    };
    Calibration {
        strata: vec![
            stratum(
                Archetype::DifferentialProtein,
                600,
                true,
                vec![255, 148, 84, 49, 27, 13, 6, 4, 2, 1, 0, 1, 1, 2, 3, 4],
                decoy(105_000.0),
            ),
            stratum(
                Archetype::PathwayShift,
                40,
                true,
                vec![17, 10, 5, 3, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1],
                decoy(7_000.0),
            ),
        ],
        strata_charged: 5,
        strata_selected: 2,
        tests_run: 1_240,
        audit: DecoyAudit {
            supported_per_run: vec![0; 20],
            grades_lowered: false,
            summary: "Run on 20 datasets in which nothing is true, the whole procedure found a supported hypothesis in none."
                .to_owned(),
        },
        promises: vec![
            "On average at most 5 % of supported associations are false, if the named null holds."
                .to_owned(),
            "Nothing is promised about cause or mechanism.".to_owned(),
        ],
    }
}

fn findings(rows: &[Row], texts: &Texts) -> Vec<Finding> {
    let arm = || Entity::new(EntityKind::SampleGroup, CONTRAST, "Ubi4 than in Ctrl");
    let p = |p: f64| PValue::try_from(p).unwrap();
    let q = |q: f64| QValue::try_from(q).unwrap();
    let mut findings = Vec::new();
    for (i, (name, _)) in NAMED.iter().enumerate().filter(|(i, _)| *i != 6) {
        let row = &rows[i];
        let key = format!("P{:05}", 10_000 + i);
        let symbol = if i == 0 { texts.symbol.as_str() } else { name };
        findings.push(Finding {
            id: FindingId(format!("differential-1/differential/{key}")),
            objective: ObjectiveId(OBJECTIVE.to_owned()),
            subject: Entity::new(EntityKind::Protein, &key, symbol),
            relation: Relation::DiffersBetween.directed(row.effect),
            object: arm(),
            effect: Estimate {
                value: row.effect,
                low: Some(row.effect - 2.4 * row.se),
                high: Some(row.effect + 2.4 * row.se),
                level: 0.95,
                unit: "log2 fold change".to_owned(),
            },
            statistic: row.effect / row.se,
            p: p(row.p),
            q: q(row.q),
            n: SampleCounts {
                reference: Some(3),
                target: Some(3),
                total: 6,
            },
            family_size: 600,
            evidence: Evidence {
                step: "differential-1".to_owned(),
                tool: "differential_abundance".to_owned(),
                table: "differential".to_owned(),
                key_column: "feature".to_owned(),
                key,
            },
        });
    }
    let mut set = findings[0].clone();
    set.id = FindingId("pathways-1/pathways/GO:0000".to_owned());
    set.subject = Entity::new(EntityKind::Pathway, "GO:0000", &texts.set);
    set.effect.value = 1.9;
    set.effect.low = Some(1.4);
    set.effect.high = Some(2.4);
    set.effect.unit = "mean log2 fold change over all proteins".to_owned();
    set.evidence = Evidence {
        step: "pathways-1".to_owned(),
        tool: "rank_enrichment".to_owned(),
        table: "pathways".to_owned(),
        key_column: "set".to_owned(),
        key: "GO:0000".to_owned(),
    };
    findings.insert(3, set);
    findings
}

fn hypotheses(findings: &[Finding]) -> Vec<Hypothesis> {
    let made = findings.iter().enumerate();
    made.map(|(k, finding)| hypothesis(k, finding)).collect()
}

fn hypothesis(k: usize, finding: &Finding) -> Hypothesis {
    let pathway = finding.subject.kind == EntityKind::Pathway;
    let archetype = if pathway {
        Archetype::PathwayShift
    } else {
        Archetype::DifferentialProtein
    };
    let q = [0.0011, 0.0011, 0.0042, 0.011, 0.038, 0.09, 0.19, 0.6][k];
    let grade = match q {
        q if q <= 0.05 => Grade::Supported,
        q if q <= 0.25 => Grade::Suggestive,
        _ => Grade::Exploratory,
    };
    let symbol = &finding.subject.symbol;
    let claim = Claim {
        subject: finding.subject.clone(),
        relation: finding.relation,
        object: finding.object.clone(),
        direction: Direction::of(finding.effect.value),
        value: finding.effect.value,
        unit: finding.effect.unit.clone(),
        finding: finding.id.clone(),
    };
    Hypothesis {
        id: format!("H{:08x}", 0x51ab_0000u32 + k as u32),
        rank: k + 1,
        statement: format!(
            "{symbol} is {} in pull-downs with chains of four ubiquitins than in the control.",
            if finding.effect.value < 0.0 {
                "less abundant"
            } else {
                "more abundant"
            }
        ),
        archetype,
        objective: finding.objective.clone(),
        context: "chains, assay proteins, three Ubi4 and three Ctrl samples".to_owned(),
        grade,
        grade_reasons: vec![
            format!("q {q} over the whole menu"),
            "no check failed".to_owned(),
        ],
        error_rate: ErrorRate {
            null: format!("{symbol} is unrelated to Ubi4 v Ctrl; no covariates"),
            decoys: "effect-removed rotation of residuals".to_owned(),
            stratum: format!("{OBJECTIVE} / {archetype:?} / proteins"),
            stratum_size: 600,
            p_decoy: finding.p,
            p: finding.p,
            q_stratum: QValue::try_from(q).unwrap(),
            q: QValue::try_from(q).unwrap(),
            floor: 0.0011,
            n_decoys: 400,
        },
        evidence_score: finding.p.evidence_score(),
        direction: Direction::of(finding.effect.value),
        contrast: Some(CONTRAST.to_owned()),
        entities: vec![finding.subject.clone(), finding.object.clone()],
        effect: Estimate {
            level: 0.996,
            ..finding.effect.clone()
        },
        n: finding.n,
        claims: vec![claim],
        findings: vec![finding.id.clone()],
        mechanism: Vec::new(),
        tests_considered: 600,
        robustness: Robustness {
            held: 11 - k,
            tried: 12,
            breaking: Some("normalisation = quantile".to_owned()),
            leave_one_out: Some((6, 6)),
            rows: vec![
                RobustnessRow {
                    choice: "normalisation = none".to_owned(),
                    effect: finding.effect.value * 1.1,
                    p: 0.001,
                    held: true,
                },
                RobustnessRow {
                    choice: "normalisation = quantile".to_owned(),
                    effect: f64::NAN,
                    p: f64::NAN,
                    held: false,
                },
            ],
        },
        flags: if k == 2 {
            vec![Flag {
                code: "few_peptides".to_owned(),
                text: "Quantified from one peptide.".to_owned(),
                lowers_grade: false,
            }]
        } else {
            Vec::new()
        },
        alternatives: vec!["Bound to the beads rather than to the chains.".to_owned()],
        refuted_by: format!(
            "No enrichment of {symbol} in five further pull-downs with the same bait (95 % CI includes 0)."
        ),
        next_experiment: NextExperiment {
            assay: "western blot of the pull-down".to_owned(),
            samples_per_arm: Some(4),
            expected_effect: Some(finding.effect.value * 0.8),
            standard_deviation: Some(0.6),
            text: format!(
                "Western blot for {symbol} in fresh pull-downs with Ubi4 and empty beads."
            ),
        },
        support: vec![SupportReference {
            pack: "go 2024-06-17".to_owned(),
            entry: "GO:0043130".to_owned(),
            text: format!("{symbol} is annotated with ubiquitin binding"),
            supports: true,
        }],
        scores: FiveAxes {
            reliability: AxisScore::of(
                5 - k as i32 / 2,
                "q at the floor, holds in most variations",
            ),
            coherence: AxisScore::of(4, "known binding partner of the bait"),
            alignment: AxisScore::not_assessed("no pack speaks of this condition"),
            novelty: AxisScore::of(2, "the annotation is known"),
            evaluability: AxisScore::of(5, "an antibody exists and the effect is large"),
        },
        absorbed: Vec::new(),
    }
}

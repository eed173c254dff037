//! From sheets and names to groups, comparisons and their checks.

use super::super::{Contrast, DesignRule, Role, SampleMetadata, Severity, Variable};
use super::{Experiment, SHEET, TABLE};

#[test]
fn a_folder_is_table_and_sheet() {
    let d = Experiment::new().open().unwrap();
    assert_eq!(
        d.samples.ids,
        ["ctrl_1", "ctrl_2", "ctrl_3", "drug_1", "drug_2", "drug_3"]
    );
    assert_eq!(d.samples.variables["condition"].role, Role::Condition);
    assert_eq!(
        d.samples.variables["condition"].reference_level.as_deref(),
        Some("ctrl")
    );
    assert_eq!(d.samples.variables["batch"].role, Role::Batch);
    let ids: Vec<&str> = d.design.proposed.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["condition:drug-ctrl"]);
    let (reference, target) = d.design.proposed[0].sample_indices(&d.samples);
    assert_eq!((reference, target), (vec![0, 1, 2], vec![3, 4, 5]));
}

#[test]
fn values_follow_samples_when_the_sheet_is_shuffled() {
    let it = Experiment::new();
    let straight = it.sheet(SHEET).unwrap();
    let mut lines: Vec<&str> = SHEET.lines().collect();
    lines[1..].reverse();
    let shuffled = it.sheet(lines.join("\n")).unwrap();
    assert_eq!(straight.samples.ids, shuffled.samples.ids);
    assert_eq!(
        straight.assay().values.row(0),
        shuffled.assay().values.row(0)
    );
    let group = |d: &super::Dataset, i: usize| {
        d.samples.variables["condition"]
            .group_of(i)
            .map(str::to_string)
    };
    assert!((0..6).all(|i| group(&straight, i) == group(&shuffled, i)));
}

#[test]
fn without_a_sheet_the_names_tell_the_groups() {
    let it = Experiment::new();
    std::fs::remove_file(it.path("sheet.tsv")).unwrap();
    let d = it.table(TABLE).unwrap();
    assert_eq!(
        d.samples.variables["condition"].level_counts(),
        [("ctrl".into(), 3), ("drug".into(), 3)]
    );
    assert!(
        d.inferences
            .iter()
            .any(|i| i.what == "design" && i.override_with.contains("--samples"))
    );
}

#[test]
fn one_sample_per_group_fails_the_contrast_but_opens() {
    let it = Experiment::new();
    let d = it
        .sheet("sample\tcondition\nctrl_1\tctrl\ndrug_1\tdrug\n")
        .unwrap();
    assert_eq!(d.samples.len(), 2);
    assert_eq!(d.samples.excluded.len(), 4);
    assert!(d.design.fails("condition:drug-ctrl"));
    assert!(
        d.design
            .checks
            .iter()
            .any(|c| c.rule == DesignRule::Replicates && c.severity == Severity::Fail)
    );
}

#[test]
fn a_batch_that_is_the_group_fails_the_contrast() {
    let it = Experiment::new();
    let confounded = SHEET
        .replace("ctrl\tb", "ctrl\ta")
        .replace("drug\ta", "drug\tb");
    let d = it.sheet(confounded).unwrap();
    assert!(d.design.fails("condition:drug-ctrl"));
    assert!(
        d.design
            .checks
            .iter()
            .any(|c| c.rule == DesignRule::Confounding && c.message.contains("`batch`"))
    );
    assert!(!it.sheet(SHEET).unwrap().design.fails("condition:drug-ctrl"));
}

#[test]
fn subjects_on_both_sides_are_paired_and_repeats_are_noticed() {
    let it = Experiment::new();
    let paired = "sample\tcondition\tpatient\nctrl_1\tctrl\tp1\nctrl_2\tctrl\tp2\nctrl_3\tctrl\tp3\n\
        drug_1\tdrug\tp1\ndrug_2\tdrug\tp2\ndrug_3\tdrug\tp3\n";
    let d = it.sheet(paired).unwrap();
    assert_eq!(d.design.proposed[0].blocking, ["patient"]);
    let repeated = paired
        .replace("drug\tp2", "drug\tp1")
        .replace("drug\tp3", "drug\tp1");
    let d = it.sheet(repeated).unwrap();
    assert!(
        d.design
            .checks
            .iter()
            .any(|c| c.rule == DesignRule::PseudoReplication && c.severity == Severity::Fail)
    );
}

#[test]
fn sheets_are_matched_through_clutter() {
    let it = Experiment::new();
    let paths = SHEET
        .replace("\nctrl_", "\nD:\\raw\\ctrl_")
        .replace("\ndrug_", "\n/data/drug_")
        .replace("\tctrl\t", ".raw\tctrl\t")
        .replace("\tdrug\t", ".mzML\tdrug\t");
    assert_eq!(it.sheet(paths).unwrap().samples.ids[0], "ctrl_1");
    let shouted = SHEET.replace("ctrl_", "CTRL ").replace("drug_", "Drug-");
    assert_eq!(it.sheet(shouted).unwrap().samples.len(), 6);
    let split = "condition\treplicate\nctrl\t1\nctrl\t2\nctrl\t3\ndrug\t1\ndrug\t2\ndrug\t3\n";
    assert_eq!(it.sheet(split).unwrap().samples.len(), 6);
}

#[test]
fn a_sheet_of_another_experiment_of_the_same_shape_does_not_match() {
    let it = Experiment::new();
    let other = SHEET.replace("ctrl_", "exp7_a").replace("drug_", "exp7_b");
    assert!(it.sheet(other).is_err());
}

#[test]
fn samples_can_be_left_out_and_roles_declared() {
    let it = Experiment::new();
    it.write(
        "dataset.yaml",
        "name: small\ntables: [{file: table.tsv, assay: p}]\nsamples: [{file: sheet.tsv, id: sample}]\n\
         exclude: {sample: [ctrl_3]}\nroles: {batch: ignored}\nreference_levels: {condition: drug}\n",
    );
    let d = it.open().unwrap();
    assert_eq!(
        (
            d.name.as_str(),
            d.samples.len(),
            d.assays.keys().next().unwrap().as_str()
        ),
        ("small", 5, "p")
    );
    assert_eq!(d.samples.variables["batch"].role, Role::Ignored);
    assert_eq!(d.design.proposed[0].id, "condition:ctrl-drug");
    assert_eq!(d.samples.excluded[0].id, "ctrl_3");
}

#[test]
fn declared_contrasts_keep_their_name_and_blocking() {
    let it = Experiment::new();
    it.write(
        "dataset.yaml",
        "tables: [{file: table.tsv}]\nsamples: [{file: sheet.tsv}]\n\
         contrasts: [{id: effect, variable: condition, reference: ctrl, target: drug, blocking: [batch]}]\n",
    );
    let d = it.open().unwrap();
    assert_eq!(
        (
            d.design.contrasts[0].title(),
            d.design.contrasts[0].blocking.join("")
        ),
        ("effect (condition:drug-ctrl)".into(), "batch".into())
    );
}

#[test]
fn the_hash_follows_the_bytes_and_the_options() {
    let it = Experiment::new();
    let first = it.open().unwrap().content_hash;
    assert_eq!(first, it.open().unwrap().content_hash);
    it.write("table.tsv", TABLE.replace("1.1e6", "1.3e6"));
    assert_ne!(first, it.open().unwrap().content_hash);
}

#[test]
fn subsets_keep_order_and_drop_unused_levels() {
    let d = Experiment::new().open().unwrap();
    let s = d.subset(&[4, 3]);
    assert_eq!(s.samples.ids, ["drug_2", "drug_1"]);
    assert_eq!(s.samples.variables["condition"].levels(), ["drug"]);
    assert_eq!(s.assay().values.get(0, 0), d.assay().values.get(0, 4));
}

#[test]
fn a_name_of_the_other_group_is_noticed() {
    let it = Experiment::new();
    let header = TABLE.lines().next().unwrap();
    let names: Vec<String> = (1..=10).map(|k| format!("s{k}")).collect();
    let row = |id: &str, base: f64| {
        let cells: Vec<String> = (0..10).map(|k| (base + f64::from(k)).to_string()).collect();
        format!("{id}\t{id}\t{}\n", cells.join("\t"))
    };
    assert!(header.starts_with("Protein\tGene"));
    it.write(
        "table.tsv",
        format!(
            "Protein\tGene\t{}\n{}{}",
            names.join("\t"),
            row("P04637", 2e6),
            row("P55072", 3e7)
        ),
    );
    let rows: String = (1..=10)
        .map(|k| {
            let tumour = k <= 5;
            let called = if tumour && k != 5 { "T" } else { "N" };
            format!(
                "s{k}\t{}\t{called}_{k}\n",
                if tumour { "Tumor" } else { "Normal" }
            )
        })
        .collect();
    let d = it
        .sheet(format!("sample\tcondition\tsample_name\n{rows}"))
        .unwrap();
    let found: Vec<&str> = d
        .problems
        .iter()
        .filter(|p| p.rule == "name_contradicts_group")
        .map(|p| p.message.as_str())
        .collect();
    assert!(
        matches!(found[..], [message] if message.starts_with("`s5` is called `N_5`")),
        "{found:?}"
    );
}

#[test]
fn contrasts_are_read_with_hyphens_pooled_arms_and_any_case() {
    let labels: Vec<Option<String>> = ["MSI-H", "MSS", "CNV-high", "MSS"]
        .iter()
        .map(|l| Some((*l).to_string()))
        .collect();
    let mut samples = SampleMetadata::new((0..4).map(|i| format!("s{i}")).collect());
    samples.insert(Variable::categorical("subtype", &labels, Role::Clinical));
    let parse = |spec: &str| Contrast::parse(spec, &samples).unwrap();
    assert_eq!(parse("subtype:MSI-H-MSS").id, "subtype:MSI-H-MSS");
    assert_eq!(parse("subtype:msi-h-mss").target.levels, ["MSI-H"]);
    assert_eq!(parse("CNV-high-MSI-H").reference.label, "MSI-H");
    let pooled = parse("subtype:MSI-H-other");
    assert_eq!(
        (
            pooled.reference.label.as_str(),
            pooled.reference.levels.len()
        ),
        ("other", 2)
    );
    assert_eq!(pooled.sample_indices(&samples), (vec![1, 2, 3], vec![0]));
    assert!(Contrast::parse("subtype:MSS-MSS", &samples).is_err());
}

/// Checks of the first comparison of a sheet over the six columns of the test table.
fn checks_of(sheet: &str) -> Vec<(DesignRule, Severity, String)> {
    let d = Experiment::new().sheet(sheet).unwrap();
    let checks = d.design.checks.iter();
    checks
        .map(|c| (c.rule, c.severity, c.message.clone()))
        .collect()
}

fn sheet_of(column: &str, values: [&str; 6]) -> String {
    let ids = ["ctrl_1", "ctrl_2", "ctrl_3", "drug_1", "drug_2", "drug_3"];
    let rows: String = ids
        .iter()
        .zip(values)
        .map(|(id, v)| format!("{id}\t{}\t{v}\n", &id[..4]))
        .collect();
    format!("sample\tcondition\t{column}\n{rows}")
}

#[test]
fn groups_measured_one_after_the_other_are_told() {
    let checks = checks_of(&sheet_of("run_order", ["1", "2", "3", "4", "5", "6"]));
    assert!(
        checks
            .iter()
            .any(|c| c.0 == DesignRule::Confounding
                && c.2.contains("one was measured after the other")),
        "{checks:?}"
    );
    let mixed = checks_of(&sheet_of("run_order", ["1", "4", "5", "2", "3", "6"]));
    assert!(mixed.is_empty(), "{mixed:?}");
}

#[test]
fn repeated_measurements_of_biological_replicates_are_no_replicates() {
    let checks = checks_of(&sheet_of(
        "biological_replicate",
        ["1", "1", "2", "1", "1", "1"],
    ));
    let found: Vec<Severity> = checks
        .iter()
        .filter(|c| c.0 == DesignRule::PseudoReplication)
        .map(|c| c.1)
        .collect();
    assert_eq!(found, [Severity::Warn, Severity::Fail]);
    assert!(checks_of(&sheet_of("replicate", ["1", "2", "3", "1", "2", "3"])).is_empty());
}

#[test]
fn broken_pairs_are_named() {
    let checks = checks_of(&sheet_of("patient", ["p1", "p2", "p3", "p1", "p2", "p9"]));
    assert!(
        checks
            .iter()
            .any(|c| c.0 == DesignRule::Pairing && c.2.contains("`p3`") && c.2.contains("`p9`")),
        "{checks:?}"
    );
}

#[test]
fn what_cannot_be_told_apart_from_a_block_fails() {
    let it = Experiment::new();
    it.write(
        "sheet.tsv",
        sheet_of("centre", ["a", "a", "a", "b", "b", "b"]),
    );
    it.write(
        "dataset.yaml",
        "tables: [{file: table.tsv}]\nsamples: [{file: sheet.tsv}]\n\
         contrasts: [{name: effect, variable: condition, reference: ctrl, target: drug, covariates: [centre]}]\n",
    );
    let d = it.open().unwrap();
    let rank = d
        .design
        .checks
        .iter()
        .find(|c| c.rule == DesignRule::Rank)
        .unwrap();
    assert_eq!(rank.severity, Severity::Fail);
    assert!(rank.message.contains("`centre`"), "{}", rank.message);
}

#[test]
fn contrasts_can_be_named_on_the_command_line() {
    let it = Experiment::new();
    let ask = |contrasts: &[&str]| {
        let options = super::ReadOptions {
            contrasts: contrasts.iter().map(|c| (*c).to_string()).collect(),
            ..super::ReadOptions::default()
        };
        super::open(it.folder.path(), &options)
    };
    let d = ask(&["effect=condition:drug-ctrl"]).unwrap();
    assert_eq!(
        d.design.contrasts[0].title(),
        "effect (condition:drug-ctrl)"
    );
    assert!(d.design.find("effect").is_some());
    assert!(ask(&["a=condition:drug-ctrl", "a=condition:ctrl-drug"]).is_err());
    assert!(
        ask(&["effect=condition:drg-ctrl"])
            .unwrap_err()
            .hint()
            .contains("`drug`")
    );
}

#[test]
fn levels_confined_to_plexes_are_compared_within_them() {
    let groups = ["NA_T", "NA", "S_T", "S"];
    let labels = |of: &dyn Fn(usize) -> String| -> Vec<Option<String>> {
        (0..8).map(|i| Some(of(i))).collect()
    };
    let mut samples = SampleMetadata::new((0..8).map(|i| format!("s{i}")).collect());
    samples.insert(Variable::categorical(
        "group",
        &labels(&|i| groups[i / 2].to_string()),
        Role::Condition,
    ));
    samples.insert(Variable::categorical(
        "plex",
        &labels(&|i| (i / 4).to_string()),
        Role::Plex,
    ));
    let proposed =
        super::super::proposals::propose(&samples, super::super::Quantity::ReporterIntensity);
    let ids: Vec<&str> = proposed.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["group:NA_T-NA", "group:S_T-S"]);
}

#[test]
fn groups_that_differ_in_case_only_are_told() {
    let d = Experiment::new()
        .sheet(SHEET.replacen("\tdrug\t", "\tDrug \t", 1))
        .unwrap();
    assert!(
        d.problems
            .iter()
            .any(|p| p.rule == "levels_differ_in_case_or_spaces" && p.message.contains("`drug_1`"))
    );
}

//! Proteins from peptides, and several tables on one set of samples.

use std::collections::HashMap;
use std::io::Read;

use super::super::{FeatureLevel, Inference, Quantity, RollUpMethod, Severity};
use super::{Dataset, Experiment, ReadOptions, open};

/// Intensities are powers of two, so that every result can be worked out by hand. A's three peptides agree that each drug
/// sample is twice the controls; B has one peptide; SHAREDK is A's and B's, and the razor protein is A; ORPHANK names none.
const PEPTIDES: &str = "Sequence\tProteins\tLeading razor protein\tGene names\t\
    Intensity ctrl_1\tIntensity ctrl_2\tIntensity ctrl_3\tIntensity drug_1\tIntensity drug_2\tIntensity drug_3\n\
    AAAAAAK\tP04637\tP04637\tTP53\t1024\t1024\t1024\t2048\t2048\t2048\n\
    CCCCCCK\tP04637\tP04637\tTP53\t4096\t4096\t0\t8192\t8192\t8192\n\
    SHAREDK\tP55072;P04637\tP04637\tVCP;TP53\t256\t256\t256\t512\t512\t512\n\
    DDDDDDK\tP55072\tP55072\tVCP\t64\t64\t64\t0\t64\t64\n\
    EEEEEEK\tCON__P02769\tCON__P02769\t\t64\t64\t64\t64\t64\t64\n\
    ORPHANK\t\t\t\t64\t64\t64\t64\t64\t64\n";

fn peptides(manifest: &str) -> Dataset {
    let it = Experiment::new();
    it.write("peptides.txt", PEPTIDES);
    it.write(
        "dataset.yaml",
        format!("tables: [{{file: peptides.txt{manifest}}}]\nsamples: [{{file: sheet.tsv}}]\n"),
    );
    it.open().unwrap()
}

fn said<'a>(d: &'a Dataset, what: &str) -> &'a Inference {
    let found = d.inferences.iter().find(|i| i.what == what);
    found.unwrap_or_else(|| panic!("nothing is said of {what}: {:?}", d.inferences))
}

#[test]
fn a_table_of_peptides_becomes_proteins() {
    let d = peptides("");
    assert_eq!(
        d.assays.keys().collect::<Vec<_>>(),
        ["proteins", "peptides"]
    );
    let a = d.assay();
    assert_eq!(
        (a.name.as_str(), a.level, a.quantity),
        ("proteins", FeatureLevel::ProteinGroup, Quantity::Intensity)
    );
    let made = a.rolled_up.as_ref().unwrap();
    assert_eq!(
        (made.from.as_str(), made.method),
        ("peptides", RollUpMethod::MaxLfq)
    );
    let p53 = &a.features[0];
    assert_eq!(
        (
            p53.id.as_str(),
            p53.symbol.as_deref(),
            p53.peptides,
            p53.unique_peptides
        ),
        ("P04637", Some("TP53"), Some(3), Some(2))
    );
    assert_eq!(p53.members, ["AAAAAAK", "CCCCCCK", "SHAREDK"]);
    // All ratios are one doubling: the level is the mean of the 17 values, 3·10 + 2·12 + 3·8 + 3·11 + 3·13 + 3·9 = 177,
    // less the share of the doubling, 9/17 of 3 + 3 samples weighted equally: the levels are m − ½ and m + ½.
    let mean = 177.0 / 17.0;
    for j in 0..6 {
        let expected = mean + if j < 3 { -0.5 } else { 0.5 };
        assert!((a.values.get(0, j) - expected).abs() < 1e-9);
    }
    let vcp = &a.features[1];
    assert_eq!((vcp.id.as_str(), vcp.peptides), ("P55072", Some(1)));
    let row = a.values.row(1);
    assert!(row[3].is_nan() && (0..6).all(|j| j == 3 || (row[j] - 6.0).abs() < 1e-9));
    assert!(d.problems.iter().all(|p| p.severity != Severity::Fail));
    let value = &said(&d, "proteins from `peptides.txt`").value;
    assert_eq!(
        value,
        "4 peptides make 2 proteins by MaxLFQ; 1 of them with one peptide; 4 assigned by the producer; 1 left out that name no protein"
    );
}

#[test]
fn the_method_can_be_declared_and_belongs_to_the_identity_of_the_dataset() {
    let of = |method: &str| peptides(&format!(", roll_up: {method}"));
    // ctrl_3 lacks CCCCCCK: 1024 + 256 against 1024 + 4096 + 256.
    let sum = of("sum");
    let row = sum.assay().values.row(0);
    assert!((row[0] - 5376_f64.log2()).abs() < 1e-12 && (row[2] - 1280_f64.log2()).abs() < 1e-12);
    let top = of("top3");
    assert!((top.assay().values.get(0, 0) - 10.0).abs() < 1e-12);
    let polished = of("median_polish");
    let row = polished.assay().values.row(0);
    assert!((row[3] - row[0] - 1.0).abs() < 1e-12);
    assert_eq!(
        said(&polished, "proteins from `peptides.txt`").because,
        "`roll_up:` of the table in `dataset.yaml`"
    );
    assert!(sum.content_hash != top.content_hash && top.content_hash != polished.content_hash);
    let none = of("none");
    assert_eq!(none.assays.keys().collect::<Vec<_>>(), ["peptides"]);
    assert!(
        none.problems
            .iter()
            .any(|p| p.rule == "not_analysed" && p.message.contains("`roll_up: none`"))
    );
}

#[test]
fn samples_out_of_the_design_do_not_count() {
    let it = Experiment::new();
    it.write(
        "peptides.txt",
        PEPTIDES.replace("\t1024\t1024\t1024\t2048", "\t1024\t1024\t1\t2048"),
    );
    let sheet = super::SHEET.replace("ctrl_3\tctrl\ta\n", "");
    it.write("sheet.tsv", sheet);
    it.write(
        "dataset.yaml",
        "tables: [{file: peptides.txt}]\nsamples: [{file: sheet.tsv}]\n",
    );
    let d = it.open().unwrap();
    // Without ctrl_3 the mean is (2·10 + 2·12 + 2·8 + 3·11 + 3·13 + 3·9) / 15 = 10.6, and three of five samples lie one
    // doubling above the others.
    assert!((d.assay().values.get(0, 0) - (10.6 - 0.6)).abs() < 1e-9);
}

#[test]
fn peptides_that_name_no_protein_are_not_rolled_up() {
    let it = Experiment::new();
    let d = it
        .table(
            "Peptide\tctrl_1\tctrl_2\tdrug_1\tdrug_2\nAAAAAAAAK\t64\t64\t64\t64\nCCCCCCCCK\t64\t64\t64\t64\n\
             DDDDDDDDK\t64\t64\t64\t64\n",
        )
        .unwrap();
    assert_eq!(d.assays.keys().collect::<Vec<_>>(), ["peptides"]);
    assert!(
        d.problems
            .iter()
            .any(|p| p.rule == "not_analysed" && p.message.contains("names its protein"))
    );
}

#[test]
fn a_folder_of_several_tables_is_joined_by_sample() {
    let it = Experiment::new();
    it.write(
        "mrna.tsv",
        "Gene\tctrl_2\tctrl_1\tdrug_1\tdrug_2\tother_9\nTP53\t5.5\t4.5\t6.5\t7.5\t1.5\nVCP\t2.5\t3.5\t1.5\t2.5\t1.5\n\
         KRAS\t2.5\t3.5\t1.5\t2.5\t1.5\n",
    );
    it.write("peptides.txt", PEPTIDES);
    let d = it.open().unwrap();
    assert_eq!(d.assays.keys().collect::<Vec<_>>(), ["proteins", "mrna"]);
    let rna = &d.assays["mrna"];
    assert_eq!(rna.level, FeatureLevel::Transcript);
    let row = rna.values.row(0);
    assert_eq!((row[0], row[1], row[3], row[4]), (4.5, 5.5, 6.5, 7.5));
    assert!(row[2].is_nan() && row[5].is_nan());
    assert_eq!(
        said(&d, "samples of `mrna.tsv`").value,
        "4 of 6 samples have a column; 1 column is of no sample"
    );
    let told = |rule: &str, names: &str| {
        d.problems
            .iter()
            .any(|p| p.rule == rule && p.message.contains(names))
    };
    assert!(told("samples_without_column", "`ctrl_3`, `drug_3`"));
    assert!(told("columns_without_sample", "`other_9`"));
    assert!(told("several_tables", "`peptides.txt`"));
}

/// Where the shared data are, if they are there.
fn shared(path: &str) -> Option<std::path::PathBuf> {
    let full = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(path);
    if !full.exists() {
        eprintln!("skipped: no {}", full.display());
    }
    full.exists().then_some(full)
}

/// The species of every accession and entry name in a file, by the ending of the entry name.
fn species_in(path: &std::path::Path) -> HashMap<String, &'static str> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut species = HashMap::new();
    for token in text.split(|c: char| c.is_whitespace() || ";,:\"".contains(c)) {
        for ending in ["_HUMAN", "_YEAST", "_ECOLI"] {
            if token.ends_with(ending) {
                species.extend(token.split('|').map(|part| (part.to_string(), ending)));
            }
        }
    }
    species
}

/// The median over the proteins of a species of the mean log2 value in A less that in B; none for fewer than ten proteins.
fn difference(d: &Dataset, species: &HashMap<String, &str>, ending: &str) -> Option<f64> {
    let assay = d.assay();
    assert!(assay.rolled_up.is_some());
    let group = &d.samples.variables["condition"];
    let mean = |row: &[f64], arm: &str| {
        let of_arm = |j: &usize| group.group_of(*j).is_some_and(|g| g.ends_with(arm));
        let seen = (0..row.len()).filter(of_arm).map(|j| row[j]);
        let seen: Vec<f64> = seen.filter(|v| !v.is_nan()).collect();
        (seen.len() > 1).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
    };
    let values: Vec<f64> = assay
        .features
        .iter()
        .enumerate()
        .filter(|(_, f)| f.accessions.iter().all(|a| species.get(a) == Some(&ending)))
        .filter_map(|(i, _)| {
            let row = assay.values.row(i);
            Some(mean(row, "A")? - mean(row, "B")?)
        })
        .collect();
    (values.len() >= 10).then(|| proteus_stats::descriptive::median(&values))
}

#[test]
fn proteins_of_three_species_have_the_ratios_they_were_mixed_in() {
    for file in [
        "fragpipe_dia_ion.tsv.gz",
        "peaks_dia_features.csv.gz",
        "proteome_discoverer_peptidegroups.txt.gz",
        "sage_lfq.tsv.gz",
    ] {
        let Some(path) = shared(&format!("format-fixtures-hye/{file}")) else {
            return;
        };
        let d = open(&path, &ReadOptions::default()).unwrap();
        let species = species_in(&path);
        for (ending, expected) in [("_HUMAN", 0.0), ("_YEAST", 1.0), ("_ECOLI", -2.0)] {
            let Some(found) = difference(&d, &species, ending) else {
                assert!(expected < 0.0, "{file}: too few proteins of {ending}");
                continue;
            };
            // These are the first rows of their files, in runs that are not normalised.
            assert!(
                (found - expected).abs() < 0.5,
                "{file}: {ending} {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn spiked_proteins_are_told_from_composite_ids() {
    let Some(path) = shared("ups-chlamy-peptides/peptides.tsv.gz") else {
        return;
    };
    let d = open(&path, &ReadOptions::default()).unwrap();
    let assay = d.assay();
    let spiked: Vec<usize> = (0..assay.n_features())
        .filter(|&i| assay.features[i].id.ends_with("ups"))
        .collect();
    // The README counts 392 peptides of the spiked proteins; UPS1 holds 48 proteins.
    let peptides: usize = spiked
        .iter()
        .map(|&i| assay.features[i].members.len())
        .sum();
    assert_eq!(peptides, 392);
    assert!(spiked.len() <= 48);
    let rises = |i: &usize| {
        let row = assay.values.row(*i);
        let mean = |from: usize| row[from..from + 4].iter().sum::<f64>() / 4.0;
        mean(8) - mean(0)
    };
    let found: Vec<f64> = spiked.iter().map(rises).collect();
    let median = proteus_stats::descriptive::median(&found);
    assert!((1.2..=2.4).contains(&median), "100 over 25 fmol: {median}");
}

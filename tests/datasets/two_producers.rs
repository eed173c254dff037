//! One experiment in two producers: pull-downs with PGRMC1, searched with MaxQuant and with FragPipe.

use std::collections::BTreeMap;

use proteus::dataset::{Dataset, ReadOptions};

use super::{read, shared};

const FOLDER: &str = "pgrmc1-apms-maxquant-fragpipe";

/// At least so much of the variance of one producer's log ratios is shared by the other's (r² = 0.5). Two searches of the
/// same spectra differ in the peptides of a protein and in how they are summed: published comparisons of label-free
/// fold changes of the same runs lie at r = 0.7 to 0.9. A reader that mixes up two groups or columns is near 0 or below.
const LEAST_CORRELATION: f64 = 0.7;

/// Values that a mean of five runs must have at least.
const LEAST_VALUES: usize = 3;

/// Mean log2 of the target less that of the reference, for proteins with enough values in both.
fn log_ratios(dataset: &Dataset, target: &str, reference: &str) -> BTreeMap<String, f64> {
    let groups = &dataset.samples.variables["groups"];
    let assay = dataset.assay();
    let mean = |row: usize, level: &str| -> Option<f64> {
        let values: Vec<f64> = (groups.samples_of(level).into_iter())
            .map(|j| assay.values.get(row, j))
            .filter(|v| !v.is_nan())
            .collect();
        let enough = values.len() >= LEAST_VALUES;
        enough.then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    (assay.features.iter().enumerate())
        .filter_map(|(i, feature)| {
            let ratio = mean(i, target)? - mean(i, reference)?;
            Some((feature.id.clone(), ratio))
        })
        .collect()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (x, y) = pairs
        .iter()
        .fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x) * (a - x);
        yy += (b - y) * (b - y);
        xy += (a - x) * (b - y);
    }
    xy / (xx * yy).sqrt()
}

#[test]
fn two_producers_of_one_experiment_agree() {
    let Some(folder) = shared().map(|f| f.join(FOLDER)).filter(|f| f.is_dir()) else {
        eprintln!("NOT RUN: no `{FOLDER}` in the shared data beside the repository");
        return;
    };
    let open = |table: &str, sheet: &str| {
        let options = ReadOptions {
            samples: Some(folder.join(sheet)),
            ..ReadOptions::default()
        };
        read(&folder.join(table), &options).unwrap_or_else(|error| panic!("{table}: {error}"))
    };
    let maxquant = open("maxquant_proteinGroups.txt.gz", "maxquant_design.txt.gz");
    let fragpipe = open("fragpipe_combined_protein.tsv.gz", "fragpipe_design.txt.gz");
    for (target, reference) in [("PGRMC1", "MIAPACA"), ("PGRMC1_AG205", "MIAPACA_AG205")] {
        let one = log_ratios(&maxquant, target, reference);
        let other = log_ratios(&fragpipe, target, reference);
        let pairs: Vec<(f64, f64)> = (one.iter())
            .filter_map(|(id, x)| Some((*x, *other.get(id)?)))
            .collect();
        let r = correlation(&pairs);
        eprintln!(
            "{target} - {reference}: r = {r:.3} over {} proteins",
            pairs.len()
        );
        assert!(pairs.len() >= 200, "{} proteins in both", pairs.len());
        assert!(
            r >= LEAST_CORRELATION,
            "r = {r:.3} over {} proteins",
            pairs.len()
        );
    }
}

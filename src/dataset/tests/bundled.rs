//! The bundled datasets open with the facts their owners state.

use std::path::Path;

use super::super::{Dataset, FeatureLevel, Quantity, ReadOptions, Role, Scale, open};

fn bundled(name: &str) -> Dataset {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("datasets")
        .join(name);
    open(&folder, &ReadOptions::default()).unwrap()
}

#[test]
fn ubilength() {
    let d = bundled("ubilength");
    let a = d.assay();
    assert_eq!(
        (a.format.as_str(), a.level, a.quantity),
        (
            "maxquant_protein_groups",
            FeatureLevel::ProteinGroup,
            Quantity::LfqIntensity
        )
    );
    let rows = a.n_features() + a.removed.rows();
    assert_eq!(
        (rows, a.n_samples(), a.source_scale),
        (3006, 12, Scale::Linear)
    );
    let condition = &d.samples.variables["condition"];
    assert_eq!(condition.reference_level.as_deref(), Some("Ctrl"));
    assert!(condition.level_counts().iter().all(|(_, n)| *n == 3));
    let ids: Vec<&str> = d.design.proposed.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "condition:Ubi4-Ctrl",
            "condition:Ubi6-Ctrl",
            "condition:Ubi1-Ctrl"
        ]
    );
    assert!(d.design.checks.is_empty());
    assert!(
        a.features
            .iter()
            .any(|f| f.symbol.as_deref() == Some("PSMD4"))
    );
}

#[test]
fn cptac_ucec() {
    let d = bundled("cptac-ucec");
    let a = d.assay();
    assert_eq!(
        (a.level, a.quantity, a.source_scale),
        (FeatureLevel::Gene, Quantity::Ratio, Scale::Log2)
    );
    assert_eq!(
        (
            a.n_features() + a.removed.rows(),
            a.n_samples(),
            d.samples.excluded.len()
        ),
        (10_999, 144, 9)
    );
    let tissue = &d.samples.variables["Proteomics_Tumor_Normal"];
    assert_eq!(tissue.level_counts()[0], ("Tumor".to_string(), 95));
    assert!(!d.samples.variables["Tumor_Size_cm"].is_categorical());
    assert!(d.samples.with_role(Role::Plex).next().is_some());
    let msi = d
        .design
        .proposed
        .iter()
        .find(|c| c.id == "MSI_status:MSI-H-MSS")
        .unwrap();
    let (reference, target) = msi.sample_indices(&d.samples);
    let mlh1 = a.feature_index("MLH1").unwrap();
    let median = |samples: &[usize]| {
        let mut values: Vec<f64> = samples
            .iter()
            .map(|&i| a.values.get(mlh1, i))
            .filter(|v| !v.is_nan())
            .collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    // The README of the source gives -1.00 in MSI-H against +0.21 in MSS.
    assert!(median(&target) < median(&reference) - 0.8);
}

#[test]
fn ups_yeast_ramus() {
    let d = bundled("ups-yeast-ramus");
    let a = d.assay();
    assert_eq!(
        (a.n_features() + a.removed.rows(), a.n_samples()),
        (1070, 27)
    );
    assert_eq!(
        (a.quantity, a.source_scale),
        (Quantity::Intensity, Scale::Linear)
    );
    let condition = &d.samples.variables["condition"];
    assert_eq!(
        condition.levels().first().map(String::as_str),
        Some("50amol")
    );
    assert_eq!(condition.levels().len(), 9);
    assert!(
        d.design
            .proposed
            .iter()
            .any(|c| c.id == "condition:50000amol-25000amol")
    );
}

#[test]
fn opening_twice_gives_the_same_dataset() {
    let (a, b) = (bundled("ubilength"), bundled("ubilength"));
    assert_eq!(format!("{:?}", a.profile()), format!("{:?}", b.profile()));
    assert_eq!(a.content_hash, b.content_hash);
}

#[test]
fn profiles_hold_no_values() {
    let profile = serde_json::to_string(&bundled("ups-yeast-ramus").profile()).unwrap();
    assert!(!profile.contains("23757333") && profile.contains("50amol"));
}

#[test]
fn symbols_come_from_the_identifier_map() {
    let content = crate::content::Content::embedded();
    let packs = crate::knowledge::Packs::open(&content).unwrap();
    let map = packs.identifiers().unwrap();
    let mut d = bundled("ubilength");
    d.annotate(map);
    let rate = d
        .inferences
        .iter()
        .find(|i| i.what.starts_with("gene symbols"))
        .unwrap();
    assert!(rate.because.contains("idmap"), "{}", rate.because);
    let mapped = d
        .assay()
        .features
        .iter()
        .filter(|f| f.symbol.is_some())
        .count();
    assert!(mapped * 100 > 95 * d.assay().n_features(), "{}", rate.value);
    // Yeast accessions are no human genes: nothing may be mapped by accident.
    let mut yeast = bundled("ups-yeast-ramus");
    yeast.annotate(map);
    assert!(yeast.assay().features.iter().all(|f| f.symbol.is_none()));
}

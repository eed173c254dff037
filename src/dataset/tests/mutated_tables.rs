//! Whatever is done to the bytes of a table, reading it never panics, and what is read keeps the invariants.

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::assemble::{self, TableOverrides};
use super::super::grid::Grid;
use super::super::open::read_table;
use super::super::text::TextFile;
use super::super::{Contrast, DatasetError, Role, SampleMetadata, Variable, input_formats};

/// One edit of the bytes: position (as a fraction), bytes removed, bytes put in their place.
type Edit = (f64, usize, Vec<u8>);

fn edit() -> impl Strategy<Value = Edit> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(vec![
            "\t", "\n", "\r\n", "\"", ",", ";", "NA", "-", "µ", "1e999", "\u{feff}", "|"
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
    ];
    (0.0..1.0f64, 0..30usize, bytes)
}

fn read(bytes: &[u8]) -> Result<(), DatasetError> {
    let grid = Grid::parse(&TextFile::from_bytes(bytes, "table")?)?;
    let (format, raw, _) = read_table(&grid, None)?;
    assert_eq!(raw.features.len() * raw.columns.len(), raw.values.len());
    assert_eq!(raw.features.len(), raw.flags.len());
    let all: Vec<usize> = (0..raw.columns.len()).collect();
    let assay = assemble::assemble(
        &raw,
        "table",
        format,
        &all,
        None,
        &TableOverrides::default(),
    )?
    .assay;
    let ids: HashSet<&str> = assay.features.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), assay.n_features());
    assert!(
        assay
            .values
            .values()
            .iter()
            .all(|v| v.is_nan() || v.is_finite())
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn spoiled_bytes(format in 0..input_formats().len(), edits in prop::collection::vec(edit(), 1..5)) {
        let mut bytes = input_formats()[format].sample.as_bytes().to_vec();
        for (at, removed, put) in edits {
            let start = (at * bytes.len() as f64) as usize;
            let end = (start + removed).min(bytes.len());
            bytes.splice(start..end, put);
        }
        if let Err(error) = read(&bytes) {
            prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty());
        }
    }

    #[test]
    fn any_contrast_text(spec in "\\PC{0,24}") {
        let mut samples = SampleMetadata::new(vec!["a".into(), "b".into()]);
        let labels = [Some("MSI-H".to_string()), Some("MSS".to_string())];
        samples.insert(Variable::categorical("MSI_status", &labels, Role::Condition));
        if let Ok(contrast) = Contrast::parse(&spec, &samples) {
            prop_assert_ne!(contrast.target.levels, contrast.reference.levels);
        }
    }
}

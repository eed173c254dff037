//! Files of `reference/` against what other programs read in them, and files that lie.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Cursor;

use proptest::prelude::*;

use super::super::super::DatasetError;
use super::{OneFile, parse, sample_name};

const FILES: [(&str, &[u8]); 9] = [
    ("float_big.fcs", include_bytes!("reference/float_big.fcs")),
    (
        "float_little.fcs",
        include_bytes!("reference/float_little.fcs"),
    ),
    ("int16_log.fcs", include_bytes!("reference/int16_log.fcs")),
    (
        "int_mixed_widths.fcs",
        include_bytes!("reference/int_mixed_widths.fcs"),
    ),
    ("int24.fcs", include_bytes!("reference/int24.fcs")),
    (
        "int32_mixed_order.fcs",
        include_bytes!("reference/int32_mixed_order.fcs"),
    ),
    (
        "double_text_offsets.fcs",
        include_bytes!("reference/double_text_offsets.fcs"),
    ),
    ("ascii.fcs", include_bytes!("reference/ascii.fcs")),
    ("spillover.fcs", include_bytes!("reference/spillover.fcs")),
];

fn read(bytes: &[u8]) -> Result<OneFile, DatasetError> {
    parse(&mut Cursor::new(bytes), bytes.len() as u64, "a.fcs")
}

fn file(name: &str) -> Vec<u8> {
    FILES.iter().find(|(n, _)| *n == name).unwrap().1.to_vec()
}

/// The file with one keyword's value replaced by another of the same length.
fn with(name: &str, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "{from} {to}");
    let mut bytes = file(name);
    let at = bytes
        .windows(from.len())
        .position(|w| w == from.as_bytes())
        .unwrap();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn values_are_those_of_other_readers() {
    let expected: BTreeMap<String, Vec<Vec<f64>>> =
        serde_json::from_str(include_str!("reference/expected.json")).unwrap();
    assert_eq!(expected.len(), FILES.len());
    for (name, bytes) in FILES {
        let read = read(bytes).unwrap();
        let rows = &expected[name];
        assert_eq!(read.values.len(), rows.len() * rows[0].len(), "{name}");
        for (x, y) in read.values.iter().zip(rows.iter().flatten()) {
            let close = (f64::from(*x) - y).abs() <= 1e-5 * y.abs().max(1.0);
            assert!(close, "{name}: {x} and {y}");
        }
    }
}

#[test]
fn channels_and_instruments_are_told() {
    let mass = read(&file("float_little.fcs")).unwrap();
    assert_eq!(mass.channels[0].header, "Nd142Di");
    assert_eq!(mass.channels[0].label.as_deref(), Some("142Nd_CD3"));
    assert!(mass.instrument.mass.unwrap().contains("CYTOF"));
    let light = read(&file("spillover.fcs")).unwrap();
    assert_eq!(light.channels[1].header, "FL/1-A");
    assert_eq!(light.channels[1].label.as_deref(), Some("CD3/4"));
    assert_eq!(light.channels[2].label.as_deref(), Some("IκB"));
    assert!(light.instrument.fluorescence.unwrap().contains("FSC-A"));
    assert!(light.compensated.unwrap().contains("$SPILLOVER"));
    assert_eq!(sample_name("a/PBMC_1.fcs.gz"), "PBMC_1");
}

#[test]
fn lies_are_told_and_nothing_is_allocated_for_them() {
    let fault = |bytes: Vec<u8>| {
        let error = read(&bytes).unwrap_err();
        assert!(!error.hint().is_empty());
        error.to_string()
    };
    let whole = file("int16_log.fcs");
    assert!(fault(whole[..whole.len() - 5].to_vec()).contains("`$TOT` says 9 events"));
    assert!(fault(whole[..100].to_vec()).contains("segment ends"));
    assert!(fault(whole[..20].to_vec()).contains("20 bytes"));
    assert!(fault(Vec::new()).contains("0 bytes"));
    let mut far = file("float_big.fcs");
    far[26..34].copy_from_slice(b"99999990");
    far[34..42].copy_from_slice(b"99999999");
    let far_read = read(&far);
    assert!(far_read.is_ok() || far_read.unwrap_err().to_string().contains("begins"));
    let claim = with("spillover.fcs", "$TOT/20/", "$TOT/20/");
    assert!(read(&claim).is_ok());
    assert!(fault(with("int24.fcs", "$TOT/5/", "$TOT/9/")).contains("9 events"));
    assert!(fault(with("int24.fcs", "$PAR/2/", "$PAR/0/")).contains("`$PAR` is `0`"));
    assert!(fault(with("int24.fcs", "$P1B/24/", "$P1B/00/")).contains("width"));
    assert!(fault(with("int24.fcs", "$P1B/24/", "$P1B/99/")).contains("1 to 64"));
    assert!(fault(with("int24.fcs", "$MODE/L/", "$MODE/C/")).contains("histograms"));
    assert!(fault(with("int24.fcs", "4,3,2,1", "4,4,4,4")).contains("order"));
    assert!(fault(with("spillover.fcs", "$DATATYPE/F/", "$DATATYPE/X/")).contains("`X`"));
    assert!(fault(with("spillover.fcs", "$P2B/32/", "$P2B/16/")).contains("needs 32"));
    let none = with("int24.fcs", "$TOT/5/", "$TOT/0/");
    assert!(read(&none).unwrap().values.is_empty());
    let fewer = read(&with("int24.fcs", "$TOT/5/", "$TOT/3/")).unwrap();
    assert_eq!(fewer.values.len(), 6);
    assert_eq!(fewer.problems[0].rule, "events_beyond_tot");
}

#[test]
fn two_channels_of_one_name_and_a_broken_matrix_do_not_stop_the_reading() {
    let twice = read(&with("int24.fcs", "$P2N/B/", "$P2N/A/")).unwrap();
    assert_eq!(twice.channels[1].header, "A (P2)");
    let broken = read(&with("spillover.fcs", "$SPILLOVER/3,", "$SPILLOVER/9,")).unwrap();
    assert_eq!(broken.problems[0].rule, "not_compensated");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn spoiled_files(
        which in 0..FILES.len(),
        edits in prop::collection::vec((0.0..1.0f64, 0..12usize, prop::collection::vec(any::<u8>(), 0..6)), 1..6),
        keep in 0.0..1.2f64,
    ) {
        let mut bytes = FILES[which].1.to_vec();
        for (at, removed, put) in edits {
            let start = (at * bytes.len() as f64) as usize;
            let end = (start + removed).min(bytes.len());
            bytes.splice(start..end, put);
        }
        bytes.truncate((keep * bytes.len() as f64) as usize);
        match read(&bytes) {
            Ok(read) => prop_assert_eq!(read.values.len() % read.channels.len(), 0),
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
        }
    }

    #[test]
    fn any_numbers_in_the_keywords(
        value in prop_oneof!["[0-9]{1,25}", "-?[0-9]{1,4}", "\\PC{0,8}"],
        key in prop::sample::select(vec![
            "$TOT", "$PAR", "$P1B", "$P1R", "$P1E", "$P1G", "$BEGINDATA", "$ENDDATA", "$BYTEORD", "$DATATYPE", "$SPILLOVER",
            "$BEGINSTEXT", "$ENDSTEXT",
        ]),
    ) {
        let text = format!(
            "|$PAR|1|$TOT|2|$DATATYPE|I|$BYTEORD|1,2,3,4|$MODE|L|$P1N|A|$P1B|16|$P1R|1024|$P1E|0,0|$BEGINDATA|0|$ENDDATA|0|{key}|{value}|"
        );
        let begin = 58 + text.len();
        let mut bytes = format!(
            "FCS3.1    {:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{text}",
            58, begin - 1, begin, begin + 3, 0, 0
        ).into_bytes();
        bytes.extend([1, 2, 3, 4]);
        if let Err(error) = read(&bytes) {
            prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty());
        }
    }
}

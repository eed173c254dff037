//! Detection and reading of every format from its own sample file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::super::assemble::{self, TableOverrides};
use super::super::grid::Grid;
use super::super::text::TextFile;
use super::super::{Assay, FeatureLevel, Quantity, Scale};
use super::{FORMATS, detect};

fn grid(text: &str) -> Grid {
    Grid::parse(&TextFile::from_bytes(text.as_bytes(), "sample").unwrap()).unwrap()
}

fn assay(name: &str) -> Assay {
    let format = FORMATS.iter().find(|f| f.name() == name).unwrap();
    let raw = format.read(&grid(format.sample())).unwrap();
    let all: Vec<usize> = (0..raw.columns.len()).collect();
    assemble::assemble(&raw, "sample", name, &all, &TableOverrides::default())
        .unwrap()
        .assay
}

#[test]
fn every_sample_is_detected_as_its_own_format_and_no_other() {
    for format in FORMATS {
        let grid = grid(format.sample());
        let (found, evidence) = detect(&grid).unwrap();
        assert_eq!(found.name(), format.name());
        assert!(!evidence.because.is_empty());
        for other in FORMATS.iter().filter(|o| o.name() != format.name()) {
            // A plain table is any table; it must yield to every producer's own headers.
            let yields = other.detect(&grid).is_none_or(|e| e.score < evidence.score);
            assert!(
                yields,
                "the sample of {} is claimed by {}",
                format.name(),
                other.name()
            );
        }
    }
}

#[test]
fn level_quantity_and_scale_are_as_declared() {
    let facts = |name: &str| {
        let a = assay(name);
        (
            a.level,
            a.quantity,
            a.source_scale,
            a.features.len(),
            a.n_samples(),
        )
    };
    use FeatureLevel::{Gene, ProteinGroup};
    assert_eq!(
        facts("maxquant_protein_groups"),
        (ProteinGroup, Quantity::LfqIntensity, Scale::Linear, 3, 4)
    );
    assert_eq!(
        facts("diann_pg_matrix"),
        (ProteinGroup, Quantity::LfqIntensity, Scale::Linear, 3, 4)
    );
    assert_eq!(
        facts("fragpipe_combined_protein"),
        (ProteinGroup, Quantity::LfqIntensity, Scale::Linear, 2, 4)
    );
    assert_eq!(
        facts("fragpipe_tmt_report"),
        (Gene, Quantity::ReporterIntensity, Scale::Log2, 3, 4)
    );
    assert_eq!(
        facts("linkedomics_cct"),
        (Gene, Quantity::Ratio, Scale::Log2, 3, 4)
    );
    assert_eq!(
        facts("plain_wide"),
        (ProteinGroup, Quantity::Other, Scale::Log2, 3, 4)
    );
    assert_eq!(
        facts("plain_long"),
        (ProteinGroup, Quantity::Intensity, Scale::Linear, 3, 4)
    );
}

#[test]
fn contaminants_decoys_and_site_only_groups_are_removed_and_counted() {
    let maxquant = assay("maxquant_protein_groups").removed;
    assert_eq!(
        (
            maxquant.contaminants,
            maxquant.decoys,
            maxquant.only_by_site,
            maxquant.zeros
        ),
        (1, 1, 1, 2)
    );
    let fragpipe = assay("fragpipe_combined_protein").removed;
    assert_eq!(
        (fragpipe.contaminants, fragpipe.decoys, fragpipe.zeros),
        (1, 1, 1)
    );
    assert_eq!(assay("diann_pg_matrix").removed.contaminants, 1);
}

#[test]
fn zeros_are_missing_and_values_are_log2() {
    let a = assay("maxquant_protein_groups");
    assert_eq!(a.features[2].id, "Q96S94");
    assert!(a.values.get(2, 0).is_nan());
    assert!((a.values.get(0, 0) - 1.0e6_f64.log2()).abs() < 1e-12);
    let zero_ratio = assay("linkedomics_cct");
    assert_eq!(zero_ratio.values.get(2, 2), 0.0);
}

#[test]
fn features_keep_accessions_symbols_peptides_and_lines() {
    let a = assay("maxquant_protein_groups");
    let p53 = &a.features[0];
    assert_eq!(
        (p53.id.as_str(), p53.symbol.as_deref(), p53.row),
        ("P04637", Some("TP53"), 2)
    );
    assert_eq!(p53.accessions, ["P04637", "P04637-2"]);
    assert_eq!((p53.peptides, p53.unique_peptides), (Some(6), Some(5)));
    assert_eq!(a.organism.as_deref(), Some("Homo sapiens"));
    let actin = &assay("fragpipe_combined_protein").features[1];
    assert_eq!(actin.accessions, ["P60709", "P63261"]);
}

#[test]
fn run_paths_become_run_names() {
    let format = FORMATS
        .iter()
        .find(|f| f.name() == "diann_pg_matrix")
        .unwrap();
    let raw = format.read(&grid(format.sample())).unwrap();
    let labels: Vec<&str> = raw.columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["ctrl_1", "ctrl_2", "drug_1", "drug_2"]);
    assert_eq!(raw.columns[0].header, r"D:\runs\day 1\ctrl_1.raw");
}

#[test]
fn mangled_headers_read_as_the_originals() {
    let format = FORMATS
        .iter()
        .find(|f| f.name() == "maxquant_protein_groups")
        .unwrap();
    let (head, body) = format.sample().split_once('\n').unwrap();
    let mangled: String = head
        .chars()
        .map(|c| if " +()/".contains(c) { '.' } else { c })
        .collect();
    let raw = format.read(&grid(&format!("{mangled}\n{body}"))).unwrap();
    assert_eq!(raw.columns.len(), 4);
    assert_eq!(raw.columns[0].label, "A_1");
    assert_eq!(raw.features[0].peptides, Some(6));
}

#[test]
fn samples_in_rows_are_turned() {
    let text = "sample,group,age,TP53,VCP,CCNL2,ACTB,UMOD\ns1,a,51,20.1,25.2,18.2,30.1,22.4\ns2,a,60,20.3,25.4,18.1,30.2,22.1\ns3,b,48,22.9,24.0,18.8,30.0,22.0\n";
    let raw = FORMATS[6].read(&grid(text)).unwrap();
    assert_eq!((raw.features.len(), raw.columns.len()), (5, 3));
    assert_eq!(raw.features[0].symbol.as_deref(), Some("TP53"));
    let sheet = raw.sheet.unwrap();
    assert_eq!(sheet.header, ["sample", "group", "age"]);
}

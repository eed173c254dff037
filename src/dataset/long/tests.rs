//! Long formats read from their own samples, as a grid and as a stream, plain and packed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;

use tempfile::TempDir;

use super::super::container::{self, Measured};
use super::super::formats::{FORMATS, RawTable};
use super::super::grid::Grid;
use super::super::open::CellSource;
use super::super::text::TextFile;
use super::super::{DatasetError, FeatureLevel, ReadOptions, Role, Scale, input_formats, open};

fn sample(name: &str) -> &'static str {
    input_formats()
        .iter()
        .find(|f| f.name == name)
        .unwrap()
        .sample
}

/// A table as read.
#[derive(Debug)]
struct Read {
    format: &'static str,
    table: RawTable,
}

fn load(bytes: &[u8]) -> Result<Read, DatasetError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table.txt");
    std::fs::write(&path, bytes).unwrap();
    let loaded = container::table(&path, "table.txt", None, &CellSource::default())?;
    match loaded.content {
        Measured::Table(table) => Ok(Read {
            format: loaded.format,
            table,
        }),
        Measured::Cells(cells) => panic!("{} samples of cells", cells.samples.len()),
    }
}

fn read(name: &str) -> RawTable {
    let loaded = load(sample(name).as_bytes()).unwrap();
    assert_eq!(loaded.format, name);
    loaded.table
}

/// The values of a feature, in the order of the samples.
fn of<'a>(table: &'a RawTable, id: &str) -> &'a [f64] {
    let i = table.features.iter().position(|f| f.id == id).unwrap();
    let m = table.columns.len();
    &table.values[i * m..(i + 1) * m]
}

fn labels(table: &RawTable) -> Vec<&str> {
    table.columns.iter().map(|c| c.label.as_str()).collect()
}

fn close(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-9)
}

#[test]
fn every_long_sample_reads_the_same_from_memory_and_from_a_stream() {
    let grid = |text: &str| {
        Grid::parse(&TextFile::from_bytes(text.as_bytes(), "table.txt").unwrap()).unwrap()
    };
    let mut seen = 0;
    for format in FORMATS {
        let grid = grid(format.sample());
        if format.layout(&grid, None).is_none() {
            continue;
        }
        seen += 1;
        let (whole, streamed) = (format.read(&grid, None).unwrap(), read(format.name()));
        assert_eq!(format!("{whole:?}"), format!("{streamed:?}"));
    }
    assert!(seen >= 5);
}

#[test]
fn diann_groups_count_at_one_per_cent() {
    let table = read("diann_report");
    assert_eq!(table.level, FeatureLevel::ProteinGroup);
    assert_eq!(labels(&table), ["ctrl_1", "ctrl_2", "drug_1", "drug_2"]);
    assert_eq!(table.columns[0].header, r"D:\runs\day 1\ctrl_1.raw");
    assert!(close(of(&table, "P04637"), &[1e6, 1.2e6, 2e6, 2.4e6]));
    assert!(close(
        of(&table, "Q96S94"),
        &[5e4, f64::NAN, 5.5e4, f64::NAN]
    ));
    assert!(table.features.iter().all(|f| f.id != "P60709"));
    let p53 = &table.features[0];
    assert_eq!(
        (p53.symbol.as_deref(), p53.peptides),
        (Some("TP53"), Some(2))
    );
    assert_eq!(table.organism.as_deref(), Some("Homo sapiens"));
    let out = table
        .inferences
        .iter()
        .find(|i| i.what.contains("not used"))
        .unwrap();
    assert!(
        out.value
            .starts_with("6 left out: 1 with `Q.Value` above 0.01"),
        "{}",
        out.value
    );
}

#[test]
fn a_diann_report_without_maxlfq_is_read_as_precursors() {
    let text = sample("diann_report").replace("PG.MaxLFQ", "Other.Column");
    let table = load(text.as_bytes()).unwrap().table;
    assert_eq!(
        (table.level, table.features.len()),
        (FeatureLevel::Precursor, 4)
    );
    assert_eq!(table.features[0].id, "TAYSALK2");
    assert_eq!(table.features[0].accessions, ["P04637"]);
}

#[test]
fn evidence_is_summed_per_precursor_and_experiment() {
    let table = read("maxquant_evidence");
    assert_eq!(labels(&table), ["A_1", "A_2", "B_1", "B_2"]);
    assert_eq!(table.columns[1].header, "r02");
    assert!(close(of(&table, "TAYSALK_/2"), &[1.5e6, 1.2e6, 2e6, 2.4e6]));
    assert!(close(of(&table, "TAYSALK_/3"), &[3e5, 3.1e5, 1.5e5, 1.4e5]));
    assert_eq!(of(&table, "SLADQM(Oxidation (M))K_/2")[0], 7e4);
    assert_eq!(table.features[0].accessions, ["P04637"]);
}

#[test]
fn reporter_channels_are_samples() {
    let text = "Raw file\tModified sequence\tCharge\tLeading razor protein\tMS/MS IDs\tIntensity\tReporter intensity corrected 0\tReporter intensity corrected 1\tReporter intensity corrected 2\tReverse\tPotential contaminant\n\
        f1\t_AAK_\t2\tP04637\t1\t9\t100\t200\t\t\t\n\
        f1\t_AAK_\t2\tP04637\t2\t9\t1\t2\t\t\t\n\
        f2\t_AAK_\t2\tP04637\t3\t9\t300\t400\t500\t\t\n\
        f2\t_CCK_\t2\tP55072\t4\t9\t5\t0\t7\t\t\n";
    let table = load(text.as_bytes()).unwrap().table;
    assert_eq!(labels(&table), ["f1_0", "f1_1", "f2_0", "f2_1", "f2_2"]);
    assert_eq!(table.columns[3].header, "f2 Reporter intensity 1");
    assert!(close(
        &table.values[..5],
        &[101.0, 202.0, 300.0, 400.0, 500.0]
    ));
    let sheet = table.sheet.unwrap();
    assert_eq!(sheet.header, ["sample", "plex", "channel"]);
    assert_eq!(sheet.rows[4], ["f2_2", "f2", "2"]);
}

#[test]
fn spectronaut_with_decimal_commas_and_filtered_rows() {
    let table = read("spectronaut_report");
    assert_eq!(table.level, FeatureLevel::ProteinGroup);
    assert!(close(
        of(&table, "P04637"),
        &[1000.5, 1200.25, 2000.5, 2400.75]
    ));
    assert!(close(
        of(&table, "Q96S94"),
        &[50.5, f64::NAN, 55.5, f64::NAN]
    ));
    assert_eq!(table.features.len(), 3);
    assert_eq!(table.features[0].accessions, ["P04637", "P04637-2"]);
    let sheet = table.sheet.unwrap();
    assert_eq!(sheet.header, ["R.FileName", "R.Condition", "R.Replicate"]);
    let precursors = sample("spectronaut_report").replace("PG.Quantity", "PG.Other");
    let table = load(precursors.as_bytes()).unwrap().table;
    assert_eq!(
        (table.level, table.features.len()),
        (FeatureLevel::Precursor, 4)
    );
    assert_eq!(of(&table, "_TAYSALK_.2".trim_matches('_'))[0], 2001.0);
}

#[test]
fn msstats_fragments_are_summed_and_its_design_is_used() {
    let table = read("msstats");
    assert_eq!(table.level, FeatureLevel::Precursor);
    assert!(close(
        of(&table, "TAYSALK/2"),
        &[110.0, 220.0, 330.0, 440.0]
    ));
    assert!(of(&table, "SLADQMK/2")[2].is_nan());
    assert_eq!(table.features[0].accessions, ["P04637"]);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("input.csv"), sample("msstats")).unwrap();
    let dataset = open(&folder.path().join("input.csv"), &ReadOptions::default()).unwrap();
    let condition = &dataset.samples.variables["Condition"];
    assert_eq!(
        (condition.role, condition.levels().len()),
        (Role::Condition, 2)
    );
}

#[test]
fn olink_controls_are_set_apart_and_warnings_told() {
    let table = read("olink_npx");
    assert_eq!((table.scale, table.features.len()), (Some(Scale::Log2), 3));
    assert_eq!(labels(&table), ["A1", "A2", "B1", "B2"]);
    assert_eq!(of(&table, "OID01217"), [1.25, 2.5, -0.5, 3.5]);
    assert!(of(&table, "OID01218")[3].is_nan());
    assert_eq!(table.features[2].accessions, ["P29459", "P29460"]);
    assert_eq!(table.features[0].symbol.as_deref(), Some("CHL1"));
    assert_eq!(table.set_apart.len(), 1);
    assert_eq!(table.set_apart[0].id, "CONTROL_SAMPLE_AS 1");
    let sheet = table.sheet.unwrap();
    assert_eq!(
        sheet.header,
        ["SampleID", "PlateID", "Treatment", "Subject"]
    );
    let rules: Vec<&str> = table.problems.iter().map(|p| p.rule.as_str()).collect();
    assert_eq!(rules, ["quality_warning", "below_detection_limit"]);
    // Below the limit: 1.25 and -0.5 of IL6 against 1.5.
    assert!(
        table.problems[1].message.starts_with("2 of "),
        "{}",
        table.problems[1].message
    );
}

#[test]
fn a_sample_measured_twice_with_other_values_is_refused() {
    let row = "A1;1;OID01216;O00533;CHL1;0.01;Olink Cardiometabolic;v.1201;Plate1;Pass;2.37;13.5;Treated;ID1\n";
    let error = load(format!("{}{row}", sample("olink_npx")).as_bytes())
        .err()
        .unwrap();
    assert!(
        matches!(error, DatasetError::DuplicatedSample { .. }),
        "{error}"
    );
}

#[test]
fn packed_and_otherwise_written_streams_hold_the_same() {
    let text = sample("diann_report");
    let plain = format!("{:?}", load(text.as_bytes()).unwrap().table);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let crlf = text.replace('\n', "\r\n");
    let bom = format!("\u{feff}{text}");
    let comments = format!("# made by a test\n{text}");
    for bytes in [
        gzip.clone(),
        zstd.clone(),
        crlf.into_bytes(),
        bom.into_bytes(),
    ] {
        assert_eq!(format!("{:?}", load(&bytes).unwrap().table), plain);
    }
    assert_eq!(load(comments.as_bytes()).unwrap().table.features[0].row, 3);
    for packed in [&gzip, &zstd] {
        let error = load(&packed[..packed.len() / 2]).err().unwrap();
        assert!(matches!(error, DatasetError::Truncated { .. }), "{error}");
    }
}

#[test]
fn footnotes_of_a_stream_are_told_and_not_read() {
    let text = sample("diann_report");
    let plain = load(text.as_bytes()).unwrap().table;
    let tabs = text.lines().next().unwrap().matches('\t').count();
    for notes in [
        "made by us\n* outlier removed\n".to_string(),
        format!("made by us{}\n* outlier removed", "\t".repeat(tabs)),
    ] {
        let noted = load(format!("{text}{notes}").as_bytes()).unwrap().table;
        assert_eq!(format!("{:?}", noted.values), format!("{:?}", plain.values));
        let told: Vec<&str> = (noted.inferences.iter())
            .filter(|i| i.what.starts_with("footnotes"))
            .map(|i| i.because.as_str())
            .collect();
        assert_eq!(
            told,
            ["they hold one cell of words: `made by us`, `* outlier removed`"]
        );
    }
    let row = text.lines().nth(1).unwrap();
    let within = load(format!("{text}made by us\n{row}\n").as_bytes()).err();
    assert!(matches!(
        within,
        Some(DatasetError::Ragged { found: 1, .. })
    ));
    let cut = load(format!("{text}C:\\my runs\\on").as_bytes()).err();
    assert!(matches!(cut, Some(DatasetError::Truncated { .. })));
}

#[test]
fn faults_of_a_stream_name_their_line() {
    let text = sample("diann_report");
    let cut = &text[..text.len() - 30];
    let error = load(cut.as_bytes()).err().unwrap();
    assert!(matches!(error, DatasetError::Truncated { .. }), "{error}");
    let spoiled = text.replacen("1.2e+06\tTAYSALK", "12O\tTAYSALK", 1);
    let error = load(spoiled.as_bytes()).err().unwrap();
    assert!(
        matches!(&error, DatasetError::NotANumber { row: 3, column, .. } if column == "PG.MaxLFQ"),
        "{error}"
    );
}

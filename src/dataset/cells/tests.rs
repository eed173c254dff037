//! From cells to assays, on made-up blood: what was put in must come out, whatever the files are.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use proteus_stats::Matrix;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::{Dataset, DatasetError, FeatureLevel, ReadOptions, Role, Scale, open};
use super::assays::{log_ratios, median};

const MARKERS: [&str; 6] = ["CD45", "CD3", "CD20", "CD14", "pS6", "pErk"];
/// Cells of each population in every sample.
const CELLS: [usize; 3] = [300, 150, 60];

/// The cells of four donors with and without stimulation: T, B and myeloid cells; pS6 rises by 2 in B cells.
fn blood(seed: u64) -> Vec<(String, Vec<[f32; 6]>)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut samples = Vec::new();
    for donor in 1..=4 {
        for stimulated in [false, true] {
            let shift = f64::from(donor) * 0.1;
            let mut cells = Vec::new();
            for (kind, n) in CELLS.iter().enumerate() {
                for _ in 0..*n {
                    let up = if stimulated && kind == 1 { 2.0 } else { 0.0 };
                    let mut means = [5.0, 0.1, 0.1, 0.1, 0.8 + shift + up, 0.5 + shift];
                    means[1 + kind] = 4.0;
                    cells.push(means.map(|m| {
                        let noise: f64 = (0..4).map(|_| rng.random::<f64>() - 0.5).sum();
                        (5.0 * (m + 0.4 * noise).sinh()) as f32
                    }));
                }
            }
            cells.shuffle(&mut rng);
            let name = format!("{}{donor}", if stimulated { "stim" } else { "ref" });
            samples.push((name, cells));
        }
    }
    samples
}

const PANEL: &str = "fcs_colname\tantigen\tmarker_class\nY89Di\tCD45\ttype\nNd142Di\tCD3\ttype\nSm147Di\tCD20\ttype\nGd160Di\tCD14\ttype\nYb172Di\tpS6\tstate\nEr168Di\tpErk\tstate\n";
const METALS: [&str; 6] = [
    "Y89Di", "Nd142Di", "Sm147Di", "Gd160Di", "Yb172Di", "Er168Di",
];

fn sheet(ending: &str, swapped: bool) -> String {
    let mut text = "file\tsample\tcondition\tdonor\n".to_string();
    for donor in 1..=4 {
        for word in ["ref", "stim"] {
            let condition = match (word, swapped && donor % 2 == 0) {
                ("ref", false) | ("stim", true) => "control",
                _ => "stimulated",
            };
            text.push_str(&format!(
                "{word}{donor}{ending}\t{word}{donor}\t{condition}\td{donor}\n"
            ));
        }
    }
    text
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

/// One table of cells, a sheet and a panel.
fn as_table(samples: &[(String, Vec<[f32; 6]>)], swapped: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = format!("sample\t{}\n", MARKERS.join("\t"));
    for (name, cells) in samples {
        for cell in cells {
            let numbers: Vec<String> = cell.iter().map(f32::to_string).collect();
            text.push_str(&format!("{name}\t{}\n", numbers.join("\t")));
        }
    }
    write(folder.path(), "cells.tsv", text.as_bytes());
    write(
        folder.path(),
        "samples.tsv",
        sheet(".fcs", swapped).as_bytes(),
    );
    write(folder.path(), "panel.tsv", PANEL.as_bytes());
    folder
}

/// One FCS file for each sample, with a channel of time, a sheet and a panel.
fn as_fcs(samples: &[(String, Vec<[f32; 6]>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, cells) in samples {
        let mut text = format!(
            "|$PAR|7|$TOT|{}|$DATATYPE|F|$BYTEORD|1,2,3,4|$MODE|L|",
            cells.len()
        );
        for (k, metal) in std::iter::once("Time").chain(METALS).enumerate() {
            let p = k + 1;
            text.push_str(&format!("$P{p}N|{metal}|$P{p}B|32|$P{p}R|4096|$P{p}E|0,0|"));
        }
        let begin = 58 + text.len();
        let end = begin + cells.len() * 28 - 1;
        let mut bytes = format!(
            "FCS3.0    {:>8}{:>8}{begin:>8}{end:>8}{:>8}{:>8}{text}",
            58,
            begin - 1,
            0,
            0
        )
        .into_bytes();
        for (i, cell) in cells.iter().enumerate() {
            bytes.extend((i as f32).to_le_bytes());
            bytes.extend(cell.iter().flat_map(|x| x.to_le_bytes()));
        }
        write(folder.path(), &format!("{name}.fcs"), &bytes);
    }
    write(
        folder.path(),
        "samples.tsv",
        sheet(".fcs", false).as_bytes(),
    );
    write(folder.path(), "panel.tsv", PANEL.as_bytes());
    folder
}

fn read(folder: &Path) -> Dataset {
    open(folder, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}; {}", e.hint()))
}

/// The values of a row.
fn row(dataset: &Dataset, assay: &str, id: &str) -> Vec<f64> {
    let assay = &dataset.assays[assay];
    assay
        .values
        .row(
            assay
                .feature_index(id)
                .unwrap_or_else(|| panic!("no `{id}`")),
        )
        .to_vec()
}

#[test]
fn populations_and_their_states_are_what_was_put_in() {
    let folder = as_table(&blood(1), false);
    let dataset = read(folder.path());
    let names: Vec<&str> = dataset.assays.keys().map(String::as_str).collect();
    assert_eq!(names, ["states", "populations", "markers"]);
    assert_eq!(dataset.assay().level, FeatureLevel::State);
    let facts = dataset.cells.as_ref().unwrap();
    let found: Vec<(&str, usize)> = facts
        .populations
        .iter()
        .map(|p| (p.name.as_str(), p.cells))
        .collect();
    assert_eq!(found, [("CD3+", 2400), ("CD20+", 1200), ("CD14+", 480)]);
    assert_eq!(facts.cells, 4080);
    assert_eq!(facts.scale, Scale::Asinh { cofactor: 5.0 });
    assert_eq!(facts.samples[0].cells, 510);
    let states = row(&dataset, "states", "CD20+ · pS6");
    for donor in 0..4 {
        let (reference, stimulated) = (states[2 * donor], states[2 * donor + 1]);
        assert!(
            (stimulated - reference - 2.0).abs() < 0.15,
            "{reference} {stimulated}"
        );
    }
    let other = row(&dataset, "states", "CD3+ · pS6");
    assert!((other[1] - other[0]).abs() < 0.15);
    let label = dataset.assay().features[0].label().into_owned();
    assert_eq!(label, "pS6 in CD3+ cells");
    // Equal counts in every sample: log2(300.5), log2(150.5) and log2(60.5) minus their mean.
    let share = row(&dataset, "populations", "CD20+");
    let logs = CELLS.map(|n| (n as f64 + 0.5).log2());
    let expected = logs[1] - logs.iter().sum::<f64>() / 3.0;
    assert!(
        share.iter().all(|x| (x - expected).abs() < 1e-12),
        "{share:?}"
    );
}

#[test]
fn the_design_is_of_samples_and_donors() {
    let folder = as_table(&blood(2), false);
    let dataset = read(folder.path());
    assert_eq!(dataset.samples.len(), 8);
    assert_eq!(dataset.samples.variables["condition"].role, Role::Condition);
    assert_eq!(dataset.samples.variables["donor"].role, Role::Subject);
    let contrast = &dataset.design.active()[0];
    assert_eq!(contrast.id, "condition:stimulated-control");
    assert_eq!(contrast.blocking, ["donor"]);
    let note = dataset
        .problems
        .iter()
        .find(|p| p.rule == "cells_are_not_replicates")
        .unwrap();
    assert!(
        note.message
            .contains("8 samples of 4 (donor) are behind 4080 cells"),
        "{}",
        note.message
    );
}

#[test]
fn files_of_samples_and_one_table_give_the_same() {
    let mut samples = blood(3);
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    let (table, fcs) = (as_table(&samples, false), as_fcs(&samples));
    let (one, other) = (read(table.path()), read(fcs.path()));
    assert_eq!(other.assays["states"].format, "fcs");
    assert_eq!(one.samples.ids, other.samples.ids);
    for (a, b) in one.assays.values().zip(other.assays.values()) {
        assert_eq!(a.features, b.features);
        assert_eq!(a.values, b.values, "{}", a.name);
    }
    let apart = &other.cells.as_ref().unwrap().set_apart;
    assert_eq!(
        (apart[0].name.as_str(), apart[0].reason.as_str()),
        ("Time", "the time of the event")
    );
    assert_eq!(other.samples.variables["condition"].levels().len(), 2);
}

#[test]
fn labels_and_threads_change_nothing() {
    let samples = blood(4);
    let (straight, swapped) = (as_table(&samples, false), as_table(&samples, true));
    let one = read(straight.path());
    assert_eq!(one.assays, read(swapped.path()).assays);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let four = rayon::ThreadPoolBuilder::new()
        .num_threads(4)
        .build()
        .unwrap();
    let path = straight.path();
    assert_eq!(
        alone.install(|| read(path)).assays,
        four.install(|| read(path)).assays
    );
}

#[test]
fn the_sheet_may_be_in_the_table_and_the_panel_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = format!("donor,condition,cell_type,{},Time\n", MARKERS.join(","));
    for (name, cells) in blood(5) {
        let (condition, donor) = name.split_at(name.len() - 1);
        for (i, cell) in cells.iter().enumerate() {
            let numbers: Vec<String> = cell.iter().map(f32::to_string).collect();
            let kind = ["T", "B", "M"][i % 3];
            text.push_str(&format!(
                "{donor},{condition},{kind},{},{i}\n",
                numbers.join(",")
            ));
        }
    }
    write(folder.path(), "cells.csv", text.as_bytes());
    let dataset = read(&folder.path().join("cells.csv"));
    assert_eq!(dataset.samples.len(), 8);
    assert_eq!(dataset.samples.ids[1], "1 stim");
    assert_eq!(dataset.samples.variables["condition"].role, Role::Condition);
    let facts = dataset.cells.as_ref().unwrap();
    assert_eq!(facts.type_markers, ["CD45", "CD3", "CD20", "CD14"]);
    assert_eq!(facts.state_markers, ["pS6", "pErk"]);
    assert_eq!(facts.set_apart[0].name, "Time");
}

#[test]
fn an_excluded_sample_takes_no_part() {
    let folder = as_table(&blood(6), false);
    let options = ReadOptions {
        exclude: vec!["ref1".to_string()],
        ..ReadOptions::default()
    };
    let dataset = open(folder.path(), &options).unwrap();
    assert_eq!(dataset.samples.len(), 7);
    assert_eq!(dataset.cells.unwrap().cells, 7 * 510);
}

#[test]
fn what_is_declared_goes_first() {
    let folder = as_table(&blood(7), false);
    let manifest = "tables:\n  - file: cells.tsv\n    panel: panel.tsv\n    cofactor: 150\nsamples:\n  - file: samples.tsv\n    id: sample\n";
    write(folder.path(), "dataset.yaml", manifest.as_bytes());
    let dataset = read(folder.path());
    assert_eq!(
        dataset.cells.unwrap().scale,
        Scale::Asinh { cofactor: 150.0 }
    );
    let done = manifest.replace("cofactor: 150", "scale: !asinh {cofactor: 7}");
    write(folder.path(), "dataset.yaml", done.as_bytes());
    let as_they_stand = read(folder.path());
    assert_eq!(
        as_they_stand.cells.unwrap().scale,
        Scale::Asinh { cofactor: 7.0 }
    );
    assert!(as_they_stand.assays["markers"].values.get(0, 0) > 300.0);
    let logs = manifest.replace("cofactor: 150", "scale: log10");
    write(folder.path(), "dataset.yaml", logs.as_bytes());
    assert_eq!(read(folder.path()).cells.unwrap().scale, Scale::Log2);
    let wrong = manifest.replace("cofactor: 150", "cofactor: 0");
    write(folder.path(), "dataset.yaml", wrong.as_bytes());
    let fault = open(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(fault.to_string().contains("cofactor"), "{fault}");
    let wrong = manifest.replace("cofactor: 150", "sample: nowhere");
    write(folder.path(), "dataset.yaml", wrong.as_bytes());
    let fault = open(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(
        fault.to_string().contains("nowhere") && fault.hint().contains("CD45"),
        "{fault} {}",
        fault.hint()
    );
}

#[test]
fn text_among_the_numbers_is_told_by_line() {
    let folder = as_table(&blood(8), false);
    let path = folder.path().join("cells.tsv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let cell = lines[2600].split('\t').next_back().unwrap().to_string();
    lines[2600] = lines[2600].replace(&cell, "much");
    std::fs::write(&path, lines.join("\n")).unwrap();
    match open(folder.path(), &ReadOptions::default()) {
        Err(DatasetError::NotANumber {
            row, value, column, ..
        }) => {
            assert_eq!(
                (row, value.as_str(), column.as_str()),
                (2601, "much", "pErk")
            );
        }
        other => panic!("{other:?}"),
    }
}

/// The values of a table of cells, changed one by one, as the scale that is told from them.
fn scale_of(panel: bool, change: impl Fn(f32) -> f32) -> Scale {
    let samples = blood(9).into_iter().map(|(name, cells)| {
        let cells = cells.into_iter().map(|cell| cell.map(&change)).collect();
        (name, cells)
    });
    let folder = as_table(&samples.collect::<Vec<_>>(), false);
    if !panel {
        std::fs::remove_file(folder.path().join("panel.tsv")).unwrap();
    }
    read(folder.path()).cells.unwrap().scale
}

#[test]
fn the_scale_is_told_from_most_signals_and_from_metals_of_the_panel() {
    let five = Scale::Asinh { cofactor: 5.0 };
    let light = Scale::Asinh { cofactor: 150.0 };
    // Ion counts spread out below zero, one of them far below.
    let spread = |x: f32| if x < 1.0 { x.abs().fract() - 1.0 } else { x };
    assert_eq!(scale_of(false, spread), five);
    let stray = |x: f32| if x > 700.0 { -56.0 } else { spread(x) };
    assert_eq!(scale_of(false, stray), five);
    let bright = |x: f32| 200.0 * (x - 1.0);
    assert_eq!(scale_of(false, bright), light);
    assert_eq!(scale_of(true, bright), five);
}

#[test]
fn medians_and_log_ratios_by_hand() {
    assert_eq!(median(&mut vec![3.0, 1.0, f32::NAN, 2.0]), Some(2.0));
    assert_eq!(median(&mut vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(median(&mut vec![f32::NAN]), None);
    let counts = Matrix::new(2, 1, vec![7.5, 1.5]).unwrap();
    // log2(8) = 3 and log2(2) = 1 about their mean of 2.
    assert_eq!(log_ratios(&counts).values(), [1.0, -1.0]);
}

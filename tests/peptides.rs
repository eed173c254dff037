//! A run on a table of peptides: proteins are made of them, a hypothesis leads back to the lines of its peptides, and a run
//! cut short resumes to the same bytes.

use proteus::content::Content;
use proteus::report::{ReportModel, html};

use crate::report::shown_data::{data_of, places, unpacked};
use crate::support::program::{folder_with, only_run, start};

/// Four peptides for each of 150 proteins in three controls and three treated samples; the proteins of every tenth rise.
/// Line 2 is the first peptide of protein 0; the first of protein 5 has no value in c1.
fn peptides() -> String {
    let samples = ["c1", "c2", "c3", "t1", "t2", "t3"];
    let mut text = "Sequence\tProteins\tLeading razor protein".to_owned();
    for sample in samples {
        text.push_str(&format!("\tIntensity {sample}"));
    }
    text.push('\n');
    let mut state: u64 = 7;
    for protein in 0..150 {
        for peptide in 0..4 {
            let letter = |k: usize| char::from(b"ACDEFGHILMNPQSTVWY"[k % 18]);
            let code = [peptide, protein % 18, protein / 18].map(letter);
            let (code, name) = (String::from_iter(code), format!("PROT{protein:03}"));
            text.push_str(&format!("AAA{code}GGK\t{name}\t{name}"));
            for sample in samples {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let noise = (state >> 40) as f64 / f64::from(1 << 24);
                let rises = sample.starts_with('t') && protein % 10 == 0;
                let log = 20.0 + peptide as f64 + 0.5 * noise + if rises { 3.0 } else { 0.0 };
                let seen = (protein, peptide, sample) != (5, 0, "c1");
                let value = if seen { log.exp2() } else { 0.0 };
                text.push_str(&format!("\t{value:.0}"));
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn a_run_on_peptides_leads_back_to_their_lines_and_resumes() {
    let folder = folder_with(&[("peptides.txt", peptides().as_bytes())]);
    let run = [
        "run",
        "peptides.txt",
        "--quiet",
        "--decoys",
        "20",
        "--contrast",
        "t-c",
        "--out",
        "runs",
    ];
    let ended = start(folder.path(), &run);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let root = only_run(&folder.path().join("runs"));

    let explained = start(folder.path(), &["explain", "1", "--out", "runs"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    let told = |text: &str| {
        assert!(
            explained.out.contains(text),
            "`{text}` in {}",
            explained.out
        )
    };
    told("rolled up by MaxLFQ from assay peptides");
    told("file peptides.txt, BLAKE3 ");
    told("log2 values as read of its 4 peptides");
    // Its first peptide stands in the line that the table says.
    let text = peptides();
    let (place, peptide) = explained
        .out
        .lines()
        .find_map(|l| l.trim().strip_prefix("line ")?.split_once(": "))
        .unwrap_or_default();
    let line = place
        .parse::<usize>()
        .ok()
        .and_then(|n| text.lines().nth(n - 1));
    assert!(
        line.is_some_and(|l| l.starts_with(peptide)),
        "{place}: {peptide}"
    );

    the_page_holds_them(&root);
    let written = |name: &str| std::fs::read(root.join(name)).unwrap_or_default();
    let (before, journal) = (written("hypotheses.yaml"), written("journal.jsonl"));
    assert!(!before.is_empty());
    let journal = String::from_utf8_lossy(&journal).into_owned();
    let lines: Vec<&str> = journal.lines().collect();
    let cut = format!("{}\n", lines[..lines.len() / 2].join("\n"));
    std::fs::write(root.join("journal.jsonl"), cut).unwrap_or_else(|e| panic!("{e}"));
    let ended = start(folder.path(), &["resume", "--quiet", "--out", "runs"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(written("hypotheses.yaml"), before);
}

/// The panel of a protein has its peptides by sample, and says which samples are missing.
fn the_page_holds_them(root: &std::path::Path) {
    let model = ReportModel::load(root).unwrap_or_else(|e| panic!("{e}"));
    let page = html(&model, &Content::embedded()).unwrap_or_else(|e| panic!("{e}"));
    let data = data_of(&page);
    let parts = &data["parts"][0];
    assert_eq!(parts["what"], "peptides");
    assert_eq!(parts["whole"], true);
    let (ids, owners) = (&parts["ids"], places(&data, &parts["owners"]));
    assert_eq!(ids.as_array().map(Vec::len), Some(600));
    assert!(owners.is_sorted());
    let values = unpacked(&data, &parts["values"]);
    let set = parts["set"].as_u64().unwrap_or_default() as usize;
    let of_five = data["features"][set]["ids"]
        .as_array()
        .and_then(|ids| ids.iter().position(|id| id == "PROT005"));
    let first = owners
        .iter()
        .position(|owner| Some(*owner as usize) == of_five);
    let first = first.unwrap_or_else(|| panic!("PROT005 has no peptides"));
    assert_eq!(
        owners[first..]
            .iter()
            .filter(|o| **o == owners[first])
            .count(),
        4
    );
    let step = parts["values"]["step"].as_f64().unwrap_or_default();
    let mut missing = 0;
    for k in first..first + 4 {
        let id = ids[k].as_str().unwrap_or_default();
        let read = model.values_as_read(id);
        let read = read.first().unwrap_or_else(|| panic!("{id} was read"));
        for (sample, expected) in read.values.iter().enumerate() {
            let found = values[k * 6 + sample];
            let close = (found - expected).abs() <= 0.501 * step;
            assert!(
                close || (found.is_nan() && expected.is_nan()),
                "{found} {expected}"
            );
            missing += usize::from(found.is_nan());
        }
    }
    assert_eq!(missing, 1);
    let without = model.without_values().unwrap_or_else(|e| panic!("{e}"));
    let page = html(&without, &Content::embedded()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(data_of(&page)["parts"], serde_json::json!([]));
}

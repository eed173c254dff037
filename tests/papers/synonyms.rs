//! A gene is asked for by its other names, and a sentence that uses one is read; what could mean something else is not asked.

use std::fs;

use super::*;

/// Written for these tests: the name, an alias, a disease that the gene's locus is called by, an alias of two letters.
const OTHER_NAMES: &str = r#"{"pmid": 21, "title": "By name", "abstract": "Carbonic anhydrase 9 was increased in kidney tumors compared with normal kidney."}
{"pmid": 22, "title": "By alias", "abstract": "CAIX was decreased in kidney tumors compared with normal kidney."}
{"pmid": 23, "title": "A locus", "abstract": "FJHN was decreased in kidney tumors compared with normal kidney."}
{"pmid": 24, "title": "Two letters", "abstract": "MN was increased in kidney tumors compared with normal kidney."}
{"pmid": 25, "title": "Uromodulin", "abstract": "Uromodulin was decreased in kidney tumors compared with normal kidney."}
{"pmid": 26, "title": "Another isozyme", "abstract": "Carbonic anhydrase 93 was increased in kidney tumors compared with normal kidney."}
"#;

/// Runs on the study with packs.
fn ran_with_packs(folder: &Path, out: &str, more: &[&str]) -> PathBuf {
    let mut arguments = vec![
        "run",
        "study.tsv",
        "--contrast",
        "condition:tumor-normal",
        "--quiet",
        "--out",
        out,
        "--literature",
        "b.sqlite",
        "--literature-about",
        "kidney",
    ];
    arguments.extend(more);
    let ended = start(folder, &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    only_run(&folder.join(out))
}

/// The papers quoted about a protein, with the side they take.
fn quoted(run: &Path, symbol: &str) -> Vec<(String, bool)> {
    let found = papers(run);
    let quotes = found.hypotheses[&about(run, symbol).id].quotes.iter();
    let about_it = quotes.filter(|q| q.about == symbol);
    about_it.map(|q| (q.paper.clone(), q.supports)).collect()
}

#[test]
fn a_run_asks_for_other_names_and_reads_them() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("other.jsonl"), OTHER_NAMES).unwrap();
    let added = start(
        folder,
        &["literature", "add", "other.jsonl", "--store", "b.sqlite"],
    );
    assert_eq!(added.code, Some(0), "{}", added.err);
    let run = ran_with_packs(folder, "runs", &[]);
    let one = |paper: &str, supports| (paper.to_owned(), supports);
    assert_eq!(
        quoted(&run, "CA9"),
        [one("PMID:21", true), one("PMID:22", false)]
    );
    assert_eq!(quoted(&run, "UMOD"), [one("PMID:25", true)]);
    let found = papers(&run);
    let names = &found.hypotheses[&about(&run, "CA9").id].names;
    for wanted in ["CA9", "carbonic anhydrase 9", "CAIX"] {
        assert!(
            names.iter().any(|name| name == wanted),
            "no {wanted} in {names:?}"
        );
    }
    assert!(!names.iter().any(|name| name == "MN"), "{names:?}");
    let name = run.display().to_string();
    fs::rename(folder.join("b.sqlite"), folder.join("away.sqlite")).unwrap();
    let ended = start(folder, &["replay", &name]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    fs::rename(folder.join("away.sqlite"), folder.join("b.sqlite")).unwrap();
    // Without, nothing of these papers is found by the symbols.
    fs::write(
        folder.join("c.yaml"),
        "literature: {synonyms: false, store: b.sqlite}\n",
    )
    .unwrap();
    let without = ran_with_packs(folder, "without", &["--config", "c.yaml"]);
    assert!(quoted(&without, "CA9").is_empty());
    assert_eq!(
        papers(&without).hypotheses[&about(&without, "CA9").id].papers,
        0
    );
}

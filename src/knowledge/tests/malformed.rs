//! Damaged packs and gene sets: a message that names file and line, never a panic.

use std::fs;
use std::path::Path;

use crate::content::Content;
use crate::knowledge::{GeneSets, KnowledgeError, PackVersion, Packs};

fn shadow(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = dir.path().join("datasets/knowledge").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    dir
}

fn packs(dir: &Path) -> Result<Packs, KnowledgeError> {
    Packs::open(&Content::open(Some(dir)).unwrap())
}

const MANIFEST: &str = "name: mine\ntitle: t\nversion: '1'\ndate: '2024'\nkind: gene_sets\norganism: Homo sapiens\n\
                        licence: CC0-1.0\nsource: s\ncitation: c\nfiles: {sets: s.gmt}\n";

#[test]
fn a_pack_can_be_added_and_shadowed() {
    let dir = shadow(&[
        ("mine/pack.yaml", MANIFEST),
        ("mine/s.gmt", "A\tremark here\tTP53\tMDM2\n"),
    ]);
    let packs = packs(dir.path()).unwrap();
    let sets = packs.gene_sets("mine").unwrap();
    assert_eq!(sets.get("A").unwrap().members.len(), 2);
    assert_eq!(sets.source().to_string(), "mine 1");
}

#[test]
fn a_bad_manifest_is_named() {
    for (manifest, says) in [
        (MANIFEST.replace("kind: gene_sets", "kind: sets"), "sets"),
        (
            MANIFEST.replace("licence: CC0-1.0", "licence: ''"),
            "must not be empty",
        ),
        (MANIFEST.replace("name: mine", "name: yours"), "`yours`"),
        (MANIFEST.replace("s.gmt", "absent.gmt"), "`absent.gmt`"),
        (
            MANIFEST.replace("sets: s.gmt", "edges: s.gmt"),
            "sets; found edges",
        ),
        (MANIFEST.replace("title", "titel"), "titel"),
        ("{".to_owned(), "line"),
    ] {
        let dir = shadow(&[("mine/pack.yaml", &manifest), ("mine/s.gmt", "A\tb\tC\n")]);
        let error = packs(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("mine/pack.yaml") && error.contains(says),
            "{error}"
        );
    }
}

#[test]
fn two_packs_of_one_kind_are_refused() {
    let manifest = MANIFEST
        .replace("gene_sets", "interactions")
        .replace("sets: s.gmt", "edges: e.tsv");
    let dir = shadow(&[("mine/pack.yaml", &manifest), ("mine/e.tsv", "a\tb\n")]);
    let error = packs(dir.path()).unwrap().interactions().unwrap_err();
    assert!(
        matches!(&error, KnowledgeError::TwoOfKind { first, .. } if first == "mine"),
        "{error}"
    );
}

#[test]
fn a_bad_line_is_named() {
    for (file, text, line) in [
        ("string-human/string_human_edges.tsv.gz", "x\ty\nA\tB\n", 1),
        (
            "string-human/string_human_edges.tsv.gz",
            "a\tb\nA\tB\tC\n",
            2,
        ),
        ("string-human/string_human_edges.tsv.gz", "a\tb\nA\t\n", 2),
        ("string-human/string_human_edges.tsv.gz", "", 1),
    ] {
        let dir = shadow(&[(file, text)]);
        let packs = packs(dir.path()).unwrap();
        let error = packs.interactions().unwrap_err();
        assert!(
            matches!(&error, KnowledgeError::Malformed { line: found, .. } if *found == line),
            "{error}"
        );
    }
    for (file, text, says) in [
        (
            "go/go_terms.tsv.gz",
            "GOID\tONTOLOGY\tTERM\nGO:1\tXX\tx\n",
            "`XX`",
        ),
        (
            "go/go_parents.tsv.gz",
            "child\tparent\trel\nGO:0000502\tGO:0032991\tlikes\n",
            "`likes`",
        ),
        (
            "go/go_parents.tsv.gz",
            "child\tparent\trel\nGO:0000502\tGO:x\tisa\n",
            "`GO:x`",
        ),
        (
            "go/go_parents.tsv.gz",
            "child\tparent\trel\nGO:0000502\tGO:0032991\tisa\nGO:0032991\tGO:0000502\tisa\n",
            "above itself",
        ),
        (
            "go/goa_human_direct.tsv.gz",
            "symbol\tgo_id\tevidence\nTP53\tGO:x\tIDA\n",
            "`GO:x`",
        ),
    ] {
        let dir = shadow(&[(file, text)]);
        let error = packs(dir.path()).unwrap().go().unwrap_err().to_string();
        assert!(error.contains(file) && error.contains(says), "{error}");
    }
    let dir = shadow(&[("go/go_terms.tsv.gz", "\u{1f}")]);
    fs::write(
        dir.path().join("datasets/knowledge/go/go_terms.tsv.gz"),
        [0x1f, 0x8b, 0x08, 0x00, 0x01],
    )
    .unwrap();
    assert!(matches!(
        packs(dir.path()).unwrap().go(),
        Err(KnowledgeError::Compression { .. })
    ));
}

#[test]
fn bad_gene_sets_are_named() {
    let source = || PackVersion {
        pack: "mine".to_owned(),
        version: "1".to_owned(),
    };
    let read = |bytes: &[u8]| GeneSets::from_gmt("mine", "mine.gmt", bytes, source());
    for (text, line) in [
        ("A\tx\tB\nC\n", 2),
        ("A\tx\tB\nA\tx y\tC\n", 2),
        ("\tx\tB\n", 1),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(
            matches!(&error, KnowledgeError::Malformed { line: found, .. } if *found == line),
            "{error}"
        );
    }
    assert!(matches!(
        read(b"A\tx\tB\n\xff"),
        Err(KnowledgeError::NotText { line: 2, .. })
    ));
    assert!(read(b"").unwrap().is_empty());
    assert!(read(b"EMPTY\tx\t\t\n").unwrap().is_empty());
    assert!(matches!(
        GeneSets::read_gmt(Path::new("no/such.gmt")),
        Err(KnowledgeError::Unreadable { .. })
    ));
}

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::query::Query;

fn paper(id: &str, title: &str, text: &str) -> Abstract {
    let id = AbstractId::parse(id).expect("an identifier");
    Abstract::new(id, title, text, "test").expect("an abstract")
}

fn filled(path: &Path) -> Store {
    let mut store = Store::open(path).expect("opens");
    let papers = [
        paper(
            "PMID:1",
            "CA9 in the kidney",
            "CA9 is high in renal carcinoma.",
        ),
        paper(
            "PMID:2",
            "Hypoxia",
            "CA9 and VEGFA were measured in the colon.",
        ),
        paper("PMID:3", "HLA-A", "Nothing of interest to tumours."),
    ];
    store.add(&papers, "2026-01-02").expect("adds");
    store
}

fn query(names: &[&str], context: &[&str], narrow: bool) -> Query {
    Query {
        names: names.iter().map(|n| (*n).to_owned()).collect(),
        context: context.iter().map(|n| (*n).to_owned()).collect(),
        narrow,
        limit: 10,
    }
}

fn ids(found: &[Abstract]) -> Vec<&str> {
    found.iter().map(|a| a.id.as_str()).collect()
}

#[test]
fn papers_are_found_by_name_and_ranked_by_circumstances() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(&folder.path().join("a.sqlite"));
    let found = |q: Query| store.find(&q).expect("finds");
    assert_eq!(
        ids(&found(query(&["CA9"], &["colon"], false))),
        ["PMID:2", "PMID:1"]
    );
    assert_eq!(
        ids(&found(query(&["CA9"], &["renal"], false))),
        ["PMID:1", "PMID:2"]
    );
    assert_eq!(ids(&found(query(&["CA9"], &["renal"], true))), ["PMID:1"]);
    assert_eq!(ids(&found(query(&["HLA-A"], &[], false))), ["PMID:3"]);
    assert!(found(query(&["CA99", "-", ""], &[], false)).is_empty());
    assert!(found(query(&[], &["renal"], false)).is_empty());
}

#[test]
fn a_paper_holds_one_phrase_of_every_list() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(&folder.path().join("a.sqlite"));
    let found = |lists: &[&[&str]]| {
        let lists: Vec<Vec<String>> = lists
            .iter()
            .map(|list| list.iter().map(|word| (*word).to_owned()).collect())
            .collect();
        store.with_all(&lists, 10).expect("finds")
    };
    assert_eq!(found(&[&["CA9"]]).len(), 2);
    assert_eq!(ids(&found(&[&["CA9"], &["colon"]])), ["PMID:2"]);
    let other = ["CAIX", "renal carcinoma", "HLA-A"];
    let mut either: Vec<String> = found(&[&other]).iter().map(|a| a.id.to_string()).collect();
    either.sort();
    assert_eq!(either, ["PMID:1", "PMID:3"]);
    assert!(found(&[&["CA9"], &["HLA-A", "CAIX"]]).is_empty());
    assert!(found(&[&["+"], &[]]).is_empty());
}

#[test]
fn adding_again_changes_what_changed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/a.sqlite");
    let mut store = filled(&path);
    let papers = [
        paper(
            "PMID:1",
            "CA9 in the kidney",
            "CA9 is high in renal carcinoma.",
        ),
        paper("PMID:2", "Hypoxia", "VEGFA was measured."),
        paper("PMID:4", "New", "MMP7."),
    ];
    let added = store.add(&papers, "2026-01-03").expect("adds");
    assert_eq!((added.new, added.changed, added.same), (1, 1, 1));
    assert_eq!(
        ids(&store.find(&query(&["CA9"], &[], false)).expect("finds")),
        ["PMID:1"]
    );
    let summary = store.summary().expect("sums up");
    assert_eq!(summary.abstracts, 4);
    assert_eq!(summary.last_added.as_deref(), Some("2026-01-03"));
    let gone = [
        papers[1].id.clone(),
        AbstractId::parse("PMC9").expect("an id"),
    ];
    assert_eq!(store.remove(&gone).expect("removes"), 1);
    assert!(
        store
            .find(&query(&["VEGFA"], &[], false))
            .expect("finds")
            .is_empty()
    );
    assert_eq!(store.list(10).expect("lists").len(), 3);
    let read = Store::read_only(&path).expect("opens");
    assert_eq!(
        read.get(&papers[2].id).expect("gets").as_ref(),
        Some(&papers[2])
    );
}

#[test]
fn several_read_while_one_writes_and_a_second_writer_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sqlite");
    let mut store = filled(&path);
    let readers: Vec<Store> = (0..3)
        .map(|_| Store::read_only(&path).expect("opens"))
        .collect();
    let writer = Connection::open(&path).expect("opens");
    writer.execute_batch("BEGIN IMMEDIATE").expect("locks");
    for reader in &readers {
        assert_eq!(reader.list(10).expect("reads").len(), 3);
    }
    store
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .expect("sets");
    let told = store
        .add(&[paper("PMID:9", "t", "x")], "2026-01-03")
        .expect_err("is locked");
    assert!(
        told.to_string().contains("another process is writing"),
        "{told}"
    );
}

#[test]
fn what_is_no_store_is_named_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |path: &Path| Store::read_only(path).expect_err("is refused").to_string();
    let text = folder.path().join("text");
    fs::write(&text, "PMID- 1\n".repeat(300)).expect("writes");
    assert!(told(&text).contains("it is no database"), "{}", told(&text));
    assert!(told(&folder.path().join("none")).contains("no such file"));
    let other = folder.path().join("other.sqlite");
    Connection::open(&other)
        .and_then(|c| c.execute_batch("CREATE TABLE x(y)"))
        .expect("makes");
    assert!(told(&other).contains("no store of abstracts"));
    assert!(Store::open(&other).is_err(), "and nothing is made in it");
    let newer = folder.path().join("newer.sqlite");
    drop(filled(&newer));
    Connection::open(&newer)
        .and_then(|c| c.pragma_update(None, "user_version", 7))
        .expect("sets");
    assert!(told(&newer).contains("version 7"));
    let damaged = folder.path().join("damaged.sqlite");
    drop(filled(&damaged));
    let mut bytes = fs::read(&damaged).expect("reads");
    let end = bytes.len();
    bytes[4096..end].fill(0xA5);
    fs::write(&damaged, bytes).expect("writes");
    let store = Store::read_only(&damaged).expect("the head is whole");
    let told = store.list(10).expect_err("is damaged").to_string();
    assert!(told.contains("damaged"), "{told}");
}

#[test]
fn a_full_disk_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sqlite");
    let mut store = filled(&path);
    let pages: i64 = store
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("counts");
    store
        .connection
        .pragma_update(None, "max_page_count", pages + 1)
        .expect("limits");
    let many: Vec<Abstract> = (10..300)
        .map(|n| paper(&format!("PMID:{n}"), "t", &format!("word{n} ").repeat(40)))
        .collect();
    let told = store
        .add(&many, "2026-01-03")
        .expect_err("is full")
        .to_string();
    assert!(told.contains("the disk is full"), "{told}");
    assert_eq!(store.summary().expect("reads").abstracts, 3);
}

#[test]
fn a_name_with_the_marks_of_a_query_is_only_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(&folder.path().join("a.sqlite"));
    for hostile in [
        "\"",
        "a\" OR \"b",
        "title:CA9",
        "CA9*",
        "^CA9",
        "NEAR(CA9 x)",
        "CA9 AND",
        "-CA9",
        "{title}: x",
        "'; DROP TABLE words; --",
        "(((",
        "CA9\0x",
        "+",
        "%",
        "\u{202E}",
    ] {
        store
            .find(&query(&[hostile], &[hostile], true))
            .expect(hostile);
        store
            .with_all(&[vec![hostile.to_owned()]], 5)
            .expect(hostile);
    }
    assert_eq!(store.list(9).expect("reads").len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_can_be_looked_for(name in "\\PC{0,30}", word in any::<String>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = filled(&folder.path().join("a.sqlite"));
        prop_assert!(store.find(&query(&[&name], &[&word], false)).is_ok());
        prop_assert!(store.with_all(&[vec![word.clone()], vec![word.clone()]], 5).is_ok());
    }
}

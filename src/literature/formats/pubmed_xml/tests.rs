use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::super::{FileOfAbstracts, LeftOut, parse, read};

/// Written for these tests, in the form of efetch.
const SAMPLE: &str = include_str!("sample.xml");

fn parsed(text: &str) -> FileOfAbstracts {
    parse(Path::new("f.xml"), text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn told(text: &str) -> String {
    parse(Path::new("f.xml"), text).expect_err(text).to_string()
}

/// A file of one paper, around what stands in its citation.
fn one(citation: &str) -> String {
    format!(
        "<PubmedArticleSet><PubmedArticle><MedlineCitation>{citation}</MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
}

fn with_text(text: &str) -> String {
    one(&format!(
        "<PMID>1</PMID><Article><Abstract><AbstractText>{text}</AbstractText></Abstract></Article>"
    ))
}

#[test]
fn titles_labels_dates_and_journals_are_read_without_their_marks() {
    let file = parsed(SAMPLE);
    let ids: Vec<&str> = file.abstracts.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "PMID:990000001",
            "PMID:990000002",
            "PMID:990000003",
            "DOI:10.1000/written.6"
        ]
    );
    assert_eq!(
        file.left_out,
        LeftOut {
            without_text: 1,
            books: 1,
            deleted: 2
        }
    );
    let first = &file.abstracts[0];
    assert_eq!(first.title, "Role of CA9 and Ca2+ in renal tumours.");
    assert_eq!(
        first.text,
        "BACKGROUND: Little is known.\nRESULTS: CA9 (p < 0.05) and H2O, IL-6β.\nNo label."
    );
    assert_eq!(
        (first.year, first.journal.as_deref(), first.source.as_str()),
        (Some(2021), Some("Journal of <Tests> & Trials"), "f.xml")
    );
}

#[test]
fn what_does_not_stand_says_so_in_its_title_and_the_last_version_counts() {
    let file = parsed(SAMPLE);
    let retracted = &file.abstracts[1];
    assert_eq!(
        retracted.title,
        "Retracted Publication: Titel in der Sprache der Autoren."
    );
    assert_eq!(retracted.text, "Values <5 & rising.");
    assert_eq!(
        (retracted.year, retracted.journal.as_deref()),
        (Some(1998), Some("J Abbr"))
    );
    let revised = &file.abstracts[2];
    assert_eq!(revised.title, "Expression of Concern: Second version.");
    assert_eq!(revised.text, "The second version of a text.");
    // The first version stands behind the second as well.
    let turned = SAMPLE
        .replace("Version=\"2\">990000003", "Version=\"0\">990000003")
        .replace("RefType=\"ExpressionOfConcernIn\"", "RefType=\"CommentIn\"");
    assert_eq!(parsed(&turned).abstracts[2].title, "First version.");
    // A title that says so itself is left alone.
    let said = SAMPLE.replace("Titel in der Sprache der Autoren.", "RETRACTED: Titel.");
    assert_eq!(parsed(&said).abstracts[1].title, "RETRACTED: Titel.");
}

#[test]
fn files_put_together_are_read_and_so_is_one_with_nothing() {
    assert_eq!(parsed("<PubmedArticleSet/>"), FileOfAbstracts::default());
    let other = with_text("Another.");
    let both = format!("{SAMPLE}\n<?xml version=\"1.0\"?>\n{other}");
    assert_eq!(parsed(&both).abstracts.len(), 5);
}

#[test]
fn gzip_is_unpacked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pubmed25n0001.xml.gz");
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(SAMPLE.as_bytes()).expect("packs");
    fs::write(&path, packer.finish().expect("packs")).expect("writes");
    let file = read(&path).expect("reads");
    assert_eq!(file.abstracts.len(), 4);
    assert_eq!(file.abstracts[0].source, "pubmed25n0001.xml.gz");
}

#[test]
fn a_file_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let last = SAMPLE.trim_end().len();
    for end in (200..last).step_by(37) {
        let cut = &SAMPLE[..SAMPLE.floor_char_boundary(end)];
        let told = told(cut);
        assert!(told.contains("cannot read `f.xml`: "), "{told}");
        assert!(told.contains("hint: "), "{told}");
    }
    let halved = told(&SAMPLE[..SAMPLE.find("<OtherAbstract").expect("is there")]);
    assert!(
        halved.contains("it ends before its last element does") && halved.contains("line 37"),
        "{halved}"
    );
    assert!(told(&format!("{SAMPLE}</PubmedArticleSet>")).contains("not whole XML"));
    assert!(told(&format!("{SAMPLE} and more")).contains("text outside of any element"));
}

#[test]
fn entities_that_a_file_defines_are_refused_and_never_grow() {
    let mut bomb = String::from(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE PubmedArticleSet [\n<!ENTITY a \"aaaaaaaaaa\">\n",
    );
    for level in 1..12 {
        let (name, below) = (char::from(b'a' + level), char::from(b'a' + level - 1));
        bomb.push_str(&format!(
            "<!ENTITY {name} \"{}\">\n",
            format!("&{below};").repeat(10)
        ));
    }
    bomb.push_str("]>\n");
    bomb.push_str(&with_text("&l;"));
    let refused = told(&bomb);
    assert!(
        refused.contains("its DOCTYPE defines something of its own"),
        "{refused}"
    );
    let external = format!(
        "<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>{}",
        with_text("&x;")
    );
    assert!(told(&external).contains("its DOCTYPE defines"));
    for unknown in ["&x;", "&nbsp;", "&#0;", "&#x110000;", "&#xD800;", "&#-1;"] {
        let told = told(&with_text(unknown));
        assert!(
            told.contains("stands for no character"),
            "{unknown}: {told}"
        );
    }
    assert!(told(&with_text("a & b")).contains("it is not whole XML"));
}

#[test]
fn other_encodings_are_named() {
    let says = |encoding: &str, text: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?>{}",
            with_text(text)
        )
    };
    assert_eq!(parsed(&says("utf-8", "Göteborg")).abstracts.len(), 1);
    assert_eq!(parsed(&says("ISO-8859-1", "Goteborg")).abstracts.len(), 1);
    assert!(told(&says("ISO-8859-1", "Göteborg")).contains("written in `ISO-8859-1`"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("latin.xml");
    let latin: Vec<u8> = says("ISO-8859-1", "G@teborg")
        .bytes()
        .map(|b| if b == b'@' { 0xF6 } else { b })
        .collect();
    fs::write(&path, latin).expect("writes");
    assert!(
        read(&path)
            .expect_err("is not UTF-8")
            .to_string()
            .contains("is not UTF-8")
    );
    let wide: Vec<u8> = SAMPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&path, [&b"\xFF\xFE"[..], &wide].concat()).expect("writes");
    assert!(
        read(&path)
            .expect_err("is UTF-16")
            .to_string()
            .contains("byte 0 is not UTF-8")
    );
}

#[test]
fn bad_records_are_named_by_line_and_hostile_ones_stay_text() {
    let refused = told(&format!("\n\n{}", one("<PMID>12x</PMID><Article/>")));
    assert!(
        refused.contains("`f.xml`, line 3: PMID `12x` is no number of PubMed"),
        "{refused}"
    );
    assert!(told(&one("<Article/>")).contains("no PMID, and no ArticleId"));
    let twice = SAMPLE.replace("990000002<", "990000001<");
    assert!(told(&twice).contains("PMID:990000001 stands on line 5 with another text"));
    let hostile = parsed(&with_text(
        "&lt;script&gt;alert(1)&lt;/script&gt;&#x202e;&#x7;&#x1b;[31m =HYPERLINK(1)",
    ));
    assert_eq!(
        hostile.abstracts[0].text,
        "<script>alert(1)</script>[31m =HYPERLINK(1)"
    );
    let long = with_text(&"x ".repeat(30_000));
    assert!(told(&long).contains("an abstract has at most 40000"));
}

#[test]
fn depth_costs_no_stack() {
    let deep = |inside: &str| {
        let (open, close) = ("<i>".repeat(100_000), "</i>".repeat(100_000));
        with_text(&format!("{open}{inside}{close}"))
    };
    assert_eq!(parsed(&deep("CA9.")).abstracts[0].text, "CA9.");
    let passed = one(&format!(
        "<PMID>1</PMID>{}{}",
        "<x>".repeat(100_000),
        "</x>".repeat(100_000)
    ));
    assert_eq!(parsed(&passed).left_out.without_text, 1);
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_answered(text in "[<>/&;!\\[\\]a-cPubmedArticleSet \"=\n]{0,200}") {
        let _ = parse(Path::new("f"), &format!("<PubmedArticleSet>{text}"));
        let _ = parse(Path::new("f"), &with_text(&text));
    }
}

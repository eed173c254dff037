use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const MEDLINE: &str = "
PMID- 101
OWN - NLM
DP  - 2019 Mar 4
TI  - Carbonic anhydrase 9 in
      the kidney.
AB  - BACKGROUND: A first line
      and a second. RESULTS: - none.
JT  - Journal of Kidneys
TA  - J Kidn
LID - 10.1000/kid [doi]

PMID- 102
TI  - A letter without an abstract
";

fn parsed(text: &str) -> FileOfAbstracts {
    parse(Path::new("f"), text).expect(text)
}

fn told(text: &str) -> String {
    parse(Path::new("f"), text).expect_err(text).to_string()
}

#[test]
fn pubmeds_own_form_is_read_with_its_continued_lines() {
    let file = parsed(MEDLINE);
    assert_eq!(file.left_out.without_text, 1);
    let [one] = &file.abstracts[..] else {
        panic!("{file:?}")
    };
    assert_eq!(one.id.as_str(), "PMID:101");
    assert_eq!(one.title, "Carbonic anhydrase 9 in the kidney.");
    assert_eq!(
        one.text,
        "BACKGROUND: A first line and a second. RESULTS: - none."
    );
    assert_eq!(
        (one.year, one.journal.as_deref()),
        (Some(2019), Some("Journal of Kidneys"))
    );
    assert_eq!(one.source, "f");
}

#[test]
fn an_answer_of_europe_pmc_is_read_without_its_layout() {
    let body = r#"{"version":"6.9","hitCount":3,"resultList":{"result":[
      {"id":"201","source":"MED","pmid":"201","title":"<i>CA9</i> up","pubYear":"2020",
       "journalInfo":{"journal":{"title":"J"}},"abstractText":"<h4>Results</h4>CA9 rose (p &lt; 0.05)."},
      {"id":"PPR7","source":"PPR","doi":null,"title":"A preprint","abstractText":"Text."},
      {"id":"202","source":"MED","pmid":"202","title":"No abstract"}]}}"#;
    let file = parsed(body);
    assert_eq!(file.left_out.without_text, 1);
    assert_eq!(file.abstracts[0].title, "CA9 up");
    assert_eq!(file.abstracts[0].text, "Results\nCA9 rose (p < 0.05).");
    assert_eq!(file.abstracts[1].id.as_str(), "PPR:PPR7");
    let page = page(body).expect("an answer");
    assert_eq!((page.hits, page.abstracts.len()), (3, 2));
    assert_eq!(page.abstracts[0].source, "Europe PMC");
}

#[test]
fn a_retracted_paper_says_so_whatever_it_is_read_from() {
    let medline = MEDLINE.replace(
        "JT  -",
        "PT  - Journal Article\nPT  - Retracted Publication\nJT  -",
    );
    let body = r#"{"hitCount":2,"resultList":{"result":[
      {"pmid":"201","source":"MED","title":"CA9 up","abstractText":"CA9 rose.",
       "pubTypeList":{"pubType":["research-article","Retracted Publication"]}},
      {"pmid":"202","source":"MED","title":"CA9 down","abstractText":"CA9 fell.","pubTypeList":{"pubType":null}}]}}"#;
    for (text, title) in [
        (
            medline.as_str(),
            "Retracted Publication: Carbonic anhydrase 9 in the kidney.",
        ),
        (body, "Retracted Publication: CA9 up"),
    ] {
        assert_eq!(parsed(text).abstracts[0].title, title);
    }
    assert_eq!(parsed(body).abstracts[1].title, "CA9 down");
}

#[test]
fn tables_and_lines_of_ones_own_are_read() {
    let lines = "{\"pmid\": 301, \"abstract\": \"A.\", \"year\": 2001}\n\n{\"id\": \"PMC5\", \"title\": \"T\", \"text\": \"B.\"}\n";
    let file = parsed(lines);
    assert_eq!(file.abstracts.len(), 2);
    assert_eq!(file.abstracts[0].year, Some(2001));
    for table in [
        "PMID,Title,Abstract,extra\n401,\"One, two\",\"A \"\"quoted\"\" text.\",x\n",
        "doi\ttext\n10.1000/x\tB.\n",
        "id;abstract\nPMC9;C.\n",
    ] {
        assert_eq!(parsed(table).abstracts.len(), 1, "{table}");
    }
    assert_eq!(
        parsed("PMID,Title,Abstract\n401,\"One, two\",\"A\nB\"\n402,x,\n")
            .left_out
            .without_text,
        1
    );
}

#[test]
fn bad_records_are_named_by_line_with_what_to_do() {
    for (text, line, rule) in [
        ("pmid,abstract\n1,x\nabc,y\n", 3, "pmid `abc` is no number"),
        ("pmid,abstract\n,x\n", 2, "no identifier"),
        (
            "pmid,abstract\n1,x\n1,y\n",
            3,
            "PMID:1 stands on line 2 with another text",
        ),
        ("pmid,abstract\n1,x,z\n", 2, "3 fields, the header has 2"),
        (
            "{\"pmid\":1,\"abstract\":\"x\"}\n{\"pmid\":\n",
            2,
            "no JSON",
        ),
        (
            "{\"pmid\":1,\"abstract\":[\"x\"]}\n",
            1,
            "neither text nor number",
        ),
        (
            "PMID- 1\nAB  - x\n\nPMID- 2x\nAB  - y\n",
            4,
            "PMID `2x` is no number",
        ),
        ("PMID- 1\nAB  - x\nloose\n", 3, "no tag such as"),
    ] {
        let told = told(text);
        assert!(told.contains(&format!("`f`, line {line}: ")), "{told}");
        assert!(told.contains(rule), "{told}");
        assert!(told.contains("nothing was added"), "{told}");
    }
    let long = format!("pmid,abstract\n1,{}\n", "x ".repeat(30_000));
    assert!(told(&long).contains("an abstract has at most 40000"));
    assert_eq!(
        parsed("pmid,abstract\n1,x\n1,x\n").abstracts.len(),
        1,
        "the same twice"
    );
}

#[test]
fn files_of_no_known_form_are_refused_with_what_to_save_instead() {
    assert!(told("").contains("it is empty"));
    for other in [
        "<!DOCTYPE html>\n<html><p>",
        "<eFetchResult><ERROR>no id</ERROR>",
    ] {
        let told = told(other);
        assert!(
            told.contains("only PubMed's `PubmedArticleSet` is read")
                && told.contains("choose Save, Format: PubMed"),
            "{told}"
        );
    }
    assert!(told("a,b\n1,2\n").contains("no header"));
    assert!(told("pmid,abstract,PMID\n").contains("two columns"));
    assert!(told("{\"hitCount\": 1, \"resultList\": [").contains("no answer of Europe PMC"));
    assert!(
        told("{\"hitCount\":1,\"resultList\":{\"result\":[{\"title\":\"x\"}]}}")
            .contains("paper 1")
    );
}

#[test]
fn gzip_is_unpacked_and_broken_bytes_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pubmed.nbib.gz");
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(MEDLINE.as_bytes()).expect("packs");
    let packed = packer.finish().expect("packs");
    fs::write(&path, &packed).expect("writes");
    assert_eq!(read(&path).expect("reads").abstracts.len(), 1);
    fs::write(&path, &packed[..packed.len() / 2]).expect("writes");
    assert!(
        read(&path)
            .expect_err("is cut")
            .to_string()
            .contains("not whole gzip")
    );
    fs::write(&path, b"pmid,abstract\n1,\xFF\n").expect("writes");
    assert!(
        read(&path)
            .expect_err("is not text")
            .to_string()
            .contains("byte 16 is not UTF-8")
    );
    assert!(
        read(folder.path())
            .expect_err("a folder")
            .to_string()
            .contains("it is a folder")
    );
}

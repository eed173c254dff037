//! An encoder puts papers in order and does nothing else: cosines are those of a reference, counts and scores are those of a run
//! without it, and a repetition needs neither encoder nor store.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::support::root;

/// The tiny encoder of the tests of `src/model`, with random weights.
const ENCODER: &str = "src/model/reference/transformers/bert";
/// Papers, a question, and their cosines by `reference/make_order.py`.
const REFERENCE: &str = include_str!("reference/papers.json");

/// Puts a copy of the encoder into a folder, as `mini`.
fn put_encoder(folder: &Path) {
    let to = folder.join("mini");
    fs::create_dir(&to).unwrap();
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(root().join(ENCODER).join(file), to.join(file)).unwrap();
    }
}

const ORDERED: [&str; 6] = [
    "--literature",
    "a.sqlite",
    "--literature-about",
    "kidney",
    "--literature-embedder",
    "mini",
];

#[test]
fn a_search_stands_by_the_cosines_of_the_reference() {
    let case = json(REFERENCE);
    let lines: Vec<String> = case["papers"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    let folder = folder_with(&[("papers.jsonl", lines.join("\n").as_bytes())]);
    let folder = folder.path();
    put_encoder(folder);
    let done = |arguments: &[&str]| {
        let ended = start(folder, arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    done(&["literature", "add", "papers.jsonl", "--store", "s.sqlite"]);
    let mut search = vec!["literature", "search", "--store", "s.sqlite", "--json"];
    search.extend(case["question"].as_str().unwrap().split(' '));
    let plain = json(&done(&search));
    assert_eq!(plain["ordered"], Value::Null);
    search.extend(["--embedder", "mini"]);
    let found = json(&done(&search));
    let ids = |value: &Value| -> Vec<String> {
        let papers = value["abstracts"].as_array().unwrap().iter();
        papers
            .map(|p| p["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected = case["cosines"].as_object().unwrap();
    let order: Vec<String> = expected.keys().cloned().collect();
    assert_eq!(ids(&found), order);
    assert_ne!(ids(&plain), order, "words alone give another order");
    let cosines = found["ordered"]["cosines"].as_array().unwrap();
    for ((id, wanted), cosine) in expected.iter().zip(cosines) {
        let (wanted, cosine) = (wanted.as_f64().unwrap(), cosine.as_f64().unwrap());
        assert!(
            (wanted - cosine).abs() < 1e-4,
            "{id}: {cosine} for {wanted}"
        );
    }
    let by = found["ordered"]["by"].as_str().unwrap();
    assert!(by.starts_with("mini, BLAKE3 "), "{by}");
    search.extend(["--limit", "2"]);
    let few = json(&done(&search));
    assert_eq!(
        ids(&few),
        order[..2],
        "the nearest of all, not of the first two"
    );
    assert_eq!(few["ordered"]["cosines"].as_array().unwrap().len(), 2);
}

#[test]
fn an_encoder_moves_papers_and_nothing_else_and_a_repetition_needs_none() {
    let folder = folder();
    let folder = folder.path();
    put_encoder(folder);
    let without = ran(folder, "without", &WITH_STORE);
    let with = ran(folder, "with", &ORDERED);
    let hypotheses = |run: &Path| RunView::open(run).unwrap().hypotheses().unwrap();
    assert_eq!(
        hypotheses(&with),
        hypotheses(&without),
        "scores and all the rest"
    );
    let (mut ordered, mut as_found) = (papers(&with), papers(&without));
    let order = ordered.ordered.take().unwrap();
    assert!(order.by.starts_with("mini, BLAKE3 ") && order.ended.is_none());
    for side in [&mut ordered, &mut as_found] {
        for found in side.hypotheses.values_mut() {
            let key = |q: &proteus::discovery::PaperQuote| {
                (q.paper.clone(), q.about.clone(), q.quote.clone())
            };
            found.quotes.sort_by_key(key);
        }
    }
    assert_eq!(ordered, as_found, "counts and quotes, but for their order");

    // What it said is on record, of every answer that holds papers.
    let mut rankings = BTreeMap::new();
    for file in fs::read_dir(with.join("literature")).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if let Some(key) = name.strip_suffix(".order.json") {
            rankings.insert(key.to_owned(), json(&text(file.path())));
        }
    }
    let answers = ordered.hypotheses.values().flat_map(|found| &found.answers);
    let filled = answers.filter(|answer| answer.papers > 0);
    let asked: Vec<&str> = filled.map(|answer| answer.exchange.as_str()).collect();
    assert_eq!(asked.len(), order.answers);
    assert!(
        asked.iter().all(|key| rankings.contains_key(*key)),
        "{asked:?}"
    );
    let of_ca9 = &papers(&with).hypotheses[&about(&with, "CA9").id];
    let ranking = &rankings[&of_ca9.answers[0].exchange];
    assert!(
        ranking["question"].as_str().unwrap().starts_with("CA9"),
        "{ranking}"
    );
    let place = |paper: &str| {
        let mut order = ranking["order"].as_array().unwrap().iter();
        order.position(|near| near["id"] == paper).unwrap()
    };
    let cosines: Vec<f64> = ranking["order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|near| near["cosine"].as_f64().unwrap())
        .collect();
    assert!(
        cosines.windows(2).all(|pair| pair[0] >= pair[1]),
        "{cosines:?}"
    );
    for side in [true, false] {
        let quotes = of_ca9.quotes.iter().filter(|q| q.supports == side);
        let places: Vec<usize> = quotes.map(|q| place(&q.paper)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    for (file, told) in [
        ("report/index.html", text(with.join("report/index.html"))),
        ("report/report.md", text(with.join("report/report.md"))),
    ] {
        assert!(told.contains("an encoder of sentences"), "{file}");
        assert!(!told.contains("No language model took part and"), "{file}");
    }
    let schema = json(proteus::report::json_schema());
    let report = json(&text(with.join("report/report.json")));
    assert!(
        jsonschema::validator_for(&schema)
            .unwrap()
            .is_valid(&report)
    );

    fs::remove_dir_all(folder.join("mini")).unwrap();
    fs::remove_file(folder.join("a.sqlite")).unwrap();
    let name = with.display().to_string();
    let ended = start(folder, &["replay", &name]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    // An order that was changed by hand is told, not used.
    let path = with.join(format!(
        "literature/{}.order.json",
        of_ca9.answers[0].exchange
    ));
    let changed = text(path.clone()).replace("\"cosine\": 0.", "\"cosine\": 0.1");
    fs::write(&path, changed).unwrap();
    let ended = start(folder, &["replay", &name]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
    assert!(
        ended.err.contains("it was changed after it was written"),
        "{}",
        ended.err
    );
}

#[test]
fn what_is_no_encoder_is_refused_before_anything_is_computed() {
    let folder = folder();
    let folder = folder.path();
    put_encoder(folder);
    let llama = root().join("src/model/reference/transformers/llama");
    let llama = llama.display().to_string();
    fs::create_dir(folder.join("empty")).unwrap();
    fs::create_dir(folder.join("cut")).unwrap();
    for file in ["config.json", "tokenizer.json"] {
        fs::copy(
            folder.join("mini").join(file),
            folder.join("cut").join(file),
        )
        .unwrap();
    }
    let whole = fs::read(folder.join("mini/model.safetensors")).unwrap();
    fs::write(
        folder.join("cut/model.safetensors"),
        &whole[..whole.len() / 2],
    )
    .unwrap();
    for (encoder, told) in [
        (
            "missing",
            "`missing` is no sentence encoder: there is no such folder",
        ),
        ("study.tsv", "`study.tsv` is no sentence encoder"),
        ("empty", "`empty` is no sentence encoder"),
        ("cut", "`cut` is no sentence encoder"),
        (llama.as_str(), "cannot embed texts"),
    ] {
        let ended = run(
            folder,
            "runs",
            &["--literature", "a.sqlite", "--literature-embedder", encoder],
        );
        assert_eq!(ended.code, Some(2), "{encoder}: {}", ended.err);
        assert!(ended.err.contains(told), "{encoder}: {}", ended.err);
        assert!(
            ended.err.contains("hint: give the folder of an encoder"),
            "{}",
            ended.err
        );
        let search = [
            "literature",
            "search",
            "CA9",
            "--store",
            "a.sqlite",
            "--embedder",
            encoder,
        ];
        assert_eq!(start(folder, &search).code, Some(2), "{encoder}");
    }
    let ended = run(folder, "runs", &["--literature-embedder", "mini"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("`--literature-embedder` is given and nobody to ask"),
        "{}",
        ended.err
    );
    assert!(!folder.join("runs").exists(), "nothing is left behind");
}

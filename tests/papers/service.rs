//! Europe PMC, played by a server of this process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use proteus::agent::{Request, Session};
use proteus::config::{Config, ConfigFile, DecoyBudget, Literature};
use proteus_literature::remote::{EuropePmc, Manners};
use proteus_literature::{Library, Sources};

use super::*;
use crate::support::engine::resources;

/// An answer with one paper for CA9.
const BODY: &str = r#"{"hitCount": 77, "resultList": {"result": [{"id": "11", "source": "MED", "pmid": "11",
    "title": "A paper of the service", "pubYear": "2020",
    "abstractText": "CA9 was increased in kidney tumors compared with normal kidney."}]}}"#;

/// What the server says to one request.
#[derive(Clone)]
struct Reply {
    status: &'static str,
    body: &'static str,
    wait: Duration,
}

const ANSWER: Reply = Reply {
    status: "200 OK",
    body: BODY,
    wait: Duration::ZERO,
};

/// A server that gives these replies one after the other, the last of them for ever.
struct Server {
    address: String,
    /// The question of every request, as it was meant.
    questions: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let questions = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&questions);
        // It ends with the process.
        thread::spawn(move || {
            for (place, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { break };
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let query = first.split("query=").nth(1).unwrap_or_default();
                let query = query.split(['&', ' ']).next().unwrap_or_default();
                let query = query.replace('+', " ");
                let meant = percent_decode_str(&query).decode_utf8_lossy().into_owned();
                noted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(meant);
                let reply = &replies[place.min(replies.len() - 1)];
                thread::sleep(reply.wait);
                let head = format!(
                    "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    reply.status,
                    reply.body.len()
                );
                // Who asked may be gone.
                let _ = stream.write_all(format!("{head}{}", reply.body).as_bytes());
            }
        });
        Self { address, questions }
    }

    fn asked(&self) -> Vec<String> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn config(folder: &Path, server: &Server, more: &str) {
    let section = format!(
        "literature: {{online: true, address: \"{}\", about: [kidney]{more}}}\n",
        server.address
    );
    fs::write(folder.join("c.yaml"), section).unwrap();
}

#[test]
fn the_service_is_asked_once_per_hypothesis_logged_and_not_asked_by_a_repetition() {
    let folder = folder();
    let folder = folder.path();
    let server = Server::new(vec![ANSWER]);
    config(folder, &server, ", hypotheses: 2, papers: 3");
    let run = ran(
        folder,
        "runs",
        &["--config", "c.yaml", "--literature", "a.sqlite"],
    );
    let queries = server.asked();
    assert_eq!(queries.len(), 2, "{queries:?}");
    for query in &queries {
        assert!(query.contains("TITLE_ABS:\"kidney\""), "{query}");
        for hidden in ["tumor_1", "study", "normal_5", "condition"] {
            assert!(
                !query.contains(hidden),
                "`{hidden}` left the machine: {query}"
            );
        }
    }
    let log = text(run.join("literature/egress.jsonl"));
    let words: Vec<Value> = log
        .lines()
        .map(|line| json(line)["words"].clone())
        .collect();
    assert_eq!(
        words,
        queries
            .iter()
            .map(|q| Value::from(q.as_str()))
            .collect::<Vec<_>>()
    );
    let found = papers(&run);
    let names: Vec<(&str, usize)> = found
        .sources
        .iter()
        .map(|s| (s.name.as_str(), s.answered))
        .collect();
    assert_eq!(names, [("store", 2), ("europe_pmc", 2)]);
    assert_eq!(found.hypotheses.len(), 2);
    assert!(
        found
            .not_looked_up
            .values()
            .all(|r| r == "only the first 2 are looked up")
    );
    let hits: Vec<Option<u64>> = found
        .hypotheses
        .values()
        .flat_map(|h| h.answers.iter().map(|a| a.hits))
        .collect();
    assert_eq!(hits, [None, Some(77), None, Some(77)]);
    let page = text(run.join("report/index.html"));
    assert!(
        page.contains("left the machine, to look papers up")
            && page.contains("Europe PMC: 2 questions")
    );
    assert!(!page.contains(&server.address), "no place in a report");
    fs::remove_file(folder.join("a.sqlite")).unwrap();
    let name = run.display().to_string();
    let ended = start(folder, &["replay", &name]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert_eq!(server.asked().len(), 2, "a repetition asks nobody");
}

/// A run whose service gives these replies; it ends well, and repeats.
fn with_failing(replies: Vec<Reply>) -> (TempDir, PathBuf, usize) {
    let kept = folder();
    let folder = kept.path();
    let server = Server::new(replies);
    config(folder, &server, "");
    let run = ran(folder, "runs", &["--config", "c.yaml"]);
    let requests = server.asked().len();
    let name = run.display().to_string();
    let ended = start(folder, &["replay", &name]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    (kept, run, requests)
}

#[test]
fn a_failing_service_ends_the_search_with_a_note_and_not_the_run() {
    let (_kept, run, requests) = with_failing(vec![
        ANSWER,
        Reply {
            status: "500 Internal Server Error",
            ..ANSWER
        },
    ]);
    assert_eq!(requests, 1 + 4, "one answer, one question asked four times");
    let found = papers(&run);
    let source = &found.sources[0];
    let reason = source.ended.as_deref().unwrap();
    assert!(reason.contains("status 500"), "{reason}");
    assert_eq!(
        (source.answered, found.hypotheses.len()),
        (1, 1),
        "what was answered is kept"
    );
    let all = RunView::open(&run).unwrap().hypotheses().unwrap();
    let second = &all[1].scores.alignment;
    assert_eq!(second.rule, None);
    assert!(
        second.because.contains("nobody was left to ask"),
        "{second:?}"
    );
    for file in ["report/index.html", "report/report.md"] {
        let told = text(run.join(file));
        assert!(told.contains("It gave out and was asked no more"), "{file}");
        assert!(told.contains("status 500"), "{file}");
    }
}

#[test]
fn nonsense_ends_the_search_at_once() {
    let garbled = Reply {
        body: "<html>\u{202e}{\"hitCount\":",
        ..ANSWER
    };
    let (_kept, run, requests) = with_failing(vec![garbled]);
    assert_eq!(requests, 1);
    let found = papers(&run);
    assert!(found.hypotheses.is_empty() && found.sources[0].answered == 0);
    let reason = found.sources[0].ended.as_deref().unwrap();
    assert!(reason.contains("it is no answer of Europe PMC"), "{reason}");
    let told = text(run.join("report/report.md"));
    assert!(!told.contains('\u{202e}'));
}

#[test]
fn silence_ends_the_search() {
    let folder = folder();
    let folder = folder.path();
    let slow = Reply {
        wait: Duration::from_secs(2),
        ..ANSWER
    };
    let server = Server::new(vec![slow]);
    let file = ConfigFile {
        contrasts: Some(vec!["condition:tumor-normal".to_owned()]),
        decoys: Some(DecoyBudget::Exactly(20)),
        packs: Some(false),
        literature: Some(Literature {
            online: true,
            about: vec!["kidney".to_owned()],
            ..Literature::default()
        }),
        ..ConfigFile::default()
    };
    let request = Request::new(folder.join("study.tsv"), Config::resolve(file));
    let session = Session::start(request, resources(), &folder.join("runs")).unwrap();
    let client = EuropePmc::new(Manners {
        address: server.address.clone(),
        retries: 1,
        patience: Duration::from_millis(200),
        pause: Duration::from_millis(1),
    })
    .unwrap();
    let sources = Sources {
        service: Some(client),
        ..Sources::default()
    };
    let library = Library::live(&session.folder().join("literature"), sources, "2026-01-02");
    let session = session.consulting(Arc::new(library.unwrap()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(session.run()).unwrap();
    let found = outcome.papers.unwrap();
    let reason = found.sources[0].ended.as_deref().unwrap();
    assert!(
        reason.contains("no answer within 0.2 s, asked 2 times"),
        "{reason}"
    );
    assert!(!outcome.hypotheses.is_empty());
    assert!(
        outcome
            .hypotheses
            .iter()
            .all(|h| h.scores.alignment.rule.is_none())
    );
}

#[test]
fn nothing_is_sent_that_could_decide_nothing() {
    let folder = folder();
    let folder = folder.path();
    let server = Server::new(vec![ANSWER]);
    fs::write(
        folder.join("c.yaml"),
        format!(
            "literature: {{online: true, address: \"{}\"}}\n",
            server.address
        ),
    )
    .unwrap();
    // The study has no title, and no word says what was studied.
    let run = ran(folder, "runs", &["--config", "c.yaml"]);
    assert_eq!(server.asked(), Vec::<String>::new());
    assert!(!run.join("literature/egress.jsonl").exists());
    let found = papers(&run);
    assert!(found.hypotheses.is_empty() && !found.not_looked_up.is_empty());
    for reason in found.not_looked_up.values() {
        assert!(reason.contains("`--literature-about`"), "{reason}");
    }
    let told = text(run.join("report/report.md"));
    for wanted in [
        "no sentence could state it",
        "Europe PMC was asked nothing",
        "nothing left the machine",
    ] {
        assert!(told.contains(wanted), "no `{wanted}`");
    }
}

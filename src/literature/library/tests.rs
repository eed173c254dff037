use std::fs;
use std::path::Path;

use super::*;
use crate::id::AbstractId;
use crate::paper::Abstract;

fn query(name: &str) -> Query {
    Query {
        names: vec![name.to_owned()],
        context: vec!["kidney".to_owned()],
        narrow: false,
        limit: 5,
    }
}

fn store(path: &Path) -> Store {
    let mut store = Store::open(path).expect("opens");
    let id = AbstractId::parse("PMID:1").expect("an id");
    let paper = Abstract::new(id, "T", "CA9 rose in the kidney.", "s").expect("an abstract");
    store.add(&[paper], "2026-01-02").expect("adds");
    store
}

fn with_store(path: &Path) -> Sources {
    Sources {
        store: Some(store(path)),
        ..Sources::default()
    }
}

async fn found(library: &Library, source: Source, name: &str) -> Exchange {
    match library.find(source, &query(name)).await.expect("answers") {
        Answer::Found(exchange) => *exchange,
        Answer::Ended(reason) => panic!("ended: {reason}"),
    }
}

#[tokio::test]
async fn what_was_answered_needs_no_store_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, record) = (folder.path().join("a.sqlite"), folder.path().join("r"));
    let library = Library::live(&record, with_store(&file), "2026-01-03").expect("opens");
    assert_eq!(library.opening().sources(), [Source::Store]);
    let first = found(&library, Source::Store, "CA9").await;
    assert_eq!(first.abstracts.len(), 1);
    drop(library);
    fs::remove_file(&file).expect("removes");
    let again = Library::recorded(&record).expect("is a record");
    assert_eq!(
        again.opening().store.as_ref().map(|s| s.abstracts),
        Some(1),
        "the size it had"
    );
    assert_eq!(found(&again, Source::Store, "CA9").await, first);
    let told = again
        .find(Source::Store, &query("CA8"))
        .await
        .expect_err("was not asked");
    assert!(told.to_string().contains("the record lacks this answer"));
    let none = Library::recorded(&folder.path().join("nowhere")).expect_err("is none");
    assert!(none.to_string().contains("sources.json"), "{none}");
}

#[tokio::test]
async fn a_source_that_gave_out_stays_out_for_the_rest_and_for_a_repetition() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, record) = (folder.path().join("a.sqlite"), folder.path().join("r"));
    let library = Library::live(&record, with_store(&file), "2026-01-03").expect("opens");
    let first = found(&library, Source::Store, "CA9").await;
    // The table is taken away under the open store.
    let other = rusqlite::Connection::open(&file).expect("opens");
    other
        .execute_batch("DROP TABLE words")
        .expect("takes it away");
    let Answer::Ended(reason) = library
        .find(Source::Store, &query("CA8"))
        .await
        .expect("is no error")
    else {
        panic!("answered");
    };
    assert!(!reason.contains("a.sqlite"), "no place: {reason}");
    for library in [
        Library::live(&record, Sources::default(), "2026-01-04").expect("opens"),
        Library::recorded(&record).expect("opens"),
    ] {
        assert_eq!(found(&library, Source::Store, "CA9").await, first);
        assert_eq!(
            library
                .find(Source::Store, &query("CA7"))
                .await
                .expect("is no error"),
            Answer::Ended(reason.clone())
        );
    }
}

#[tokio::test]
async fn a_record_that_was_changed_is_an_error_and_no_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("r");
    let sources = with_store(&folder.path().join("a.sqlite"));
    let library = Library::live(&record, sources, "2026-01-03").expect("opens");
    let first = found(&library, Source::Store, "CA9").await;
    let path = record.join(format!("{}.json", first.key));
    let text = fs::read_to_string(&path).expect("reads");
    fs::write(&path, text.replace("rose", "fell")).expect("writes");
    let told = library
        .find(Source::Store, &query("CA9"))
        .await
        .expect_err("was changed");
    assert!(told.to_string().contains("it was changed"), "{told}");
    fs::write(record.join(SOURCES), "{").expect("writes");
    assert!(Library::recorded(&record).is_err());
}

#[tokio::test]
async fn an_order_is_kept_with_its_answer_and_made_by_one_encoder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, record) = (folder.path().join("a.sqlite"), folder.path().join("r"));
    let by = |name: &str| Sources {
        store: Some(store(&file)),
        embedder: Some(name.to_owned()),
        ..Sources::default()
    };
    let library = Library::live(&record, by("mini"), "2026-01-03").expect("opens");
    assert_eq!(library.opening().embedder.as_deref(), Some("mini"));
    let answer = found(&library, Source::Store, "CA9").await;
    let other = found(&library, Source::Store, "kidney").await;
    assert_eq!(library.ranked(&answer).expect("reads"), Ranked::Open);
    let made = Ranking::new(&answer, "mini", &[1.0, 0.0], &[vec![1.0, 1.0]]).expect("orders");
    library.keep_order(&made).expect("writes");
    for library in [library, Library::recorded(&record).expect("opens")] {
        assert_eq!(
            library.ranked(&answer).expect("reads"),
            Ranked::Kept(made.clone())
        );
    }
    let repeated = Library::recorded(&record).expect("opens");
    let told = repeated.ranked(&other).expect_err("was not ordered");
    assert!(
        told.to_string().contains("the record lacks this order"),
        "{told}"
    );
    // What made vectors gives out; it stays out.
    let again = Library::live(&record, by("mini"), "2026-01-04").expect("opens");
    again.end_orders(&other, "it broke").expect("writes");
    for library in [&again, &repeated] {
        let ended = Ranked::Ended("it broke".to_owned());
        assert_eq!(library.ranked(&other).expect("reads"), ended);
    }
    // Another encoder, or none, does not go on where this one began.
    for sources in [by("maxi"), with_store(&file)] {
        let told = Library::live(&record, sources, "2026-01-04").expect_err("is another");
        assert!(
            told.to_string().contains("papers were ordered by `mini`"),
            "{told}"
        );
    }
    let path = record.join(format!("{}.order.json", answer.key));
    let text = fs::read_to_string(&path).expect("reads");
    let changed = text.replace("\"cosine\": 0", "\"cosine\": -0");
    assert_ne!(changed, text);
    fs::write(&path, changed).expect("writes");
    let told = repeated.ranked(&answer).expect_err("was changed");
    assert!(told.to_string().contains("it was changed"), "{told}");
}

#[cfg(feature = "remote")]
mod service {
    use std::time::Duration;

    use wiremock::matchers::method;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::remote::Manners;

    async fn ended(response: ResponseTemplate) -> String {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(response)
            .expect(1)
            .mount(&server)
            .await;
        let client = EuropePmc::new(Manners {
            address: server.uri(),
            retries: 0,
            patience: Duration::from_millis(300),
            pause: Duration::from_millis(1),
        })
        .expect("a client");
        let folder = tempfile::tempdir().expect("a folder");
        let sources = Sources {
            service: Some(client),
            ..Sources::default()
        };
        let library = Library::live(folder.path(), sources, "2026-01-03").expect("opens");
        assert_eq!(library.opening().sources(), [Source::EuropePmc]);
        let mut reasons = Vec::new();
        // Only the first is sent, which the server checks.
        for name in ["CA9", "CA8"] {
            match library.find(Source::EuropePmc, &query(name)).await {
                Ok(Answer::Ended(reason)) => reasons.push(reason),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(reasons[0], reasons[1]);
        reasons.swap_remove(0)
    }

    #[tokio::test]
    async fn a_service_that_fails_is_silent_or_talks_nonsense_has_ended() {
        let status = ended(ResponseTemplate::new(500)).await;
        assert!(status.contains("status 500"), "{status}");
        let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(3));
        let silent = ended(slow).await;
        assert!(silent.contains("no answer within 0.3 s"), "{silent}");
        let garbled = ended(ResponseTemplate::new(200).set_body_string("{\"hitCount\": [")).await;
        assert!(
            garbled.contains("it is no answer of Europe PMC"),
            "{garbled}"
        );
    }
}

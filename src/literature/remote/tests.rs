//! The client against a server of this process that answers in the shape of the service.

use std::fs;

use tempfile::TempDir;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::exchange::Exchanges;
use crate::query::Query;

/// An answer of the service to `resultType=core`, cut to the fields that are read and a few that are not.
const BODY: &str = include_str!("answer.json");

fn query() -> Query {
    Query {
        names: vec!["CA9".to_owned(), "carbonic \"anhydrase\" 9".to_owned()],
        context: vec!["renal".to_owned()],
        narrow: true,
        limit: 7,
    }
}

fn client(server: &MockServer) -> EuropePmc {
    EuropePmc::new(Manners {
        address: server.uri(),
        retries: 2,
        patience: Duration::from_millis(400),
        pause: Duration::from_millis(1),
    })
    .expect("a client")
}

fn folder() -> (TempDir, Exchanges) {
    let folder = tempfile::tempdir().expect("a folder");
    let exchanges = Exchanges::new(&folder.path().join("literature"));
    (folder, exchanges)
}

async fn answering(responses: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = responses.len();
    for (place, response) in responses.into_iter().enumerate() {
        let mock = Mock::given(method("GET")).respond_with(response);
        if place + 1 < last {
            mock.up_to_n_times(1).mount(&server).await;
        } else {
            mock.mount(&server).await;
        }
    }
    server
}

fn json(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json")
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.map_or(0, |r| r.len())
}

#[tokio::test]
async fn an_answer_is_asked_for_politely_logged_kept_and_not_asked_for_again() {
    let server = MockServer::start().await;
    let words = "(TITLE_ABS:\"CA9\" OR TITLE_ABS:\"carbonic  anhydrase  9\") AND (TITLE_ABS:\"renal\") AND HAS_ABSTRACT:y";
    Mock::given(method("GET"))
        .and(path("/search"))
        .and(query_param("query", words))
        .and(query_param("format", "json"))
        .and(query_param("resultType", "core"))
        .and(query_param("pageSize", "7"))
        .and(header(
            "user-agent",
            concat!(
                "proteus/",
                env!("CARGO_PKG_VERSION"),
                " (+https://github.com/proteus-discovery/proteus)"
            ),
        ))
        .respond_with(json(BODY))
        .expect(1)
        .mount(&server)
        .await;
    let (_keep, exchanges) = folder();
    let client = client(&server);
    let first = client
        .find(&query(), &exchanges, "2026-01-02")
        .await
        .expect("answers");
    assert_eq!(first.hits, Some(2345));
    assert_eq!(first.abstracts.len(), 2);
    assert_eq!(first.abstracts[0].id.as_str(), "PMID:900001");
    assert_eq!(first.body.as_deref(), Some(BODY));
    let log = fs::read_to_string(exchanges.folder().join(EuropePmc::EGRESS)).expect("a log");
    let departure: asking::Departure = serde_json::from_str(&log).expect("one line");
    assert_eq!(
        (departure.words.as_str(), departure.key.as_str()),
        (words, first.key.as_str())
    );
    let again = client
        .find(&query(), &exchanges, "2027-07-07")
        .await
        .expect("is kept");
    assert_eq!(again, first);
    let kept = exchanges.get(SOURCE, &query()).expect("reads");
    assert_eq!(kept.as_ref(), Some(&first), "with no client at all");
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_a_refusal_is_final() {
    let (_keep, exchanges) = folder();
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "0");
    let server = answering(vec![busy.clone(), json(BODY)]).await;
    assert!(
        client(&server)
            .find(&query(), &exchanges, "2026-01-02")
            .await
            .is_ok()
    );
    assert_eq!(requests(&server).await, 2);

    let (_keep, exchanges) = folder();
    let server = answering(vec![busy]).await;
    let told = client(&server)
        .find(&query(), &exchanges, "2026-01-02")
        .await;
    let told = told.expect_err("stays busy").to_string();
    assert!(
        told.contains("status 503 Service Unavailable, asked 3 times"),
        "{told}"
    );
    assert_eq!(
        exchanges.get(SOURCE, &query()).expect("reads"),
        None,
        "no answer is kept"
    );

    let server = answering(vec![ResponseTemplate::new(400)]).await;
    let told = client(&server)
        .find(&query(), &exchanges, "2026-01-02")
        .await;
    assert!(
        told.expect_err("is refused")
            .to_string()
            .contains("status 400")
    );
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn silence_redirections_and_nonsense_are_told_apart() {
    let (_keep, exchanges) = folder();
    let told = async |response: ResponseTemplate| {
        let server = answering(vec![response]).await;
        let found = client(&server)
            .find(&query(), &exchanges, "2026-01-02")
            .await;
        found.expect_err("is no answer").to_string()
    };
    let slow = json(BODY).set_delay(Duration::from_secs(3));
    let text = told(slow).await;
    assert!(text.contains("no answer within 0.4 s"), "{text}");
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:9/");
    assert!(told(elsewhere).await.contains("status 302"));
    assert!(
        told(json("<html>"))
            .await
            .contains("no answer of Europe PMC")
    );
}

#[tokio::test]
async fn a_question_without_a_name_is_not_sent() {
    let server = answering(vec![json(BODY)]).await;
    let (_keep, exchanges) = folder();
    let mut empty = query();
    empty.names = vec!["-".to_owned()];
    let answer = client(&server)
        .find(&empty, &exchanges, "2026-01-02")
        .await
        .expect("is empty");
    assert!(answer.abstracts.is_empty());
    assert_eq!(requests(&server).await, 0);
}

#[test]
fn an_address_with_a_secret_or_of_another_kind_is_refused() {
    for address in [
        "",
        "ftp://x.org",
        "https://",
        "https://me:pw@x.org",
        "https://x.org?key=1",
    ] {
        let manners = Manners {
            address: address.to_owned(),
            ..Manners::default()
        };
        let told = EuropePmc::new(manners).expect_err(address).to_string();
        assert!(
            told.contains("its address is none") && !told.contains("pw"),
            "{told}"
        );
    }
    assert!(EuropePmc::new(Manners::default()).is_ok());
}

//! Addresses of the room and what each does.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::form::{Fields, field, review_of};
use super::guard::guard;
use super::reply::{failed, file, page, redirect, status, told, value, wants_json};
use super::views::{self, Asked, At};
use super::{Room, views::href};
use crate::review::{Review, ReviewError, ReviewerName, Via, sheet};

/// Bytes of a form: every text of a review at its longest, in the longest encoding.
const MOST_BYTES: usize = 1024 * 1024;
/// Bytes of a larger body that are still read and thrown away.
const MOST_DRAINED: usize = 16 * MOST_BYTES;

type Shared = State<Arc<Room>>;
type Sent = Result<Form<Fields>, FormRejection>;

/// Every address.
pub(super) fn router(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(runs))
        .route("/assets/{file}", get(asset))
        .route("/runs/{run}", get(people).post(enter))
        .route("/runs/{run}/as/{reviewer}", get(hypotheses).post(unblind))
        .route(
            "/runs/{run}/as/{reviewer}/h/{hypothesis}",
            get(hypothesis).post(review),
        )
        .route("/runs/{run}/as/{reviewer}/agreement", get(agreement))
        .route("/runs/{run}/as/{reviewer}/scores.csv", get(scores))
        .fallback(nothing_there)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(Arc::clone(&room), bounded))
        .layer(from_fn_with_state(Arc::clone(&room), guard))
        .with_state(room)
}

/// Refuses a body that says it is too large, after reading it: a connection that is closed on unread bytes is reset, and
/// the browser would not hear why.
async fn bounded(State(room): Shared, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length
        .and_then(|l| l.to_str().ok())
        .and_then(|l| l.parse().ok());
    if length.unwrap_or(0_usize) <= MOST_BYTES {
        return next.run(request).await;
    }
    let as_json = wants_json(request.headers());
    // Whether all of it came does not change the answer.
    let _ = to_bytes(request.into_body(), MOST_DRAINED).await;
    too_large(&room, as_json)
}

fn too_large(room: &Room, as_json: bool) -> Response {
    let message = format!("what was sent has more than {MOST_BYTES} bytes, so nothing was kept");
    let hint = "shorten the texts and send them again";
    told(
        &room.pages,
        StatusCode::PAYLOAD_TOO_LARGE,
        &message,
        hint,
        as_json,
    )
}

/// Makes an answer where reading and writing files holds nobody up.
async fn work(
    room: Arc<Room>,
    as_json: bool,
    make: impl FnOnce(&Room) -> Result<Response, ReviewError> + Send + 'static,
) -> Response {
    let made = tokio::task::spawn_blocking(move || {
        make(&room).unwrap_or_else(|error| failed(&room.pages, &error, as_json))
    });
    made.await.unwrap_or_else(|_| {
        let words = "a bug in Proteus: the message is where `proteus review` runs\n";
        (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
    })
}

fn html(room: &Room, template: &str, view: &serde_json::Value) -> Result<Response, ReviewError> {
    Ok(page(StatusCode::OK, room.pages.render(template, view)?))
}

async fn nothing_there(State(room): Shared, uri: Uri, headers: HeaderMap) -> Response {
    let message = format!("there is no page `{}`", uri.path());
    let hint = "go back to the list of runs";
    let as_json = wants_json(&headers);
    told(&room.pages, StatusCode::NOT_FOUND, &message, hint, as_json)
}

async fn asset(State(room): Shared, Path(name): Path<String>) -> Response {
    match room.pages.asset(&name) {
        Some((kind, bytes)) => file(kind, bytes.to_vec()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn runs(State(room): Shared) -> Response {
    work(room, false, |room| {
        html(room, "runs.html", &views::runs(room)?)
    })
    .await
}

async fn people(State(room): Shared, Path(run): Path<String>) -> Response {
    work(room, false, move |room| {
        html(room, "people.html", &views::people(room, &run, None)?)
    })
    .await
}

async fn enter(State(room): Shared, Path(run): Path<String>, sent: Sent) -> Response {
    let fields = match sent {
        Ok(Form(fields)) => fields,
        Err(rejection) => return refused(&room, &rejection, false),
    };
    work(room, false, move |room| {
        let open = room.run(&run)?;
        let blinded = room.settings.blinded || !field(&fields, "blinded").is_empty();
        let name = match ReviewerName::new(field(&fields, "name")) {
            Ok(name) => name,
            Err(error) => {
                let view = views::people(room, &run, Some((field(&fields, "name"), &error)))?;
                return Ok(page(
                    status(&error),
                    room.pages.render("people.html", &view)?,
                ));
            }
        };
        let reviewer = open.run.store.enter(&name, blinded)?;
        Ok(redirect(&href(&["runs", &run, "as", &reviewer.file])))
    })
    .await
}

async fn hypotheses(
    State(room): Shared,
    Path((run, reviewer)): Path<(String, String)>,
    Query(asked): Query<Fields>,
) -> Response {
    work(room, false, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        let asked = Asked::of(&asked);
        html(room, "hypotheses.html", &views::hypotheses(&at, &asked)?)
    })
    .await
}

async fn unblind(
    State(room): Shared,
    Path((run, reviewer)): Path<(String, String)>,
    sent: Sent,
) -> Response {
    let fields = match sent {
        Ok(Form(fields)) => fields,
        Err(rejection) => return refused(&room, &rejection, false),
    };
    work(room, false, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        if field(&fields, "action") == "unblind" {
            at.open.run.store.unblind(&reviewer)?;
        }
        Ok(redirect(&href(&["runs", &run, "as", &reviewer])))
    })
    .await
}

async fn hypothesis(
    State(room): Shared,
    Path((run, reviewer, id)): Path<(String, String, String)>,
    Query(asked): Query<Fields>,
) -> Response {
    work(room, false, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        let place = at.open.run.place(&id)?;
        let kept = field(&asked, "kept").to_owned();
        let view = views::hypothesis(&at, place, None, &kept)?;
        html(room, "hypothesis.html", &view)
    })
    .await
}

async fn review(
    State(room): Shared,
    Path((run, reviewer, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    sent: Sent,
) -> Response {
    let as_json = wants_json(&headers);
    let fields = match sent {
        Ok(Form(fields)) => fields,
        Err(rejection) => return refused(&room, &rejection, as_json),
    };
    work(room, as_json, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        let place = at.open.run.place(&id)?;
        let here = href(&["runs", &run, "as", &reviewer, "h", &id]);
        let typed = review_of(&fields)?;
        match act(&at, place, &fields, typed.clone()) {
            Ok(Done::Draft(when)) if as_json => Ok(value(StatusCode::OK, &json!({"draft": when}))),
            Ok(done) => {
                let to = match done {
                    Done::Draft(_) => format!("{here}?kept=draft"),
                    Done::Withdrawn => format!("{here}?kept=withdrawn"),
                    Done::Submitted => format!("{here}?kept=review"),
                    Done::Next(place) => at.href_of(place),
                    Done::NothingLeft => href(&["runs", &run, "as", &reviewer]),
                };
                Ok(match as_json {
                    true => value(StatusCode::OK, &json!({"location": to})),
                    false => redirect(&to),
                })
            }
            // What was typed stays in the form.
            Err(error) if !as_json => {
                let view = views::hypothesis(&at, place, Some((&typed, &error)), "")?;
                let html = room.pages.render("hypothesis.html", &view)?;
                Ok(page(status(&error), html))
            }
            Err(error) => Err(error),
        }
    })
    .await
}

/// What a sent form did.
enum Done {
    Draft(String),
    Withdrawn,
    Submitted,
    /// Submitted; the next hypothesis without a review is this one.
    Next(usize),
    /// Submitted, and every hypothesis has a review.
    NothingLeft,
}

fn act(at: &At, place: usize, fields: &Fields, typed: Review) -> Result<Done, ReviewError> {
    let (store, subject) = (&at.open.run.store, &at.open.run.subjects[place]);
    let (file, key) = (&at.reviewer.file, field(fields, "key"));
    match field(fields, "action") {
        "draft" => {
            store.draft(file, subject, typed)?;
            Ok(Done::Draft(views::time(jiff::Timestamp::now())))
        }
        "withdraw" => {
            let seq = field(fields, "submission").parse().unwrap_or(u64::MAX);
            store.withdraw(file, key, seq)?;
            Ok(Done::Withdrawn)
        }
        action => {
            store.submit(file, key, subject, typed, Via::Room)?;
            if action != "submit_next" {
                return Ok(Done::Submitted);
            }
            let reviewer = store.reviewer(file)?;
            let next = at.next_open(&reviewer, place);
            Ok(next.map_or(Done::NothingLeft, Done::Next))
        }
    }
}

async fn agreement(State(room): Shared, Path((run, reviewer)): Path<(String, String)>) -> Response {
    work(room, false, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        let left = at.hidden_left();
        if left > 0 {
            return Err(ReviewError::Blinded {
                what: "the agreement of the reviewers",
                left,
            });
        }
        html(room, "agreement.html", &views::agreement(&at)?)
    })
    .await
}

async fn scores(State(room): Shared, Path((run, reviewer)): Path<(String, String)>) -> Response {
    work(room, false, move |room| {
        let at = At::find(room, &run, &reviewer)?;
        // Whoever reviews blinded gets the sheet of their own reviews.
        let own = match at.hidden_left() {
            0 => None,
            _ => Some(ReviewerName::new(&at.reviewer.name)?),
        };
        let bytes = sheet::export(&at.open.run, own.as_ref())?;
        let mut response = file("text/csv; charset=utf-8", bytes);
        let name = HeaderValue::from_static("attachment; filename=\"scores.csv\"");
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
        Ok(response)
    })
    .await
}

fn refused(room: &Room, rejection: &FormRejection, as_json: bool) -> Response {
    let status = rejection.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(room, as_json);
    }
    let message = format!("what was sent cannot be read as a form: {rejection}");
    let hint = "reload the page and send it again";
    told(&room.pages, status, &message, hint, as_json)
}

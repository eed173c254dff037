//! Answers: pages, redirects, files, and errors as a page or, for the script, as JSON.

use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::pages::Pages;
use crate::review::ReviewError;

/// A page.
pub(super) fn page(status: StatusCode, html: String) -> Response {
    (status, Html(html)).into_response()
}

/// Go and get that address.
pub(super) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// A value for the script.
pub(super) fn value(status: StatusCode, value: &serde_json::Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, value.to_string()).into_response()
}

/// A file of this kind.
pub(super) fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// Whether the script asks, which takes JSON.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
    accepted.is_some_and(|accepted| accepted.starts_with("application/json"))
}

/// What went wrong and what to do about it, apart.
pub(super) fn message_and_hint(error: &ReviewError) -> (String, String) {
    let text = error.to_string();
    match text.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), hint.to_owned()),
        None => (text, String::new()),
    }
}

/// The status an error has.
pub(super) fn status(error: &ReviewError) -> StatusCode {
    match error {
        ReviewError::UnknownRun { .. }
        | ReviewError::UnknownReviewer { .. }
        | ReviewError::UnknownHypothesis { .. } => StatusCode::NOT_FOUND,
        ReviewError::Name { .. }
        | ReviewError::Faults { .. }
        | ReviewError::NothingToWithdraw { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        ReviewError::Blinded { .. } => StatusCode::FORBIDDEN,
        ReviewError::NotReviewable { .. } => StatusCode::CONFLICT,
        ReviewError::DiskFull { .. } => StatusCode::INSUFFICIENT_STORAGE,
        ReviewError::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error as a page or as JSON.
pub(super) fn failed(pages: &Pages, error: &ReviewError, as_json: bool) -> Response {
    let (message, hint) = message_and_hint(error);
    told(pages, status(error), &message, &hint, as_json)
}

/// A message as a page or as JSON.
pub(super) fn told(
    pages: &Pages,
    status: StatusCode,
    message: &str,
    hint: &str,
    as_json: bool,
) -> Response {
    let view = json!({"title": "Not done", "error": message, "hint": hint, "crumbs": []});
    if as_json {
        return value(status, &view);
    }
    match pages.render("message.html", &view) {
        Ok(html) => page(status, html),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

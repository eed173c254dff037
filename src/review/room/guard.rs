//! Who may come in, and what a browser may do with a page.
//!
//! The address printed at the start holds a secret; whoever opens it gets a cookie that no script can read and that other
//! sites cannot make a browser send. Beside it every request has to name this machine as its host, so that no foreign name
//! can be pointed here (DNS rebinding), and everything that changes something has to come from a page of ours.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rand::TryRngCore;
use rand::rngs::OsRng;

use super::Room;
use super::reply::redirect;
use crate::review::ReviewError;

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// Sent with every answer.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer` browsers hide where a form comes from, and the check of the origin could not be made.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// The secrets of a room and the name its cookie has.
pub(super) struct Gate {
    /// In the address that is printed.
    token: String,
    /// In the cookie.
    session: String,
    /// Cookies are shared by all ports of a machine, so that each room needs a name of its own.
    cookie: String,
    /// Whether only this machine can reach the room.
    loopback: bool,
}

/// What becomes of a request.
enum Pass {
    /// It may go on.
    In,
    /// It has shown the secret and gets the cookie.
    Cookie,
}

impl Gate {
    pub(super) fn new(address: SocketAddr) -> Result<Self, ReviewError> {
        Ok(Self {
            token: secret()?,
            session: secret()?,
            cookie: format!("proteus_review_{}", address.port()),
            loopback: address.ip().is_loopback(),
        })
    }

    /// The address that lets a browser in.
    pub(super) fn entrance(&self, address: SocketAddr) -> String {
        format!("http://{address}/?token={}", self.token)
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Pass, Refusal> {
        let host = text(headers, &header::HOST).ok_or(Refusal::Host)?;
        if !self.is_ours(host) {
            return Err(Refusal::Host);
        }
        let reads = matches!(*method, Method::GET | Method::HEAD);
        if reads && uri.path() == "/" {
            let query = uri.query().unwrap_or_default();
            if let Some(token) = query.strip_prefix("token=") {
                return if same(token, &self.token) {
                    Ok(Pass::Cookie)
                } else {
                    Err(Refusal::Secret)
                };
            }
        }
        let shown = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, value)| name == self.cookie && same(value, &self.session));
        if !shown {
            return Err(Refusal::Secret);
        }
        if !reads {
            let from_here = text(headers, &header::ORIGIN)
                .and_then(|origin| origin.strip_prefix("http://"))
                .is_some_and(|origin| origin.eq_ignore_ascii_case(host));
            let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
            if !from_here || site.is_some_and(|site| site != "same-origin") {
                return Err(Refusal::Origin);
            }
        }
        Ok(Pass::In)
    }

    /// Whether a host names this machine by a number (or `localhost`), whatever the port, which a tunnel may change.
    fn is_ours(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => match rest.split_once(']') {
                Some((name, port)) if is_port(port) => name,
                _ => return false,
            },
            None => match host.split_once(':') {
                Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
                Some(_) => return false,
                None => host,
            },
        };
        match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || !self.loopback,
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        }
    }
}

fn is_port(text: &str) -> bool {
    let digits = text.strip_prefix(':');
    text.is_empty() || digits.is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()))
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It names a foreign host.
    Host,
    /// It shows no secret, or a wrong one.
    Secret,
    /// It comes from a page that is not ours.
    Origin,
}

impl Refusal {
    fn words(self) -> &'static str {
        match self {
            Self::Host => "this address does not belong to the review room: use the one it printed",
            Self::Secret => {
                "open the address that `proteus review` printed, with the token in it; it is a new one each time it is started"
            }
            Self::Origin => "this did not come from a page of the review room, so nothing was done",
        }
    }
}

/// Lets a request through or not, and puts the headers on whatever is answered.
pub(super) async fn guard(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    let pass = room
        .gate
        .check(request.method(), request.uri(), request.headers());
    let mut response = match pass {
        Ok(Pass::In) => next.run(request).await,
        Ok(Pass::Cookie) => {
            let mut response = redirect("/");
            let cookie = format!(
                "{}={}; HttpOnly; SameSite=Strict; Path=/",
                room.gate.cookie, room.gate.session
            );
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(refusal) => {
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            let words = format!("{}\n", refusal.words());
            (StatusCode::FORBIDDEN, plain, words).into_response()
        }
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A new random text that nobody can guess, hexadecimal.
pub(super) fn secret() -> Result<String, ReviewError> {
    let mut bytes = [0_u8; SECRET_BYTES];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|e| ReviewError::NoRandomNumbers {
            reason: e.to_string(),
        })?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
fn same(shown: &str, kept: &str) -> bool {
    blake3::hash(shown.as_bytes()) == blake3::hash(kept.as_bytes())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    #[test]
    fn only_this_machine_is_ours() {
        let near = Gate::new("127.0.0.1:80".parse().unwrap()).unwrap();
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:1",
            "LOCALHOST",
            "[::1]:9",
        ] {
            assert!(near.is_ours(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "192.168.0.7:80",
            "127.0.0.1:80@evil.example",
            "[::1",
            "[::1]x",
            "",
        ] {
            assert!(!near.is_ours(host), "{host}");
        }
        let open = Gate::new("192.168.0.7:80".parse().unwrap()).unwrap();
        assert!(open.is_ours("192.168.0.7:80") && !open.is_ours("evil.example"));
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (a, b) = (secret().unwrap(), secret().unwrap());
        assert_eq!(a.len(), 2 * SECRET_BYTES);
        assert!(a != b && same(&a, &a.clone()) && !same(&a, &b) && !same(&a, ""));
    }
}

//! Errors of the domain in this service's words.

use std::time::Duration;

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use userhub_domain::{
    Error,
    error::{Conflict, Invalid},
};

/// What a handler fails with: any error of the domain, by `?`.
pub enum Failure {
    /// The domain said no.
    Domain(Error),
    /// The body could not be read; the status says in which way.
    Unreadable(StatusCode),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Domain(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Domain(error) => answer(&error),
            Self::Unreadable(status) => {
                let body = json!({ "trouble": "unreadable", "about": null });
                (status, Json(body)).into_response()
            }
        }
    }
}

fn answer(error: &Error) -> Response {
    let (status, header) = match error {
        Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Error::Unauthenticated(_) => {
            let bearer = HeaderValue::from_static("Bearer");
            (StatusCode::UNAUTHORIZED, Some((WWW_AUTHENTICATE, bearer)))
        }
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, None),
        Error::NotFound(_) => (StatusCode::NOT_FOUND, None),
        Error::Conflict(_) => (StatusCode::CONFLICT, None),
        Error::TooMany { retry_after } => {
            let wait = (RETRY_AFTER, seconds(*retry_after));
            (StatusCode::TOO_MANY_REQUESTS, Some(wait))
        }
        Error::Unavailable(case) => {
            let wait = (RETRY_AFTER, seconds(case.retry_after));
            (StatusCode::SERVICE_UNAVAILABLE, Some(wait))
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    if status.is_server_error() {
        // What an adapter saw belongs here, and never into an answer.
        let cause = error.source_for_log().map(ToString::to_string);
        tracing::error!(%error, cause, "a request failed");
    }
    let body = json!({ "trouble": error.code(), "about": about(error) });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().extend(header);
    response
}

/// Whole seconds, rounded up: nobody is to come back too early.
fn seconds(time: Duration) -> HeaderValue {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).into()
}

/// Which members it is about, and what is wrong with each.
fn about(error: &Error) -> Value {
    let members: serde_json::Map<_, _> = match error {
        Error::Invalid(Invalid::Violations(all)) => all
            .iter()
            .map(|one| (renamed(&one.field), one.detail.as_ref().into()))
            .collect(),
        Error::Conflict(Conflict::Taken(all)) => all
            .iter()
            .map(|one| (renamed(one.field()), "is somebody else's".into()))
            .collect(),
        _ => return Value::Null,
    };
    members.into()
}

/// The domain's names of members in this service's words.
fn renamed(field: &str) -> String {
    match field {
        "username" | "identifier" => "handle",
        "password" => "passphrase",
        other => other,
    }
    .to_owned()
}

//! Errors of the domain in this service's words.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use userhub_domain::{
    Error,
    error::{Conflict, Invalid},
};

/// What a handler fails with: any error of the domain, by `?`.
pub struct Failure(Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            // The source of the others belongs into a log, never into an answer.
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = json!({ "trouble": self.0.code(), "about": about(&self.0) });
        (status, Json(body)).into_response()
    }
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

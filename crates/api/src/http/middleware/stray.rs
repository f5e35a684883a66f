//! Answers to requests that got lost: a panic, no answer in time, or an error in
//! front of the handler.

use actix_web::{
    Error, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};

use super::{
    Passage,
    finish::{UNMATCHED, refusal_by_actix},
};
use crate::http::{ApiError, Problem, cors::EXPOSED};

impl Passage {
    /// The request is gone, so the answer is made from what was remembered.
    pub(super) fn stray(&self, error: &ApiError, span: &tracing::Span) -> Error {
        error.log();
        let problem = self.problem(error);
        self.end(self.template(), problem.status, span);
        Stray {
            problem,
            headers: self.lost_headers(),
            error_headers: error.headers(),
        }
        .into()
    }

    /// What failed inside before there was an answer: a middleware, mostly.
    pub(super) fn pass_on(&self, error: Error, span: &tracing::Span) -> Error {
        if let Some(error) = error.as_error::<ApiError>() {
            return self.stray(error, span);
        }
        if let Some(refusal) = refusal_by_actix(&error) {
            return self.stray(&refusal.into(), span);
        }
        let status = error.as_response_error().status_code();
        self.end(self.template(), status.as_u16(), span);
        Foreign {
            error,
            headers: self.lost_headers(),
        }
        .into()
    }

    fn template(&self) -> &str {
        let route = self.state.document.route(&self.path);
        route.map_or(UNMATCHED, |route| route.template.as_str())
    }

    /// The headers that the way back would have added.
    fn lost_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        self.add_headers(&mut headers);
        if let Some(origin) = &self.allowed_origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::VARY, header::HeaderValue::from_static("Origin"));
            if let Ok(exposed) = EXPOSED.join(", ").parse() {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            }
        }
        headers
    }
}

/// Adds what is not there yet.
fn add_missing(headers: &HeaderMap, response: &mut HttpResponse) {
    for (name, value) in headers {
        if !response.headers().contains_key(name) {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
}

/// An error of the host's own, which answers as it likes.
#[derive(Debug)]
struct Foreign {
    error: Error,
    headers: HeaderMap,
}

impl ResponseError for Foreign {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        add_missing(&self.headers, &mut response);
        response
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

struct Stray {
    problem: Problem,
    headers: HeaderMap,
    error_headers: Vec<(header::HeaderName, String)>,
}

impl ResponseError for Stray {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.problem.clone().into_response(&self.error_headers);
        add_missing(&self.headers, &mut response);
        response
    }
}

impl std::fmt::Debug for Stray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.problem.code)
    }
}

impl std::fmt::Display for Stray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.problem.code)
    }
}

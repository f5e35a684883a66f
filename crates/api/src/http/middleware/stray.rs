//! Answers to requests that got lost: a panic or no answer in time.

use actix_web::{
    Error, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};

use super::Passage;
use crate::http::{ApiError, Problem, cors::EXPOSED};

impl Passage {
    /// The request is gone, so the answer is made from what was remembered.
    pub(super) fn stray(&self, error: ApiError, span: &tracing::Span) -> Error {
        error.log();
        let problem = self.problem(&error);
        let route = self.state.document.route(&self.path);
        let template = route.map_or("unmatched", |route| route.template.as_str());
        self.end(template, problem.status, span);
        let mut headers = HeaderMap::new();
        self.add_headers(&mut headers);
        if let Some(origin) = &self.allowed_origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::VARY, header::HeaderValue::from_static("Origin"));
            if let Ok(exposed) = EXPOSED.join(", ").parse() {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            }
        }
        let error_headers = error.headers();
        Stray {
            problem,
            headers,
            error_headers,
        }
        .into()
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
        for (name, value) in &self.headers {
            // `no-store` stands there already.
            if *name != header::CACHE_CONTROL {
                response.headers_mut().insert(name.clone(), value.clone());
            }
        }
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

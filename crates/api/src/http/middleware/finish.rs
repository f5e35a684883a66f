//! The way back of a response.

use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
};

use super::{Passage, request_id::X_REQUEST_ID};
use crate::http::{ApiError, PROBLEM_JSON, Refusal};

/// What answers that no route gave are called in log and metrics.
const UNMATCHED: &str = "unmatched";

impl Passage {
    /// Gives every error its form and every answer its headers.
    pub(super) fn finish<B: MessageBody + 'static>(
        &self,
        mut response: ServiceResponse<B>,
        span: &tracing::Span,
    ) -> ServiceResponse<EitherBody<B>> {
        let route = response.request().match_pattern();
        let problem = self.problem_of(&mut response);
        self.add_headers(response.headers_mut());
        self.mount_point.put_before_location(response.headers_mut());
        let status = response.status().as_u16();
        self.end(route.as_deref().unwrap_or(UNMATCHED), status, span);
        match problem {
            Some(body) => response.map_body(|_, _| EitherBody::right(BoxBody::new(body))),
            None => response.map_into_left_body(),
        }
    }

    /// The body of an error, with the request's id in it.
    fn problem_of<B>(&self, response: &mut ServiceResponse<B>) -> Option<Vec<u8>> {
        if response.status().as_u16() < 400 {
            return None;
        }
        if let Some(error) = response
            .response()
            .error()
            .and_then(|error| error.as_error::<ApiError>())
        {
            error.log();
            return Some(self.problem(error).to_body());
        }
        if is_problem(response.headers()) {
            return None;
        }
        let error = ApiError::Refused(refusal_of(response.status()));
        error.log();
        let problem = self.problem(&error);
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.response_mut().status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(problem.to_body())
    }

    /// Headers that every answer has.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(self.id.as_str()) {
            headers.insert(X_REQUEST_ID, id);
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if self.state.settings.hsts {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
        }
        // Answers of the API hold tokens and personal data.
        if self.path.starts_with("/api/") && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

/// An error that some part of the server made itself.
pub(super) fn api_error(error: &Error) -> ApiError {
    ApiError::Refused(refusal_of(error.as_response_error().status_code()))
}

fn refusal_of(status: StatusCode) -> Refusal {
    match status.as_u16() {
        404 => Refusal::RouteNotFound,
        408 => Refusal::BodyTimedOut,
        400..=499 => Refusal::BadRequest,
        _ => Refusal::Failed,
    }
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(PROBLEM_JSON.as_bytes()))
}

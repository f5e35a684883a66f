//! The way back of a response.

use actix_cors::CorsError;
use actix_web::{
    Error,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::ServiceResponse,
    error::{InternalError, JsonPayloadError, PayloadError, QueryPayloadError, UrlencodedError},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
};
use serde::de::value;

use super::{Passage, request_id::X_REQUEST_ID};
use crate::http::{ApiError, PROBLEM_JSON, Refusal};

/// What `web::Path` fails with.
type PathError = InternalError<value::Error>;

/// What answers that no route gave are called in log and metrics.
pub(super) const UNMATCHED: &str = "unmatched";

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
    fn problem_of<B: MessageBody>(&self, response: &mut ServiceResponse<B>) -> Option<Vec<u8>> {
        if response.status().as_u16() < 400 {
            return None;
        }
        if let Some(error) = response
            .response()
            .error()
            .and_then(|error| error.as_error::<ApiError>())
        {
            // It was logged when it became an answer.
            return Some(self.problem(error).to_body());
        }
        let error = ApiError::Refused(refusal_of(response)?);
        error.log();
        let problem = self.problem(&error);
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

/// What actix answered by itself; nothing for what a handler answered, which is
/// the handler's to say.
fn refusal_of<B: MessageBody>(response: &ServiceResponse<B>) -> Option<Refusal> {
    match response.response().error() {
        Some(error) => refusal_by_actix(error),
        None => is_unanswered(response).then_some(Refusal::RouteNotFound),
    }
}

/// The refusal of the same status that an extractor or the CORS rules of actix
/// stand for.
pub(super) fn refusal_by_actix(error: &Error) -> Option<Refusal> {
    let is_by_actix = error.as_error::<JsonPayloadError>().is_some()
        || error.as_error::<UrlencodedError>().is_some()
        || error.as_error::<QueryPayloadError>().is_some()
        || error.as_error::<PathError>().is_some()
        || error.as_error::<PayloadError>().is_some()
        || error.as_error::<CorsError>().is_some();
    match error.as_response_error().status_code().as_u16() {
        _ if !is_by_actix => None,
        400 => Some(Refusal::BadRequest),
        404 => Some(Refusal::RouteNotFound),
        500 => Some(Refusal::Failed),
        _ => None,
    }
}

/// Whether no route took the request: actix answers that with nothing but 404.
fn is_unanswered<B: MessageBody>(response: &ServiceResponse<B>) -> bool {
    response.status() == StatusCode::NOT_FOUND
        && matches!(
            response.response().body().size(),
            BodySize::None | BodySize::Sized(0)
        )
        && !response.headers().contains_key(header::CONTENT_TYPE)
        && response.request().match_pattern().is_none()
}

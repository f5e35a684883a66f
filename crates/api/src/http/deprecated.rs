//! Operations that are on their way out.

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When version 1 began, in which PUT was deprecated from the start; seconds
/// since the epoch (RFC 9745).
const SINCE: HeaderValue = HeaderValue::from_static("@1793491200");

/// Says so in the answer.
pub fn deprecated(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(DEPRECATION, SINCE);
    response
}

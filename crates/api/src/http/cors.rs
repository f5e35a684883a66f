//! Which pages may call from a browser.

use actix_cors::Cors;
use actix_web::http::{Method, header};

use crate::state::State;

/// Headers that pages may read.
pub(super) const EXPOSED: [&str; 5] = [
    "ETag",
    "Location",
    "X-Request-Id",
    "Retry-After",
    "Deprecation",
];
const ALLOWED: [&str; 5] = [
    "Authorization",
    "Content-Type",
    "If-Match",
    "Idempotency-Key",
    "X-Request-Id",
];

/// The configured origins, compared exactly; no credentials.
pub(crate) fn cors(state: &State) -> Cors {
    let state = state.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            origin
                .to_str()
                .is_ok_and(|origin| state.settings.allows_origin(origin))
        })
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers(ALLOWED.map(|name| name.to_ascii_lowercase()))
        .allowed_header(header::ACCEPT)
        .expose_headers(EXPOSED)
        .max_age(600)
}

//! A service without a database: whoever has an access token of UserHub's may
//! come in, and UserHub is not asked about it.

mod key_set;
mod verifier;

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::{
        StatusCode,
        header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::get,
};

pub use key_set::{Freshness, KeySet};
pub use verifier::{Claims, Refused, Verifier};

/// The service.
pub fn app(verifier: Verifier) -> Router {
    Router::new()
        .route("/hello", get(hello))
        .with_state(Arc::new(verifier))
}

async fn hello(claims: Claims, State(_): State<Arc<Verifier>>) -> String {
    format!("hello {}", claims.sub)
}

/// The claims of whoever is calling: the argument is the guard.
impl FromRequestParts<Arc<Verifier>> for Claims {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        verifier: &Arc<Verifier>,
    ) -> Result<Self, Refused> {
        let header = parts.headers.get(AUTHORIZATION);
        let (scheme, token) = header
            .and_then(|value| value.to_str().ok()?.split_once(' '))
            .ok_or(Refused::Token)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Refused::Token);
        }
        verifier.verify(token.trim()).await
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Token => {
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response()
            }
            Self::NoKeys => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]).into_response(),
        }
    }
}

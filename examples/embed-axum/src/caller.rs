//! Who is calling, as an extractor of axum.

use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use userhub_domain::{caller::SignedIn, error::Unauthenticated, ports::Services};

use crate::Failure;

/// Somebody who has signed in. `require_admin` on it proves an administrator.
pub struct Caller(pub SignedIn);

impl FromRequestParts<Services> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(Unauthenticated::Missing)?;
        Ok(Self(services.sessions.authenticate(token).await?))
    }
}

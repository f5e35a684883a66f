//! Who is calling, as an extractor of axum.

use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use userhub_domain::{caller::SignedIn, error::Unauthenticated, ports::Services};

use crate::Failure;

/// Somebody who has signed in. `require_admin` on it proves an administrator;
/// it may be an API key, where people can make some: `require(Scope::Write)`.
pub struct Caller(pub SignedIn);

impl FromRequestParts<Services> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION);
        let (scheme, token) = header
            .and_then(|value| value.to_str().ok()?.split_once(' '))
            .ok_or(Unauthenticated::Missing)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Unauthenticated::Missing.into());
        }
        Ok(Self(services.sessions.authenticate(token.trim()).await?))
    }
}

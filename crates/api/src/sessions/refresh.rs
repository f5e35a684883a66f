//! `POST /auth/refresh`

use actix_web::{HttpResponse, post};
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;
use userhub_domain::violation::{Broken, ViolationCode, Violations};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    state::State,
    views::TokenPairView,
};

/// The refresh token of the last pair.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refresh, example = json!({
    "refresh_token": "uhr_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}))]
pub(crate) struct RefreshBody {
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String)]
    refresh_token: Option<SecretText>,
}

impl RefreshBody {
    fn parse(self) -> Result<SecretString, Violations> {
        self.refresh_token
            .map(SecretText::into_inner)
            .ok_or_else(|| {
                Broken::new(ViolationCode::Required, "must be given")
                    .at("refresh_token")
                    .into()
            })
    }
}

/// Get the next pair of tokens
///
/// The old refresh token is spent. A repetition within 10 s gets the same pair
/// again while its refresh token is unused; any other ends the session.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "refresh",
    request_body = RefreshBody,
    security(()),
    responses(
        (status = 200, description = "The next pair", body = TokenPairView),
        (status = 401, description = "The refresh token is not valid: sign in again"),
        (status = 429, description = "Too many requests from here"),
        (status = 409, description = "Too many refreshed it at the same moment"),
    ),
)]
#[post("/auth/refresh")]
pub(crate) async fn refresh(
    state: State,
    origin: LimitedOrigin,
    body: Body<RefreshBody>,
) -> Answer<HttpResponse> {
    let token = body.read().await?.into_command(RefreshBody::parse)?;
    let pair = state.services.sessions.refresh(&origin.0, &token).await?;
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

//! `POST /auth/mfa/verify`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::second_factor::VerifyMfaCommand;
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    sessions::sign_in::count,
    state::State,
    views::TokenPairView,
};

/// What the first step gave, and a code.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyMfa, example = json!({
    "mfa_token": "uhm_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "code": "123456",
}))]
pub(crate) struct VerifyMfaBody {
    /// Of the problem `mfa_required`.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String)]
    mfa_token: Option<SecretText>,
    /// Six digits of the app, or a recovery code.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, max_length = 64)]
    code: Option<SecretText>,
}

/// Sign in, second step
///
/// A wrong code does not use up the `mfa_token`; a right one does.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "verifyMfa",
    request_body = VerifyMfaBody,
    security(()),
    responses(
        (status = 200, description = "Signed in", body = TokenPairView),
        (status = 401, description = "The code is wrong, or the sign-in has to begin again"),
        (status = 429, description = "Too many tries, from here or for this account"),
    ),
)]
#[post("/auth/mfa/verify")]
pub(crate) async fn verify_mfa(
    state: State,
    origin: LimitedOrigin,
    body: Body<VerifyMfaBody>,
) -> Answer<HttpResponse> {
    let command = body.read().await?.into_command(|body| {
        let token = body.mfa_token.map(SecretText::into_inner);
        VerifyMfaCommand::parse(token, body.code.map(SecretText::into_inner))
    })?;
    let result = state
        .services
        .second_factor
        .verify(&origin.0, command)
        .await;
    count(&result);
    Ok(HttpResponse::Ok().json(TokenPairView::from(result?)))
}

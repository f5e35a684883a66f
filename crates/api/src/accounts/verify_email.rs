//! `POST /auth/email/verify`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::accounts::VerifyEmailCommand;
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    state::State,
};

/// The token that was mailed.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyEmail, example = json!({
    "token": "uhv_2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
}))]
pub(crate) struct VerifyEmailBody {
    /// From the mail to a new account, or to the next address of one.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String)]
    token: Option<SecretText>,
}

/// Confirm an address with a token that was mailed
///
/// The address counts as verified; one that was to replace another now does.
/// The token says by itself which of the two. Nobody is signed in by it.
#[utoipa::path(
    tag = "Account",
    operation_id = "verifyEmail",
    request_body = VerifyEmailBody,
    security(()),
    responses(
        (status = 204, description = "The address is confirmed"),
        (status = 409, description = "The address has become somebody else's, or the account was changed at the same moment"),
    ),
)]
#[post("/auth/email/verify")]
pub(crate) async fn verify_email(
    state: State,
    origin: LimitedOrigin,
    body: Body<VerifyEmailBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| VerifyEmailCommand::parse(body.token.map(SecretText::into_inner)))?;
    let accounts = &state.services.accounts;
    accounts.verify_email(&origin.0, command).await?;
    Ok(HttpResponse::NoContent().finish())
}

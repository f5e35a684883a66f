//! `POST /auth/password/reset`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::accounts::{ResetPasswordCommand, ResetPasswordInput};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    state::State,
};

/// The token that was handed out, and the next password.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetPassword, example = json!({
    "token": "uhp_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "new_password": "walnut-harbour-quartz-3",
}))]
pub(crate) struct ResetPasswordBody {
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String)]
    token: Option<SecretText>,
    /// At least 8 characters that are hard to guess; at most 1024 bytes.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, min_length = 8, max_length = 1024)]
    new_password: Option<SecretText>,
}

impl From<ResetPasswordBody> for ResetPasswordInput {
    fn from(body: ResetPasswordBody) -> Self {
        Self {
            token: body.token.map(SecretText::into_inner),
            new_password: body.new_password.map(SecretText::into_inner),
        }
    }
}

/// Set a new password with a token that was handed out
///
/// Every session ends. Nobody is signed in by it.
#[utoipa::path(
    tag = "Account",
    operation_id = "resetPassword",
    request_body = ResetPasswordBody,
    security(()),
    responses((status = 204, description = "The password was set")),
)]
#[post("/auth/password/reset")]
pub(crate) async fn reset_password(
    state: State,
    origin: LimitedOrigin,
    body: Body<ResetPasswordBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| ResetPasswordCommand::parse(body.into()))?;
    let accounts = &state.services.accounts;
    accounts.reset_password(&origin.0, command).await?;
    Ok(HttpResponse::NoContent().finish())
}

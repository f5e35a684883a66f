//! `POST /auth/password/change`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    accounts::{ChangePasswordCommand, ChangePasswordInput},
    caller::OwnSession,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
};

/// The current password and the next one.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePassword, example = json!({
    "current_password": "plum-orchard-velvet-7", "new_password": "walnut-harbour-quartz-3",
}))]
pub(crate) struct ChangePasswordBody {
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, max_length = 1024)]
    current_password: Option<SecretText>,
    /// At least 8 characters that are hard to guess; at most 1024 bytes.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, min_length = 8, max_length = 1024)]
    new_password: Option<SecretText>,
}

impl From<ChangePasswordBody> for ChangePasswordInput {
    fn from(body: ChangePasswordBody) -> Self {
        Self {
            current_password: body.current_password.map(SecretText::into_inner),
            new_password: body.new_password.map(SecretText::into_inner),
        }
    }
}

/// Change one's own password
///
/// Every other session ends, and so does every token that was handed out.
#[utoipa::path(
    tag = "Account",
    operation_id = "changePassword",
    request_body = ChangePasswordBody,
    responses(
        (status = 204, description = "The password was changed"),
        (status = 403, description = "The current password is wrong, or a key is calling"),
        (status = 429, description = "Too many wrong passwords"),
        (status = 409, description = "It was changed by somebody else at the same moment"),
    ),
)]
#[post("/auth/password/change")]
pub(crate) async fn change_password(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<ChangePasswordBody>,
) -> Answer<HttpResponse> {
    let accounts = &state.services.accounts;
    let command = body.read().await?.into_command(|body| {
        ChangePasswordCommand::parse(body.into(), accounts.rules(), &caller.0)
    })?;
    accounts
        .change_password(&caller.0, &origin.0, command)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

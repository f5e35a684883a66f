//! `POST /auth/mfa/totp/disable` and `/auth/mfa/recovery-codes`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    caller::OwnSession, second_factor::ConfirmedChangeCommand, violation::Violations,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
    views::RecoveryCodesView,
};

/// Both factors once more.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmedChange, example = json!({
    "password": "plum-orchard-velvet-7", "code": "123456",
}))]
pub(crate) struct ConfirmedChangeBody {
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, max_length = 1024)]
    password: Option<SecretText>,
    /// Six digits of the app, or a recovery code.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, max_length = 64)]
    code: Option<SecretText>,
}

impl ConfirmedChangeBody {
    fn parse(self) -> Result<ConfirmedChangeCommand, Violations> {
        ConfirmedChangeCommand::parse(
            self.password.map(SecretText::into_inner),
            self.code.map(SecretText::into_inner),
        )
    }
}

/// Turn the second factor off
///
/// The app and every recovery code are worthless from now on.
#[utoipa::path(
    tag = "Account",
    operation_id = "disableTotp",
    request_body = ConfirmedChangeBody,
    responses(
        (status = 204, description = "It is off"),
        (status = 403, description = "Password or code are wrong, or a key is calling"),
        (status = 409, description = "There is no second factor"),
        (status = 429, description = "Too many wrong passwords or codes"),
    ),
)]
#[post("/auth/mfa/totp/disable")]
pub(crate) async fn disable_totp(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<ConfirmedChangeBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(ConfirmedChangeBody::parse)?;
    let second_factor = &state.services.second_factor;
    second_factor.disable(&caller.0, &origin.0, command).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Get other recovery codes
///
/// All codes before are worthless from now on, used or not.
#[utoipa::path(
    tag = "Account",
    operation_id = "renewRecoveryCodes",
    request_body = ConfirmedChangeBody,
    responses(
        (status = 200, description = "The codes, shown once", body = RecoveryCodesView),
        (status = 403, description = "Password or code are wrong, or a key is calling"),
        (status = 409, description = "There is no second factor"),
        (status = 429, description = "Too many wrong passwords or codes"),
    ),
)]
#[post("/auth/mfa/recovery-codes")]
pub(crate) async fn renew_recovery_codes(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<ConfirmedChangeBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(ConfirmedChangeBody::parse)?;
    let second_factor = &state.services.second_factor;
    let codes = second_factor
        .renew_recovery_codes(&caller.0, &origin.0, command)
        .await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView::from(codes)))
}

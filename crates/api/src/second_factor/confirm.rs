//! `POST /auth/mfa/totp/confirm`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{caller::OwnSession, second_factor::ConfirmTotpCommand};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
    views::RecoveryCodesView,
};

/// The first code that the app shows.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmTotp, example = json!({ "code": "123456" }))]
pub(crate) struct ConfirmTotpBody {
    /// Six digits.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, max_length = 16)]
    code: Option<SecretText>,
}

/// Turn the second factor on
///
/// From now on a sign-in takes a code. Sessions go on as they are.
#[utoipa::path(
    tag = "Account",
    operation_id = "confirmTotp",
    request_body = ConfirmTotpBody,
    responses(
        (status = 200, description = "It is on; recovery codes, shown once", body = RecoveryCodesView),
        (status = 403, description = "The code is wrong, or a key is calling"),
        (status = 409, description = "No app was set up, or it was confirmed before"),
        (status = 429, description = "Too many wrong codes"),
    ),
)]
#[post("/auth/mfa/totp/confirm")]
pub(crate) async fn confirm_totp(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<ConfirmTotpBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| ConfirmTotpCommand::parse(body.code.map(SecretText::into_inner)))?;
    let second_factor = &state.services.second_factor;
    let codes = second_factor.confirm(&caller.0, &origin.0, command).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView::from(codes)))
}

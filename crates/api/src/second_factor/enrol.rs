//! `POST /auth/mfa/totp`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{caller::OwnSession, second_factor::EnrolTotpCommand};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
    views::TotpEnrolmentView,
};

/// The password once more.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnrolTotp, example = json!({ "password": "plum-orchard-velvet-7" }))]
pub(crate) struct EnrolTotpBody {
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, max_length = 1024)]
    password: Option<SecretText>,
}

/// Set up an app for one-time codes
///
/// It counts for nothing until its first code confirms it. Asking again makes
/// another secret; the one before dies.
#[utoipa::path(
    tag = "Account",
    operation_id = "enrolTotp",
    request_body = EnrolTotpBody,
    responses(
        (status = 201, description = "What is put into the app, shown once", body = TotpEnrolmentView),
        (status = 403, description = "The password is wrong, a key is calling, or a second factor cannot be set up here"),
        (status = 409, description = "There is a second factor already"),
        (status = 429, description = "Too many wrong passwords"),
    ),
)]
#[post("/auth/mfa/totp")]
pub(crate) async fn enrol_totp(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<EnrolTotpBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| EnrolTotpCommand::parse(body.password.map(SecretText::into_inner)))?;
    let second_factor = &state.services.second_factor;
    let enrolled = second_factor.enrol(&caller.0, &origin.0, command).await?;
    Ok(HttpResponse::Created().json(TotpEnrolmentView::from(enrolled)))
}

//! `POST /auth/password/forgot`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::accounts::MailRequestCommand;
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin},
    state::State,
};

/// Whose password is forgotten.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgotPassword, example = json!({ "email": "alice@example.org" }))]
pub(crate) struct ForgotPasswordBody {
    #[garde(inner(length(max = 1024)))]
    #[schema(required = true, nullable = false, value_type = String, max_length = 254, format = Email)]
    email: Option<String>,
}

/// Ask for a mail to reset a password
///
/// The answer is the same whether or not there is an account with this address.
/// Where there is one, it is mailed a token for `POST /auth/password/reset`; an
/// earlier one dies. An address gets no more than a few mails in an hour.
#[utoipa::path(
    tag = "Account",
    operation_id = "forgotPassword",
    request_body = ForgotPasswordBody,
    security(()),
    responses((status = 202, description = "The owner of the address, if there is one, gets a mail")),
)]
#[post("/auth/password/forgot")]
pub(crate) async fn forgot_password(
    state: State,
    origin: LimitedOrigin,
    body: Body<ForgotPasswordBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| MailRequestCommand::parse(body.email))?;
    let accounts = &state.services.accounts;
    accounts.forgot_password(&origin.0, command).await?;
    Ok(HttpResponse::Accepted().finish())
}

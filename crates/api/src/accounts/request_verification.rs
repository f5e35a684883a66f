//! `POST /auth/email/verification`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::accounts::MailRequestCommand;
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin},
    state::State,
};

/// Which address is to be confirmed.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestVerification, example = json!({ "email": "alice@example.org" }))]
pub(crate) struct RequestVerificationBody {
    #[garde(inner(length(max = 1024)))]
    #[schema(required = true, nullable = false, value_type = String, max_length = 254, format = Email)]
    email: Option<String>,
}

/// Ask again for a mail to confirm an address
///
/// The answer is the same whether or not there is an account with this address
/// that is yet to be confirmed. Where there is one, it is mailed a token for
/// `POST /auth/email/verify`; an earlier one dies.
#[utoipa::path(
    tag = "Account",
    operation_id = "requestVerification",
    request_body = RequestVerificationBody,
    security(()),
    responses((status = 202, description = "The owner of the address, if there is one, gets a mail")),
)]
#[post("/auth/email/verification")]
pub(crate) async fn request_verification(
    state: State,
    origin: LimitedOrigin,
    body: Body<RequestVerificationBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| MailRequestCommand::parse(body.email))?;
    let accounts = &state.services.accounts;
    accounts.request_verification(&origin.0, command).await?;
    Ok(HttpResponse::Accepted().finish())
}

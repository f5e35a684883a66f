//! `POST /auth/email/change`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    accounts::{ChangeEmailCommand, ChangeEmailInput, EmailChange},
    caller::OwnSession,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
    views::{UserView, with_etag},
};

/// The next address, and the password.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeEmail, example = json!({
    "email": "alice@example.net", "password": "plum-orchard-velvet-7",
}))]
pub(crate) struct ChangeEmailBody {
    #[garde(inner(length(max = 1024)))]
    #[schema(required = true, nullable = false, value_type = String, max_length = 254, format = Email)]
    email: Option<String>,
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, max_length = 1024)]
    password: Option<SecretText>,
}

impl From<ChangeEmailBody> for ChangeEmailInput {
    fn from(body: ChangeEmailBody) -> Self {
        Self {
            email: body.email,
            password: body.password.map(SecretText::into_inner),
        }
    }
}

/// Change one's own e-mail address
///
/// Where addresses need not be verified it takes effect at once, and the new
/// one counts as unverified. Otherwise the current address stays until the new
/// one is confirmed by a token that is mailed to it, for `POST
/// /auth/email/verify`. The current address is told in either case.
#[utoipa::path(
    tag = "Account",
    operation_id = "changeEmail",
    request_body = ChangeEmailBody,
    responses(
        (status = 200, description = "The account with its new address", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 202, description = "The new address has to be confirmed first: it gets a mail"),
        (status = 403, description = "The password is wrong, or a key is calling"),
        (status = 429, description = "Too many wrong passwords"),
        (status = 409, description = "The address is taken, or the account was changed at the same moment"),
    ),
)]
#[post("/auth/email/change")]
pub(crate) async fn change_email(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<ChangeEmailBody>,
) -> Answer<HttpResponse> {
    let command = body
        .read()
        .await?
        .into_command(|body| ChangeEmailCommand::parse(body.into()))?;
    let accounts = &state.services.accounts;
    let change = accounts.change_email(&caller.0, &origin.0, command).await?;
    Ok(match change {
        EmailChange::Changed(user) => with_etag(&user),
        EmailChange::Requested => HttpResponse::Accepted().finish(),
    })
}

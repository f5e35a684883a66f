//! `POST /auth/register`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    accounts::{RegisterCommand, RegisterInput, Registration},
    users::ProfileInput,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    state::State,
    views::{UserView, created},
};

/// Who registers. A username or an e-mail address must be there.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Register, example = json!({
    "username": "alice", "email": "alice@example.org", "first_name": "Alice",
    "password": "plum-orchard-velvet-7",
}))]
pub(crate) struct RegisterBody {
    /// 3 to 32 of `A-Z a-z 0-9 . _ -`, starting with a letter.
    #[garde(inner(length(max = 128)))]
    #[schema(min_length = 3, max_length = 32, pattern = "^[A-Za-z][A-Za-z0-9._-]*$")]
    username: Option<String>,
    /// An ASCII address; its domain may be punycode.
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 100)]
    first_name: Option<String>,
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 100)]
    last_name: Option<String>,
    /// In international form.
    #[garde(inner(length(max = 128)))]
    #[schema(max_length = 40, example = "+15551234567")]
    phone_number: Option<String>,
    /// At least 8 characters that are hard to guess; at most 1024 bytes.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Option<SecretText>,
}

impl From<RegisterBody> for RegisterInput {
    fn from(body: RegisterBody) -> Self {
        Self {
            profile: ProfileInput {
                username: body.username,
                email: body.email,
                first_name: body.first_name,
                last_name: body.last_name,
                phone_number: body.phone_number,
            },
            password: body.password.map(SecretText::into_inner),
        }
    }
}

/// Make an account for oneself
#[utoipa::path(
    tag = "Signing in",
    operation_id = "register",
    request_body = RegisterBody,
    security(()),
    responses(
        (status = 201, description = "The account was made", body = UserView,
            headers(
                ("Location" = String, description = "Where the account is"),
                ("ETag" = String, description = "The version"),
            )),
        (status = 202, description = "Where it is hidden which addresses have an account: the address gets a mail, whether or not it had one"),
        (status = 403, description = "Registration is closed"),
        (status = 409, description = "An identifier is taken; `errors` names all that are"),
    ),
)]
#[post("/auth/register")]
pub(crate) async fn register(
    state: State,
    origin: LimitedOrigin,
    body: Body<RegisterBody>,
) -> Answer<HttpResponse> {
    let accounts = &state.services.accounts;
    let command = body
        .read()
        .await?
        .into_command(|body| RegisterCommand::parse(body.into(), accounts.rules()))?;
    Ok(match accounts.register(&origin.0, command).await? {
        Registration::Created(user) => created(&user),
        Registration::Accepted => HttpResponse::Accepted().finish(),
    })
}

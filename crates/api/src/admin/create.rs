//! `POST /users`

use std::collections::BTreeMap;

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    admin::{CreateUserCommand, CreateUserInput},
    caller::Admin,
    users::ProfileInput,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin, SecretText},
    state::State,
    views::{RoleName, UserView, created},
};

/// A new account. A username or an e-mail address must be there.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateUser, example = json!({
    "username": "bob", "email": "bob@example.org", "role": "user",
    "password": "walnut-harbour-quartz-3", "metadata": {"plan": "pro"},
}))]
pub(crate) struct CreateUserBody {
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
    /// At least 8 characters that are hard to guess; at most 1024 bytes. This
    /// or `password_hash`.
    #[garde(skip)]
    #[schema(required = false, nullable = false, value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Option<SecretText>,
    /// In place of `password`, for an account that moves in: the hash that
    /// another system made, as it stands there. Argon2, bcrypt (also passlib's
    /// `bcrypt_sha256`), scrypt and PBKDF2 (PHC, passlib; Django's PBKDF2),
    /// SHA-crypt 256 and 512. It is replaced at the first sign-in.
    #[garde(skip)]
    #[schema(required = false, nullable = false, value_type = String, format = Password, max_length = 1024)]
    password_hash: Option<SecretText>,
    /// `user` unless it is given.
    #[garde(skip)]
    #[schema(value_type = Option<RoleName>)]
    role: Option<String>,
    /// Whether the address is known to be the user's.
    #[garde(skip)]
    email_verified: Option<bool>,
    /// The id in another system; unique.
    #[garde(inner(length(max = 2048)))]
    #[schema(max_length = 255)]
    external_id: Option<String>,
    /// At most 50 keys of 40 characters, values of up to 500.
    #[garde(skip)]
    metadata: Option<BTreeMap<String, String>>,
}

impl From<CreateUserBody> for CreateUserInput {
    fn from(body: CreateUserBody) -> Self {
        Self {
            profile: ProfileInput {
                username: body.username,
                email: body.email,
                first_name: body.first_name,
                last_name: body.last_name,
                phone_number: body.phone_number,
            },
            password: body.password.map(SecretText::into_inner),
            password_hash: body.password_hash.map(SecretText::into_inner),
            role: body.role,
            email_verified: body.email_verified,
            external_id: body.external_id,
            metadata: body.metadata,
        }
    }
}

/// Make an account for somebody
#[utoipa::path(
    tag = "Users",
    operation_id = "createUser",
    request_body = CreateUserBody,
    responses(
        (status = 201, description = "The account was made", body = UserView,
            headers(
                ("Location" = String, description = "Where the account is"),
                ("ETag" = String, description = "The version"),
            )),
        (status = 403, description = "Only administrators"),
        (status = 409, description = "An identifier is taken; `errors` names all that are"),
    ),
)]
#[post("/users")]
pub(crate) async fn create_user(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    body: Body<CreateUserBody>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    let command = body
        .read()
        .await?
        .into_command(|body| CreateUserCommand::parse(body.into(), administration.rules()))?;
    let user = administration.create(&admin.0, &origin.0, command).await?;
    Ok(created(&user))
}

//! `POST /auth/login`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    sessions::{LoginCommand, LoginInput},
    violation::{Broken, ViolationCode, Violations},
};
use utoipa::ToSchema;

use super::sign_in::{SignInProblem, sign_in};
use crate::{
    http::{Answer, Body, LimitedOrigin, SecretText},
    state::State,
    views::TokenPairView,
};

/// Who signs in: exactly one of `identifier`, `username` and `email`, and the
/// password.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login, example = json!({
    "identifier": "alice@example.org", "password": "plum-orchard-velvet-7",
}))]
pub(crate) struct LoginBody {
    /// A username or an e-mail address, in any case.
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 254)]
    identifier: Option<String>,
    /// May stand for `identifier`.
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 254)]
    username: Option<String>,
    /// May stand for `identifier`.
    #[garde(inner(length(max = 1024)))]
    #[schema(max_length = 254)]
    email: Option<String>,
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = String, format = Password, max_length = 1024)]
    password: Option<SecretText>,
}

impl LoginBody {
    fn parse(self) -> Result<LoginCommand, Violations> {
        let mut violations = Violations::new();
        let names = [("username", self.username), ("email", self.email)];
        let mut identifier = self.identifier;
        for (field, name) in names {
            if identifier.is_some() && name.is_some() {
                let broken = Broken::new(
                    ViolationCode::NotAllowed,
                    "give only one of identifier, username and email",
                );
                violations.push(broken.at(field));
            }
            identifier = identifier.or(name);
        }
        let input = LoginInput {
            identifier,
            password: self.password.map(SecretText::into_inner),
        };
        match LoginCommand::parse(input) {
            Ok(command) => violations.into_result().map(|()| command),
            Err(more) => {
                violations.merge(more);
                Err(violations)
            }
        }
    }
}

/// Sign in
///
/// The answer is the same for an unknown name, a wrong password and an account
/// that cannot be used. Where the account has a second factor, `mfa_required`
/// comes with an `mfa_token` for the second step.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "login",
    request_body = LoginBody,
    security(()),
    responses(
        (status = 200, description = "Signed in", body = TokenPairView),
        (status = 401, description = "Name or password are wrong, or the account cannot be used"),
        (status = 403, description = "The password is right, and a second factor is needed, or the e-mail address has yet to be verified",
            body = SignInProblem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries, from here or for this account"),
    ),
)]
#[post("/auth/login")]
pub(crate) async fn login(
    state: State,
    origin: LimitedOrigin,
    body: Body<LoginBody>,
) -> Answer<HttpResponse> {
    let command = body.read().await?.into_command(LoginBody::parse)?;
    let pair = sign_in(&state, &origin.0, command).await?;
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

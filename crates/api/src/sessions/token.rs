//! `POST /auth/token`: the same as login and refresh, as RFC 6749 has it.

use actix_web::{HttpResponse, post};
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;
use userhub_domain::{
    sessions::{LoginCommand, LoginInput},
    violation::{Broken, ViolationCode, Violations},
};
use utoipa::ToSchema;

use super::sign_in::{SignInProblem, sign_in};
use crate::{
    http::{Answer, FormBody, LimitedOrigin, SecretText},
    state::State,
    views::TokenPairView,
};

/// A request for tokens (RFC 6749, sections 4.3 and 6). Scopes and client
/// credentials are ignored.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[schema(as = TokenRequest, example = json!({
    "grant_type": "password", "username": "alice", "password": "plum-orchard-velvet-7",
}))]
pub(crate) struct TokenForm {
    /// Which way.
    #[garde(skip)]
    #[schema(required = true, nullable = false, value_type = GrantType)]
    grant_type: Option<String>,
    /// A username or an e-mail address, with `password`.
    #[garde(inner(length(max = 1024)))]
    #[schema(required = false, nullable = false, value_type = String)]
    username: Option<String>,
    /// With `password`.
    #[garde(skip)]
    #[schema(required = false, nullable = false, value_type = String, format = Password)]
    password: Option<SecretText>,
    /// With `refresh_token`.
    #[garde(skip)]
    #[schema(required = false, nullable = false, value_type = String)]
    refresh_token: Option<SecretText>,
}

/// The ways to get tokens.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it only describes the member")]
pub(crate) enum GrantType {
    Password,
    RefreshToken,
}

/// A problem in the words of RFC 6749 besides.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the answer")]
pub(crate) struct TokenProblem {
    #[serde(flatten)]
    problem: SignInProblem,
    /// The code of RFC 6749, section 5.2, or `mfa_required`.
    #[schema(example = "invalid_grant")]
    error: String,
    /// The same as `detail`.
    error_description: String,
}

/// What is asked for.
enum Grant {
    Password(LoginCommand),
    RefreshToken(SecretString),
}

impl TokenForm {
    fn parse(self) -> Result<Grant, Violations> {
        match self.grant_type.as_deref() {
            Some("password") => self.password_grant(),
            Some("refresh_token") => match self.refresh_token {
                Some(token) => Ok(Grant::RefreshToken(token.into_inner())),
                None => Err(required("refresh_token")),
            },
            None => Err(required("grant_type")),
            Some(_) => Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be password or refresh_token",
            )
            .at("grant_type")
            .into()),
        }
    }

    fn password_grant(self) -> Result<Grant, Violations> {
        if self.username.is_none() {
            return Err(required("username"));
        }
        let input = LoginInput {
            identifier: self.username,
            password: self.password.map(SecretText::into_inner),
        };
        LoginCommand::parse(input).map(Grant::Password)
    }
}

fn required(field: &'static str) -> Violations {
    Broken::new(ViolationCode::Required, "must be given")
        .at(field)
        .into()
}

/// Get tokens by the password or the refresh token grant
///
/// What the Authorize button calls. Errors are problems with the members
/// `error` and `error_description` of RFC 6749 added.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "issueToken",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens", body = TokenPairView),
        (status = 400, description = "The form is not one, or the grant is not valid",
            body = TokenProblem, content_type = "application/problem+json"),
        (status = 403, description = "The password is right, and a second factor is needed, or the e-mail address has yet to be verified",
            body = TokenProblem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries, from here or for this account",
            body = TokenProblem, content_type = "application/problem+json"),
    ),
)]
#[post("/auth/token")]
pub(crate) async fn issue_token(
    state: State,
    origin: Answer<LimitedOrigin>,
    form: FormBody<TokenForm>,
) -> Answer<HttpResponse> {
    issue(&state, origin, form)
        .await
        .map_err(crate::http::ApiError::for_token_endpoint)
}

async fn issue(
    state: &State,
    origin: Answer<LimitedOrigin>,
    form: FormBody<TokenForm>,
) -> Answer<HttpResponse> {
    let origin = origin?.0;
    let pair = match form.read().await?.into_command(TokenForm::parse)? {
        Grant::Password(command) => sign_in(state, &origin, command).await?,
        Grant::RefreshToken(token) => state.services.sessions.refresh(&origin, &token).await?,
    };
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

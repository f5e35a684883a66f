//! `POST /auth/logout` and `/auth/logout-all`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::error::Unauthenticated;
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, InPerson, OptionalCaller, RequestOrigin, SecretText},
    state::State,
};

/// Which session ends, where no access token is sent.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Logout, example = json!({
    "refresh_token": "uhr_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}))]
pub(crate) struct LogoutBody {
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
}

/// Sign out
///
/// With an access token its session ends, and the body is ignored; without one
/// the session of the refresh token, known or not.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "logout",
    request_body = LogoutBody,
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, description = "Neither an access token nor a refresh token was sent, or the access token is not valid"),
        (status = 403, description = "A key has no session"),
    ),
)]
#[post("/auth/logout")]
pub(crate) async fn logout(
    caller: OptionalCaller,
    state: State,
    origin: RequestOrigin,
    body: Body<LogoutBody>,
) -> Answer<HttpResponse> {
    let sessions = &state.services.sessions;
    if let Some(caller) = &caller.0 {
        sessions.logout(caller, &origin.0).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    if body.is_absent() {
        return Err(Unauthenticated::Missing.into());
    }
    let token = body
        .read()
        .await?
        .into_command(|body| Ok(body.refresh_token))?
        .ok_or(Unauthenticated::Missing)?;
    sessions
        .logout_by_refresh_token(&origin.0, &token.into_inner())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out everywhere
///
/// Every session ends, this one too, and every token that was handed out. API
/// keys go on.
#[utoipa::path(
    tag = "Signing in",
    operation_id = "logoutAll",
    responses(
        (status = 204, description = "Signed out everywhere"),
        (status = 403, description = "A key has no session"),
    ),
)]
#[post("/auth/logout-all")]
pub(crate) async fn logout_all(
    caller: Caller<InPerson>,
    state: State,
    origin: RequestOrigin,
) -> Answer<HttpResponse> {
    state
        .services
        .sessions
        .logout_all(&caller.0, &origin.0)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

//! `GET /users/{id}/sessions` and `POST /users/{id}/logout`

use actix_web::{HttpResponse, get, post};
use userhub_domain::{
    caller::{Admin, AdminReader},
    users::UserId,
};

use crate::{
    http::{Answer, Caller, PathId, RequestOrigin},
    state::State,
    views::SessionList,
};

/// List where a user is signed in
#[utoipa::path(
    tag = "Administration",
    operation_id = "listUserSessions",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 200, description = "The sessions, the last used first", body = SessionList),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
    ),
)]
#[get("/users/{id}/sessions")]
pub(crate) async fn list_user_sessions(
    admin: Caller<AdminReader>,
    state: State,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    let sessions = administration.list_sessions(&admin.0, id.read()?).await?;
    Ok(HttpResponse::Ok().json(SessionList::new(&sessions, None)))
}

/// Sign a user out everywhere
#[utoipa::path(
    tag = "Administration",
    operation_id = "logoutUser",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 204, description = "Every session is over"),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
    ),
)]
#[post("/users/{id}/logout")]
pub(crate) async fn logout_user(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    administration
        .end_sessions(&admin.0, &origin.0, id.read()?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

//! `GET /auth/sessions` and `DELETE /auth/sessions/{id}`

use actix_web::{HttpResponse, delete, get};
use userhub_domain::sessions::SessionId;

use crate::{
    http::{Answer, Caller, InPerson, PathId, RequestOrigin},
    state::State,
    views::SessionList,
};

/// List where one is signed in
#[utoipa::path(
    tag = "Signing in",
    operation_id = "listSessions",
    responses(
        (status = 200, description = "The sessions, the last used first", body = SessionList),
        (status = 403, description = "A key cannot see sessions"),
    ),
)]
#[get("/auth/sessions")]
pub(crate) async fn list_sessions(caller: Caller<InPerson>, state: State) -> Answer<HttpResponse> {
    let sessions = state.services.sessions.list(&caller.0).await?;
    Ok(HttpResponse::Ok().json(SessionList::new(&sessions, caller.0.session_id())))
}

/// End one of one's own sessions
#[utoipa::path(
    tag = "Signing in",
    operation_id = "endSession",
    params(("id" = String, Path, format = Uuid, description = "The session's id")),
    responses(
        (status = 204, description = "The session is over"),
        (status = 403, description = "A key cannot end sessions"),
        (status = 404, description = "No such session of one's own"),
    ),
)]
#[delete("/auth/sessions/{id}")]
pub(crate) async fn end_session(
    caller: Caller<InPerson>,
    state: State,
    origin: RequestOrigin,
    id: PathId<SessionId>,
) -> Answer<HttpResponse> {
    let sessions = &state.services.sessions;
    sessions.end(&caller.0, &origin.0, id.read()?).await?;
    Ok(HttpResponse::NoContent().finish())
}

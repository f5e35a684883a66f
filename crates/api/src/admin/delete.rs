//! `DELETE /users/{id}`, and `restore` and `purge` of a deleted one

use actix_web::{HttpResponse, delete, post};
use userhub_domain::{caller::Admin, users::UserId};

use crate::{
    http::{Answer, Caller, PathId, RequestOrigin},
    state::State,
    views::{UserView, with_etag},
};

/// Delete a user
///
/// The account can be restored; its username, e-mail, phone number and external
/// id are free at once. Deleting a deleted user changes nothing.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteUser",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 204, description = "The user is deleted"),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
        (status = 409, description = "The last administrator cannot be deleted"),
    ),
)]
#[delete("/users/{id}")]
pub(crate) async fn delete_user(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    administration
        .delete(&admin.0, &origin.0, id.read()?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Restore a deleted user
///
/// No old session or token revives; a suspended user comes back suspended.
#[utoipa::path(
    tag = "Users",
    operation_id = "restoreUser",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 200, description = "The user as it is now", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
        (status = 409, description = "The user is not deleted, or an identifier has a new owner"),
    ),
)]
#[post("/users/{id}/restore")]
pub(crate) async fn restore_user(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    let user = administration
        .restore(&admin.0, &origin.0, id.read()?)
        .await?;
    Ok(with_etag(&user))
}

/// Remove a deleted user for good
///
/// Audit events stay, without personal data.
#[utoipa::path(
    tag = "Users",
    operation_id = "purgeUser",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 204, description = "The user is gone"),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
        (status = 409, description = "The user is not deleted"),
    ),
)]
#[post("/users/{id}/purge")]
pub(crate) async fn purge_user(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    administration
        .purge(&admin.0, &origin.0, id.read()?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

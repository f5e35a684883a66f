//! `DELETE /users/{id}/mfa`

use actix_web::{HttpResponse, delete};
use userhub_domain::{caller::Admin, users::UserId};

use crate::{
    http::{Answer, Caller, PathId, RequestOrigin},
    state::State,
};

/// Take somebody's second factor away
///
/// For people who have lost app and recovery codes: the password alone signs
/// in until they set up another. The owner gets a mail. Without a second factor
/// nothing happens.
#[utoipa::path(
    tag = "Administration",
    operation_id = "resetUserMfa",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 204, description = "There is no second factor any more"),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
        (status = 409, description = "The user is deleted"),
    ),
)]
#[delete("/users/{id}/mfa")]
pub(crate) async fn reset_user_mfa(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    administration
        .reset_mfa(&admin.0, &origin.0, id.read()?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

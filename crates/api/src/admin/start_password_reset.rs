//! `POST /users/{id}/password-reset`

use actix_web::{HttpResponse, post};
use userhub_domain::{caller::Admin, users::UserId};

use crate::{
    http::{Answer, Caller, PathId, RequestOrigin},
    state::State,
    views::PasswordResetView,
};

/// Start a password reset for somebody
///
/// The token is shown once, for `POST /auth/password/reset`; an earlier one of
/// the same user dies.
#[utoipa::path(
    tag = "Administration",
    operation_id = "startPasswordReset",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 201, description = "What to hand over", body = PasswordResetView),
        (status = 403, description = "Only administrators"),
        (status = 404, description = "No such user"),
        (status = 409, description = "The user is deleted"),
    ),
)]
#[post("/users/{id}/password-reset")]
pub(crate) async fn start_password_reset(
    admin: Caller<Admin>,
    state: State,
    origin: RequestOrigin,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    let administration = &state.services.administration;
    let ticket = administration
        .start_password_reset(&admin.0, &origin.0, id.read()?)
        .await?;
    let template = state.settings.reset_password_template();
    let shown = PasswordResetView::new(&ticket, template.as_deref());
    Ok(HttpResponse::Created().json(shown))
}

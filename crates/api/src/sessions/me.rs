//! `GET /auth/me`

use actix_web::{get, web::Json};
use userhub_domain::caller::SignedIn;

use crate::{http::Caller, views::UserView};

/// Who is signed in.
#[utoipa::path(
    operation_id = "me",
    tag = "Signing in",
    responses((status = OK, description = "The caller", body = UserView)),
)]
#[get("/auth/me")]
pub(crate) async fn me(Caller(caller): Caller<SignedIn>) -> Json<UserView> {
    Json(caller.user().into())
}

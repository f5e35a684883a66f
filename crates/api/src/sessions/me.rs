//! `GET /auth/me`

use actix_web::{get, web::Json};

use crate::{
    http::{Caller, MayRead},
    views::UserView,
};

/// Who is signed in.
#[utoipa::path(
    operation_id = "me",
    tag = "Signing in",
    responses(
        (status = OK, description = "The caller", body = UserView),
        (status = 403, description = "A key that may not read"),
    ),
)]
#[get("/auth/me")]
pub(crate) async fn me(Caller(caller): Caller<MayRead>) -> Json<UserView> {
    Json(caller.user().into())
}

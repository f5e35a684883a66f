//! `GET /auth/settings`

use actix_web::{get, web::Json};

use crate::{state::State, views::SettingsView};

/// What a sign-up form must know
#[utoipa::path(
    tag = "Signing in",
    operation_id = "getSettings",
    responses((status = 200, description = "The rules for new accounts", body = SettingsView)),
)]
#[get("/auth/settings")]
pub(crate) async fn get_settings(state: State) -> Json<SettingsView> {
    Json(state.services.accounts.rules().policy().into())
}

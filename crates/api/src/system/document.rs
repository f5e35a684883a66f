//! The OpenAPI document.

use actix_web::{HttpResponse, get};

use crate::state::State;

/// This document.
#[utoipa::path(operation_id = "getDocument", tag = "System", responses(
    (status = OK, description = "OpenAPI 3.1", body = Object),
))]
#[get("/openapi.json")]
pub(crate) async fn get_document(state: State) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(state.document.json())
}

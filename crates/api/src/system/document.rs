//! The OpenAPI document.

use actix_web::{HttpResponse, get};

use crate::{http::MountPoint, state::State};

/// This document.
#[utoipa::path(operation_id = "getDocument", tag = "System", responses(
    (status = OK, description = "OpenAPI 3.1", body = Object),
))]
#[get("/openapi.json")]
pub(crate) async fn get_document(state: State, mount_point: MountPoint) -> HttpResponse {
    let document = &state.document;
    let json = match mount_point.as_str() {
        "" => document.json(),
        path => document.mounted_at(path).to_string().into(),
    };
    HttpResponse::Ok()
        .content_type("application/json")
        .body(json)
}

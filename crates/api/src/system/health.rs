//! Whether the process lives and can serve.

use actix_web::{get, web::Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{http::Answer, state::State};

/// How the process is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Whether the process can serve requests: the same as `/health/ready`.
#[utoipa::path(operation_id = "health", tag = "System", responses(
    (status = OK, description = "It can", body = Health),
    (status = SERVICE_UNAVAILABLE, description = "The database does not answer"),
))]
#[get("/health")]
pub(crate) async fn health(state: State) -> Answer<Json<Health>> {
    state.probes.ready().await?;
    Ok(OK)
}

/// Whether the process lives. Never depends on the database.
#[utoipa::path(operation_id = "live", tag = "System", responses(
    (status = OK, description = "It lives", body = Health),
))]
#[get("/health/live")]
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// Whether the process can serve requests: the database answers.
#[utoipa::path(operation_id = "ready", tag = "System", responses(
    (status = OK, description = "It can", body = Health),
    (status = SERVICE_UNAVAILABLE, description = "The database does not answer"),
))]
#[get("/health/ready")]
pub(crate) async fn ready(state: State) -> Answer<Json<Health>> {
    state.probes.ready().await?;
    Ok(OK)
}

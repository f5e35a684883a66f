//! Metrics in Prometheus's text format.

use actix_web::{HttpResponse, get, http::header};

use crate::{
    http::{Answer, Refusal},
    state::State,
};

/// Metrics in Prometheus's text format.
#[utoipa::path(operation_id = "getMetrics", tag = "System", responses(
    (status = OK, description = "Every metric", body = String, content_type = "text/plain"),
    (status = NOT_FOUND, description = "None are collected"),
))]
#[get("/metrics")]
pub(crate) async fn get_metrics(state: State) -> Answer<HttpResponse> {
    let text = state.probes.metrics().ok_or(Refusal::RouteNotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ))
        .body(text))
}

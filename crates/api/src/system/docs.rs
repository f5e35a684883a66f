//! Swagger UI, all of it served from here.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Redirect, ServiceConfig},
};
use utoipa_swagger_ui::Config;

use crate::http::{Answer, MountPoint, Refusal};

const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Registers its files, and what leads to them.
pub(super) fn register(config: &mut ServiceConfig) {
    let to_docs = || Redirect::to("/docs/").using_status_code(actix_web::http::StatusCode::FOUND);
    config
        .route("/", web::get().to(move || async move { to_docs() }))
        .route("/docs", web::get().to(move || async move { to_docs() }))
        .route("/docs/{file:.*}", web::get().to(file));
}

fn settings(mount_point: &MountPoint) -> Config<'static> {
    let document = format!("{}/openapi.json", mount_point.as_str());
    // What a link brings along (`?url=`, `?configUrl=`) must not choose what is shown.
    Config::new([document])
        .query_config_enabled(false)
        // Without the bar in which another document can be chosen.
        .use_base_layout()
        .validator_url("none")
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .display_operation_id(true)
}

async fn file(request: HttpRequest, mount_point: MountPoint) -> Answer<HttpResponse> {
    let name = request.match_info().get("file").unwrap_or_default();
    let found = utoipa_swagger_ui::serve(name, Arc::new(settings(&mount_point)))
        .map_err(|_| Refusal::Failed)?
        .ok_or(Refusal::RouteNotFound)?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    Ok(response
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .content_type(found.content_type)
        .body(found.bytes.into_owned()))
}

//! Swagger UI, all of it served from here.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Redirect, ServiceConfig},
};
use utoipa_swagger_ui::Config;

use crate::{
    http::{Answer, MountPoint, Refusal, in_html, placeholder},
    state::State,
};

const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Registers its files, and what leads to them. The page is the same with a
/// slash at its end and without: which of the two the browser shows is not known
/// where the host normalises paths, so nothing may hang on it, neither a
/// redirect nor a relative link.
pub(super) fn register(config: &mut ServiceConfig) {
    let to_docs = || Redirect::to("/docs/").using_status_code(actix_web::http::StatusCode::FOUND);
    for root in ["", "/"] {
        config.route(root, web::get().to(move || async move { to_docs() }));
    }
    config
        .route("/docs", web::get().to(page))
        .route("/docs/{file:.*}", web::get().to(file));
}

fn settings(root: &str) -> Config<'static> {
    let document = format!("{root}/openapi.json");
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

async fn page(state: State, mount_point: MountPoint) -> Answer<HttpResponse> {
    serve("", &mount_point.outside_path(&state.settings))
}

async fn file(request: HttpRequest, state: State, mount_point: MountPoint) -> Answer<HttpResponse> {
    let name = placeholder(&request, "file").trim_end_matches('/');
    serve(name, &mount_point.outside_path(&state.settings))
}

fn serve(name: &str, root: &str) -> Answer<HttpResponse> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(settings(root)))
        .map_err(|_| Refusal::Failed)?
        .ok_or(Refusal::RouteNotFound)?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    let content = match std::str::from_utf8(&found.bytes) {
        Ok(page) if name.is_empty() => linked_from_the_root(page, root).into_bytes(),
        _ => found.bytes.into_owned(),
    };
    Ok(response
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .content_type(found.content_type)
        .body(content))
}

/// The page with links that are right wherever it is shown.
fn linked_from_the_root(page: &str, root: &str) -> String {
    let docs = format!("{}/docs/", in_html(root));
    page.replace("=\"./", "=\"")
        .replace(" href=\"", &format!(" href=\"{docs}"))
        .replace(" src=\"", &format!(" src=\"{docs}"))
}

//! How many requests there were and how long they took.

use actix_web::http::Method;

/// The method's name; one label for everything that is not usual.
pub(super) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Counts one request. `route` is a template, never a path.
pub(super) fn record(method: &'static str, route: &str, status: u16, seconds: f64) {
    let route = route.to_owned();
    metrics::counter!("userhub_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.to_string())
    .increment(1);
    metrics::histogram!("userhub_http_request_seconds", "method" => method, "route" => route)
        .record(seconds);
}

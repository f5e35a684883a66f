//! What no route answers: an unknown path, or a method that a path does not
//! know.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
};

use super::{Answer, MountPoint, Refusal};
use crate::state::State;

/// Looks the path up in the document.
pub(crate) async fn fallback(
    request: HttpRequest,
    state: State,
    mount_point: MountPoint,
) -> Answer<HttpResponse> {
    let path = mount_point.within(request.match_info().as_str());
    let Some(route) = state.document.route(path) else {
        return Err(Refusal::RouteNotFound.into());
    };
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, route.allow.as_str()))
            .finish());
    }
    Err(Refusal::MethodNotAllowed(route.allow.clone()).into())
}

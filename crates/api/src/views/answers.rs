//! Answers that several endpoints give.

use actix_web::{HttpResponse, http::header};
use userhub_domain::users::User;

use super::UserView;
use crate::http::etag;

/// 200 with a user and its version.
pub fn with_etag(user: &User) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(user.version))
        .json(UserView::from(user))
}

/// 201 with a user, its version and where it is.
pub fn created(user: &User) -> HttpResponse {
    let location = format!("/api/v1/users/{}", user.id);
    HttpResponse::Created()
        .insert_header(etag(user.version))
        .insert_header((header::LOCATION, location))
        .json(UserView::from(user))
}

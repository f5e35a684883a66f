//! `GET /users/me`, `/users/{id}`, `/users/by-username/{username}` and
//! `/users/by-email/{email}`

use actix_web::{HttpResponse, get};
use userhub_domain::{
    caller::SignedIn,
    error::NotFound,
    users::{EmailAddress, UserId, UserKey, Username},
};

use crate::{
    http::{Answer, Caller, MayRead, PathId, PathText},
    state::State,
    views::{UserView, with_etag},
};

/// Get one's own account
#[utoipa::path(
    tag = "Account",
    operation_id = "getMe",
    responses(
        (status = 200, description = "The account", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not read"),
    ),
)]
#[get("/users/me")]
pub(crate) async fn get_me(caller: Caller<MayRead>) -> Answer<HttpResponse> {
    Ok(with_etag(caller.0.user()))
}

/// Get a user by id
///
/// Administrators see everybody, the deleted too; everybody sees themselves.
#[utoipa::path(
    tag = "Users",
    operation_id = "getUser",
    params(("id" = String, Path, format = Uuid, description = "The user's id")),
    responses(
        (status = 200, description = "The user", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not read"),
        (status = 404, description = "No such user, or none that the caller may see"),
    ),
)]
#[get("/users/{id}")]
pub(crate) async fn get_user(
    caller: Caller<MayRead>,
    state: State,
    id: PathId<UserId>,
) -> Answer<HttpResponse> {
    show(&state, &caller.0, &UserKey::Id(id.read()?)).await
}

/// Get a living user by username
#[utoipa::path(
    tag = "Users",
    operation_id = "getUserByUsername",
    params(("username" = String, Path, description = "In any case", example = "alice")),
    responses(
        (status = 200, description = "The user", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not read"),
        (status = 404, description = "No such user, or none that the caller may see"),
    ),
)]
#[get("/users/by-username/{username}")]
pub(crate) async fn get_user_by_username(
    caller: Caller<MayRead>,
    state: State,
    username: PathText,
) -> Answer<HttpResponse> {
    let username = Username::parse(username.read()?).map_err(|_| NotFound::User)?;
    show(&state, &caller.0, &UserKey::Username(username)).await
}

/// Get a living user by e-mail address
#[utoipa::path(
    tag = "Users",
    operation_id = "getUserByEmail",
    params(("email" = String, Path, description = "In any case", example = "alice@example.org")),
    responses(
        (status = 200, description = "The user", body = UserView,
            headers(("ETag" = String, description = "The version"))),
        (status = 403, description = "A key that may not read"),
        (status = 404, description = "No such user, or none that the caller may see"),
    ),
)]
#[get("/users/by-email/{email}")]
pub(crate) async fn get_user_by_email(
    caller: Caller<MayRead>,
    state: State,
    email: PathText,
) -> Answer<HttpResponse> {
    let email = EmailAddress::parse(email.read()?).map_err(|_| NotFound::User)?;
    show(&state, &caller.0, &UserKey::Email(email)).await
}

async fn show(state: &State, caller: &SignedIn, key: &UserKey) -> Answer<HttpResponse> {
    Ok(with_etag(&state.services.accounts.show(caller, key).await?))
}

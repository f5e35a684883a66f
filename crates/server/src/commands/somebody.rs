//! Finding the person that a command is about.

use userhub_domain::{
    Result,
    admin::Administration,
    caller::Admin,
    error::NotFound,
    users::{User, UserId, UserKey},
};

/// The user of an id, a username or an e-mail address.
///
/// # Errors
/// `user_not_found`; those of the store.
pub(crate) async fn find(
    administration: &Administration,
    admin: &Admin,
    identifier: &str,
) -> Result<User> {
    let key = match UserId::parse(identifier.trim()) {
        Some(id) => UserKey::Id(id),
        None => UserKey::parse_identifier(identifier).ok_or(NotFound::User)?,
    };
    administration.get(admin, &key).await
}

//! Seeing an account: everybody their own, administrators everybody's.

use super::Accounts;
use crate::{
    caller::SignedIn,
    error::{NotFound, Result},
    users::{EmailAddress, User, UserKey, Username},
};

impl Accounts {
    /// The user of a key, for administrators and for the user.
    ///
    /// # Errors
    /// `user_not_found` where there is none, or none that the caller may see.
    pub async fn show(&self, caller: &SignedIn, key: &UserKey) -> Result<User> {
        if caller.require_admin().is_err() && !names(key, caller.user()) {
            return Err(NotFound::User.into());
        }
        self.context
            .ports
            .store
            .users()
            .find(key)
            .await?
            .ok_or_else(|| NotFound::User.into())
    }
}

/// Whether a key is one of this user's own.
fn names(key: &UserKey, user: &User) -> bool {
    match key {
        UserKey::Id(id) => *id == user.id,
        UserKey::Username(name) => {
            user.username.as_ref().map(Username::canonical) == Some(name.canonical())
        }
        UserKey::Email(address) => {
            user.email.as_ref().map(EmailAddress::canonical) == Some(address.canonical())
        }
    }
}

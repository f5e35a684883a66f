//! Seeing an account: everybody their own, administrators everybody's.

use super::Accounts;
use crate::{
    api_keys::Scope,
    caller::SignedIn,
    error::{NotFound, Result},
    users::{EmailAddress, Role, User, UserId, UserKey, Username},
};

impl Accounts {
    /// Whether a caller may know of a user at all: asked before the rest of a
    /// request is judged, so that nothing of it tells who is there.
    ///
    /// # Errors
    /// `user_not_found` for everybody but administrators and the user.
    pub fn require_visible(&self, caller: &SignedIn, id: UserId) -> Result<()> {
        require_visible(caller, &UserKey::Id(id))
    }

    /// The user of a key, for administrators and for the user.
    ///
    /// # Errors
    /// `user_not_found` where there is none, or none that the caller may see;
    /// `forbidden` for a key that may not read; those of the store.
    pub async fn show(&self, caller: &SignedIn, key: &UserKey) -> Result<User> {
        caller.require(Scope::Read)?;
        require_visible(caller, key)?;
        self.context
            .ports
            .store
            .users()
            .find(key)
            .await?
            .ok_or_else(|| NotFound::User.into())
    }
}

fn require_visible(caller: &SignedIn, key: &UserKey) -> Result<()> {
    if caller.user().role != Role::Admin && !names(key, caller.user()) {
        return Err(NotFound::User.into());
    }
    Ok(())
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

//! Where the caller is signed in.

use super::{Session, Sessions};
use crate::{caller::SignedIn, error::Result};

impl Sessions {
    /// The caller's sessions that are in force, the last used first.
    ///
    /// # Errors
    /// `session_required` for a key; those of the store.
    pub async fn list(&self, caller: &SignedIn) -> Result<Vec<Session>> {
        caller.require_person()?;
        self.context
            .ports
            .store
            .sessions()
            .list_living(caller.id(), self.context.now())
            .await
    }
}

//! Which keys somebody has.

use super::{ApiKey, ApiKeys};
use crate::{caller::SignedIn, error::Result};

impl ApiKeys {
    /// The caller's keys, expired ones too, oldest first.
    ///
    /// # Errors
    /// `session_required` for a key; those of the store.
    pub async fn list(&self, caller: &SignedIn) -> Result<Vec<ApiKey>> {
        caller.require_person()?;
        self.context.ports.store.api_keys().list(caller.id()).await
    }
}

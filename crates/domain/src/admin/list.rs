//! Finding people, and what happened to them.

use super::Administration;
use crate::{
    audit::{AuditEvent, AuditQuery},
    caller::AdminReader,
    error::{NotFound, Result},
    page::{Page, PageRequest},
    users::{User, UserKey, UserQuery},
};

impl Administration {
    /// A page of the users that match.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(
        &self,
        _admin: &AdminReader,
        query: &UserQuery,
        page: &PageRequest,
    ) -> Result<Page<User>> {
        self.context.ports.store.users().list(query, page).await
    }

    /// The user of a key.
    ///
    /// # Errors
    /// `user_not_found`; those of the store.
    pub async fn get(&self, _admin: &AdminReader, key: &UserKey) -> Result<User> {
        let users = self.context.ports.store.users();
        users.find(key).await?.ok_or_else(|| NotFound::User.into())
    }

    /// A page of the events that match, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list_audit_events(
        &self,
        _admin: &AdminReader,
        query: &AuditQuery,
        page: &PageRequest,
    ) -> Result<Page<AuditEvent>> {
        self.context.ports.store.audit().list(query, page).await
    }
}

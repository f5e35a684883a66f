//! A use case of one's own over the ports of `userhub-domain`: a newsletter
//! that people join and leave.

use std::{collections::BTreeMap, sync::Arc};

use userhub_domain::{
    Error, Result,
    api_keys::Scope,
    audit::{AuditEvent, EventKind, Origin},
    caller::SignedIn,
    clock::{Clock, Entropy},
    error::{Conflict, NotFound},
    store::Store,
    users::{AdminChanges, Change, ProfileChanges, SessionsAfter, User, UserKey},
};

/// The key in a user's metadata.
pub const KEY: &str = "newsletter";

/// How often a change is tried again after somebody else was faster.
const MOST_ATTEMPTS: u8 = 3;

/// Joins and leaves.
pub struct Newsletter {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Newsletter {
    /// Over these ports.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            store,
            clock,
            entropy,
        }
    }

    /// Joins; false for somebody who has joined already.
    ///
    /// # Errors
    /// `forbidden` for a key that may not write, `user_not_found`,
    /// `user_deleted`, `edit_conflict` after three lost races, those of the
    /// store.
    pub async fn join(&self, caller: &SignedIn, origin: &Origin) -> Result<bool> {
        self.set(caller, origin, Some("yes".to_owned())).await
    }

    /// Leaves; false for somebody who has never joined.
    ///
    /// # Errors
    /// As [`join`](Self::join).
    pub async fn leave(&self, caller: &SignedIn, origin: &Origin) -> Result<bool> {
        self.set(caller, origin, None).await
    }

    async fn set(&self, caller: &SignedIn, origin: &Origin, value: Option<String>) -> Result<bool> {
        // `SignedIn` may be an API key, and says only whose it is: what changes
        // something asks for the scope, here, so that no route can forget it.
        caller.require(Scope::Write)?;
        let mut attempt = 1;
        loop {
            match self.try_set(caller, origin, value.clone()).await {
                Err(Error::Conflict(Conflict::Stale)) if attempt < MOST_ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    async fn try_set(
        &self,
        caller: &SignedIn,
        origin: &Origin,
        value: Option<String>,
    ) -> Result<bool> {
        let now = self.clock.now();
        let before = self.read(caller).await?;
        let mut user = before.clone();
        let changes = AdminChanges {
            metadata: Change::Set(BTreeMap::from([(KEY.to_owned(), value)])),
            ..AdminChanges::default()
        };
        let changed = user.apply(&ProfileChanges::default(), &changes, now)?;
        if changed.is_empty() {
            return Ok(false);
        }
        let kind = EventKind::UserUpdated;
        let event = AuditEvent::new(now, self.entropy.as_ref(), kind, &caller.actor(), origin)?
            .about(user.id)
            .naming(changed);
        let unit = self.store.begin().await?;
        let keep = SessionsAfter::Keep;
        unit.users().update(&user, before.version, keep).await?;
        unit.commit(&[event]).await?;
        Ok(true)
    }

    async fn read(&self, caller: &SignedIn) -> Result<User> {
        let found = self.store.users().find(&UserKey::Id(caller.id())).await?;
        found.ok_or(Error::NotFound(NotFound::User))
    }
}

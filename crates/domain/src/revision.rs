//! Changing a user that others may be changing too.

use crate::{
    audit::{Actor, AuditEvent, Origin},
    clock::Timestamp,
    error::{Conflict, Error, NotFound, Result},
    ports::Context,
    users::{SessionsAfter, User, UserId, UserKey, Version},
};

const MOST_ATTEMPTS: u8 = 3;

/// A change of one user: who makes it, to whom, and to which version.
pub(crate) struct Revision<'a> {
    pub(crate) context: &'a Context,
    pub(crate) actor: &'a Actor,
    pub(crate) origin: &'a Origin,
    pub(crate) id: UserId,
    /// The version that the caller demands, if any.
    pub(crate) expected: Option<Version>,
}

/// What a change comes to.
pub(crate) enum Outcome {
    /// The user is as it should be already: nothing is written, no event.
    Nothing,
    /// Write it, with these events.
    Write(SessionsAfter, Vec<AuditEvent>),
}

impl Revision<'_> {
    /// Reads the user, changes it and writes it; reads again and repeats where
    /// somebody else was faster and no version was demanded.
    ///
    /// # Errors
    /// `user_not_found`, `version_mismatch`, `edit_conflict` after three lost
    /// races, `last_admin`, those of `change` and of the store.
    pub(crate) async fn run<F>(&self, change: F) -> Result<User>
    where
        F: Fn(&mut User, Timestamp) -> Result<Outcome> + Send + Sync,
    {
        let mut attempt = 1;
        loop {
            match self.once(&change).await {
                Err(error) if error.is_stale() => {
                    if self.expected.is_some() {
                        return Err(Conflict::VersionMismatch.into());
                    }
                    if attempt == MOST_ATTEMPTS {
                        return Err(error);
                    }
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn once<F>(&self, change: &F) -> Result<User>
    where
        F: Fn(&mut User, Timestamp) -> Result<Outcome> + Send + Sync,
    {
        let store = &self.context.ports.store;
        let before = store
            .users()
            .find(&UserKey::Id(self.id))
            .await?
            .ok_or(Error::NotFound(NotFound::User))?;
        if self
            .expected
            .is_some_and(|version| version != before.version)
        {
            return Err(Conflict::VersionMismatch.into());
        }
        let mut user = before.clone();
        let (sessions, events) = match change(&mut user, self.context.now())? {
            Outcome::Nothing => return Ok(before),
            Outcome::Write(sessions, events) => (sessions, events),
        };
        let unit = store.begin().await?;
        if before.is_working_admin() && !user.is_working_admin() {
            unit.users()
                .update_keeping_an_admin(&user, before.version, sessions)
                .await?;
        } else {
            unit.users().update(&user, before.version, sessions).await?;
        }
        unit.commit(&events).await?;
        Ok(user)
    }
}

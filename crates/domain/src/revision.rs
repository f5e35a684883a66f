//! Changing a user that others may be changing too.

use crate::{
    audit::{Actor, AuditEvent, Origin},
    clock::Timestamp,
    error::{Conflict, Error, NotFound, Result},
    mail::Mail,
    ports::Context,
    users::{EmailAddress, SessionsAfter, User, UserId, UserKey, Version},
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
    /// Write it, with all of this.
    Write(Written),
}

/// What is written together with a user.
pub(crate) struct Written {
    pub(crate) sessions: SessionsAfter,
    pub(crate) events: Vec<AuditEvent>,
    pub(crate) mails: Vec<Mail>,
    /// Whether every API key of the user goes.
    pub(crate) revokes_keys: bool,
}

impl Written {
    /// Events, and nothing else.
    pub(crate) fn new(sessions: SessionsAfter, events: Vec<AuditEvent>) -> Self {
        Self {
            sessions,
            events,
            mails: Vec::new(),
            revokes_keys: false,
        }
    }

    /// As the account is closed: keys go too.
    pub(crate) fn revoking_keys(self) -> Self {
        Self {
            revokes_keys: true,
            ..self
        }
    }

    /// With these mails.
    pub(crate) fn mailing(self, mails: impl IntoIterator<Item = Mail>) -> Self {
        Self {
            mails: mails.into_iter().collect(),
            ..self
        }
    }
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
        let written = match change(&mut user, self.context.now())? {
            Outcome::Nothing => return Ok(before),
            Outcome::Write(written) => written,
        };
        let sessions = written.sessions;
        let unit = store.begin().await?;
        if before.is_working_admin() && !user.is_working_admin() {
            unit.users()
                .update_keeping_an_admin(&user, before.version, sessions)
                .await?;
        } else {
            unit.users().update(&user, before.version, sessions).await?;
        }
        let address = |user: &User| user.email.as_ref().map(EmailAddress::canonical);
        if address(&before) != address(&user) {
            unit.handed_out_tokens().void_mailed(user.id).await?;
        }
        if written.revokes_keys {
            unit.api_keys().revoke_all(user.id).await?;
        }
        for mail in &written.mails {
            unit.outbox().add(mail).await?;
        }
        unit.commit(&written.events).await?;
        Ok(user)
    }
}

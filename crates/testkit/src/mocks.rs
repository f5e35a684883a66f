//! Mocks of the domain's ports, made by mockall, and a store that is made of
//! them: for failures that a fake cannot have. What should work is better
//! tested with a [`MemoryStore`](crate::MemoryStore), which remembers.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    api_keys::{ApiKeyReader, ApiKeyWriter},
    audit::{AuditEvent, AuditReader},
    handed_out::{HandedOutTokenReader, HandedOutTokenWriter},
    mail::{OutboxReader, OutboxWriter},
    second_factor::{SecondFactorReader, SecondFactorWriter},
    sessions::{SessionReader, SessionWriter},
    store::{Store, UnitOfWork},
    throttle::AttemptWriter,
    users::{UserReader, UserWriter},
};
pub use userhub_domain::{
    api_keys::{MockApiKeyReader, MockApiKeyWriter},
    audit::MockAuditReader,
    clock::{MockClock, MockEntropy},
    handed_out::{MockHandedOutTokenReader, MockHandedOutTokenWriter},
    mail::{MockMailer, MockOutboxReader, MockOutboxWriter},
    second_factor::{MockSecondFactorReader, MockSecondFactorWriter, MockTotp},
    sessions::{MockAccessTokens, MockSessionReader, MockSessionWriter},
    throttle::MockAttemptWriter,
    users::{MockPasswordHasher, MockPasswordStrength, MockUserReader, MockUserWriter},
};

use crate::locked;

/// The events of every commit, one list for each, the first one first. Clones
/// are the same record.
#[derive(Debug, Clone, Default)]
pub struct Commits(Arc<Mutex<Vec<Vec<AuditEvent>>>>);

impl Commits {
    /// What was committed so far.
    pub fn all(&self) -> Vec<Vec<AuditEvent>> {
        locked(&self.0).clone()
    }
}

/// A unit of work made of mock writers. A call that none of them expects
/// stops the test.
#[derive(Debug, Default)]
pub struct MockUnitOfWork {
    /// Writes users.
    pub users: MockUserWriter,
    /// Writes sessions.
    pub sessions: MockSessionWriter,
    /// Writes tokens that are handed out.
    pub handed_out_tokens: MockHandedOutTokenWriter,
    /// Writes second factors.
    pub second_factors: MockSecondFactorWriter,
    /// Writes API keys.
    pub api_keys: MockApiKeyWriter,
    /// Writes the outbox.
    pub outbox: MockOutboxWriter,
    /// Counts attempts.
    pub attempts: MockAttemptWriter,
    failure: Option<Error>,
    commits: Commits,
}

impl MockUnitOfWork {
    /// Expects nothing but its commit.
    pub fn new() -> Self {
        Self::default()
    }

    /// The commit fails with this, and is not recorded.
    #[must_use]
    pub fn failing_to_commit(mut self, error: Error) -> Self {
        self.failure = Some(error);
        self
    }

    /// Where the commit will be recorded.
    pub fn commits(&self) -> Commits {
        self.commits.clone()
    }
}

#[async_trait]
impl UnitOfWork for MockUnitOfWork {
    fn users(&self) -> &dyn UserWriter {
        &self.users
    }

    fn sessions(&self) -> &dyn SessionWriter {
        &self.sessions
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter {
        &self.handed_out_tokens
    }

    fn second_factors(&self) -> &dyn SecondFactorWriter {
        &self.second_factors
    }

    fn api_keys(&self) -> &dyn ApiKeyWriter {
        &self.api_keys
    }

    fn outbox(&self) -> &dyn OutboxWriter {
        &self.outbox
    }

    fn attempts(&self) -> &dyn AttemptWriter {
        &self.attempts
    }

    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()> {
        match self.failure {
            Some(error) => Err(error),
            None => {
                locked(&self.commits.0).push(events.to_vec());
                Ok(())
            }
        }
    }
}

/// A store made of mock readers, and of the units of work that it was given.
#[derive(Debug, Default)]
pub struct MockStore {
    /// Reads users.
    pub users: MockUserReader,
    /// Reads sessions.
    pub sessions: MockSessionReader,
    /// Reads tokens that were handed out.
    pub handed_out_tokens: MockHandedOutTokenReader,
    /// Reads second factors.
    pub second_factors: MockSecondFactorReader,
    /// Reads API keys.
    pub api_keys: MockApiKeyReader,
    /// Reads the outbox.
    pub outbox: MockOutboxReader,
    /// Reads audit events.
    pub audit: MockAuditReader,
    units: Mutex<VecDeque<Result<MockUnitOfWork>>>,
}

impl MockStore {
    /// Expects nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next `begin` that was not spoken for gives this unit of work;
    /// beyond those that are given, `begin` fails with an internal error.
    pub fn will_begin(&self, unit: MockUnitOfWork) {
        locked(&self.units).push_back(Ok(unit));
    }

    /// The next `begin` that was not spoken for fails with this.
    pub fn will_fail_to_begin(&self, error: Error) {
        locked(&self.units).push_back(Err(error));
    }
}

#[async_trait]
impl Store for MockStore {
    fn users(&self) -> &dyn UserReader {
        &self.users
    }

    fn sessions(&self) -> &dyn SessionReader {
        &self.sessions
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        &self.handed_out_tokens
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        &self.second_factors
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        &self.api_keys
    }

    fn outbox(&self) -> &dyn OutboxReader {
        &self.outbox
    }

    fn audit(&self) -> &dyn AuditReader {
        &self.audit
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        let next = locked(&self.units).pop_front();
        let unit =
            next.unwrap_or_else(|| Err(Error::internal("no further unit of work was expected")));
        Ok(Box::new(unit?))
    }
}

//! A store that keeps everything in memory and behaves as a database does.

mod api_keys;
mod attempts;
#[cfg(test)]
mod broken;
mod fault;
mod outbox;
mod readers;
mod second_factors;
mod session_writer;
mod state;
mod token_writer;
mod unit_of_work;
mod user_writer;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    api_keys::ApiKeyReader,
    audit::{AuditEvent, AuditReader},
    handed_out::HandedOutTokenReader,
    mail::{Attempt, Mail, OutboxReader},
    second_factor::SecondFactorReader,
    sessions::SessionReader,
    store::{Store, UnitOfWork},
    users::{User, UserReader},
};

pub use self::{fault::FaultPoint, unit_of_work::MemoryUnitOfWork};
use self::{fault::Faults, state::State};
use crate::locked;

/// Keeps everything in memory. Clones are further doors to the same content.
///
/// One unit of work at a time has the writer's turn, and works on a copy that
/// replaces the content at commit. Readers see what was committed last and
/// never wait. It runs under any executor; only under tokio is the wait for
/// the turn bounded.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    wait: Duration,
}

#[derive(Default)]
struct Shared {
    committed: Mutex<Arc<State>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    faults: Faults,
}

impl MemoryStore {
    /// An empty store whose writers wait at most five seconds for their turn.
    pub fn new() -> Self {
        Self {
            shared: Arc::default(),
            wait: Duration::from_secs(5),
        }
    }

    /// The same content, with another bound on the wait for the writer's turn.
    #[must_use]
    pub fn waiting_at_most(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The next call of this kind fails with `storage_unavailable`. Several
    /// calls add up.
    pub fn fail_next(&self, point: FaultPoint) {
        self.shared.faults.arm(point);
    }

    /// The next commit fails and leaves nothing behind.
    pub fn fail_commit(&self) {
        self.fail_next(FaultPoint::Commit);
    }

    /// Every committed event, oldest first.
    pub fn events(&self) -> Vec<AuditEvent> {
        self.committed().events.clone()
    }

    /// Every committed user, deleted ones too, by id.
    pub fn all_users(&self) -> Vec<User> {
        self.committed()
            .users
            .values()
            .map(|stored| stored.user.clone())
            .collect()
    }

    /// Every committed mail of the outbox, oldest first, pending and abandoned.
    pub fn mails(&self) -> Vec<(Mail, Attempt)> {
        self.committed().mails()
    }

    fn committed(&self) -> Arc<State> {
        locked(&self.shared.committed).clone()
    }

    fn read(&self) -> Result<Arc<State>> {
        self.shared.faults.strike(FaultPoint::Read)?;
        Ok(self.committed())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStore(..)")
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn users(&self) -> &dyn UserReader {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        self
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        self
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        self
    }

    fn outbox(&self) -> &dyn OutboxReader {
        self
    }

    fn audit(&self) -> &dyn AuditReader {
        self
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        self.shared.faults.strike(FaultPoint::Begin)?;
        let turn = self.shared.turn.clone().lock_owned();
        // The lock works under any executor, the timer under tokio alone.
        let turn = if tokio::runtime::Handle::try_current().is_ok() {
            tokio::time::timeout(self.wait, turn)
                .await
                .map_err(|_| Error::storage_unavailable("no turn to write came in time"))?
        } else {
            turn.await
        };
        Ok(Box::new(MemoryUnitOfWork::new(self.shared.clone(), turn)))
    }
}

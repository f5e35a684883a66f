//! The writer's turn: a copy of the content that replaces it at commit.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;
use userhub_domain::{
    Error, Result, api_keys::ApiKeyWriter, audit::AuditEvent, handed_out::HandedOutTokenWriter,
    mail::OutboxWriter, second_factor::SecondFactorWriter, sessions::SessionWriter,
    store::UnitOfWork, throttle::AttemptWriter, users::UserWriter,
};

use super::{FaultPoint, Shared, state::State};
use crate::locked;

/// A unit of work of a [`MemoryStore`](super::MemoryStore).
pub struct MemoryUnitOfWork {
    pub(super) shared: Arc<Shared>,
    pub(super) work: Mutex<Work>,
    // Given back when the unit of work is dropped, committed or not.
    _turn: OwnedMutexGuard<()>,
}

impl std::fmt::Debug for MemoryUnitOfWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryUnitOfWork(..)")
    }
}

pub(super) struct Work {
    pub(super) state: Arc<State>,
    pub(super) is_finished: bool,
}

impl MemoryUnitOfWork {
    pub(super) fn new(shared: Arc<Shared>, turn: OwnedMutexGuard<()>) -> Self {
        let state = locked(&shared.committed).clone();
        Self {
            shared,
            work: Mutex::new(Work {
                state,
                is_finished: false,
            }),
            _turn: turn,
        }
    }

    /// Runs a verb on the copy; an error finishes the unit of work.
    pub(super) fn write<T>(&self, verb: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut work = locked(&self.work);
        work.require_unfinished()?;
        let done = self
            .shared
            .faults
            .strike(FaultPoint::Write)
            .and_then(|()| verb(Arc::make_mut(&mut work.state)));
        work.is_finished = done.is_err();
        done
    }
}

impl Work {
    fn require_unfinished(&self) -> Result<()> {
        if self.is_finished {
            return Err(Error::internal("a unit of work was used after an error"));
        }
        Ok(())
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    fn users(&self) -> &dyn UserWriter {
        self
    }

    fn sessions(&self) -> &dyn SessionWriter {
        self
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter {
        self
    }

    fn second_factors(&self) -> &dyn SecondFactorWriter {
        self
    }

    fn api_keys(&self) -> &dyn ApiKeyWriter {
        self
    }

    fn outbox(&self) -> &dyn OutboxWriter {
        self
    }

    fn attempts(&self) -> &dyn AttemptWriter {
        self
    }

    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()> {
        let mut work = locked(&self.work);
        work.require_unfinished()?;
        self.shared.faults.strike(FaultPoint::Commit)?;
        Arc::make_mut(&mut work.state)
            .events
            .extend(events.iter().cloned());
        *locked(&self.shared.committed) = work.state.clone();
        Ok(())
    }
}

//! The unit of work around that of a memory store.

use std::sync::Arc;

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    api_keys::ApiKeyWriter,
    audit::{AuditEvent, EventKind},
    error::Conflict,
    handed_out::HandedOutTokenWriter,
    mail::OutboxWriter,
    second_factor::SecondFactorWriter,
    sessions::SessionWriter,
    store::UnitOfWork,
    throttle::AttemptWriter,
    users::UserWriter,
};

use super::{BrokenStore, Defect};
use crate::{
    locked,
    memory::{MemoryUnitOfWork, state::State},
};

/// A unit of work with the defect of its store.
pub(super) struct BrokenUnitOfWork {
    pub(super) store: BrokenStore,
    // Taken out by the commit.
    inner: Option<Box<MemoryUnitOfWork>>,
    /// What was committed before this unit of work had its turn.
    pub(super) before: Arc<State>,
}

impl BrokenUnitOfWork {
    pub(super) fn new(store: BrokenStore, inner: MemoryUnitOfWork, before: Arc<State>) -> Self {
        Self {
            store,
            inner: Some(Box::new(inner)),
            before,
        }
    }

    pub(super) fn inner(&self) -> &MemoryUnitOfWork {
        self.inner.as_ref().expect("not committed yet")
    }

    pub(super) fn is(&self, defect: Defect) -> bool {
        self.store.is(defect)
    }

    /// Does something to the copy beside the verb.
    pub(super) fn meddle<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(Arc::make_mut(&mut locked(&self.inner().work).state))
    }

    /// What comes after every verb.
    pub(super) fn done<T>(&self, result: Result<T>) -> Result<T> {
        let goes_on = match &result {
            Err(Error::Conflict(Conflict::Taken(_))) => self.is(Defect::GoesOnAfterTaken),
            Err(Error::Conflict(Conflict::Stale)) => self.is(Defect::GoesOnAfterStale),
            Err(Error::Conflict(Conflict::LastAdmin)) => self.is(Defect::GoesOnAfterLastAdmin),
            _ => false,
        };
        if goes_on {
            locked(&self.inner().work).is_finished = false;
        }
        if self.is(Defect::VisibleBeforeCommit) {
            self.publish();
        }
        result
    }

    /// Shows the copy to everybody before its commit.
    pub(super) fn publish(&self) {
        let Some(inner) = &self.inner else { return };
        let state = locked(&inner.work).state.clone();
        *locked(&inner.shared.committed) = state;
    }

    fn stored_form(&self, events: &[AuditEvent]) -> Vec<AuditEvent> {
        let mut events = events.to_vec();
        for event in &mut events {
            match self.store.defect {
                Defect::EventFieldsLost => event.fields.clear(),
                Defect::TimesCutToMilliseconds => event.at = super::readers::milliseconds(event.at),
                Defect::KindsRunTogether if event.kind == EventKind::UserClosed => {
                    event.kind = EventKind::UserDeleted;
                }
                _ => {}
            }
        }
        if self.is(Defect::EventsLost) {
            events.clear();
        }
        events
    }
}

#[async_trait]
impl UnitOfWork for BrokenUnitOfWork {
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

    async fn commit(mut self: Box<Self>, events: &[AuditEvent]) -> Result<()> {
        let events = self.stored_form(events);
        if self.is(Defect::EventsOfFailedWork) && locked(&self.inner().work).is_finished {
            let shared = &self.inner().shared;
            Arc::make_mut(&mut locked(&shared.committed))
                .events
                .extend(events.clone());
        }
        if self.is(Defect::PrincipalsCachedPerStore) {
            locked(&self.store.cache).clear();
        }
        if self.is(Defect::KeysCachedPerStore) {
            locked(&self.store.holders).clear();
        }
        if self.is(Defect::CommitInTwoSteps) && !locked(&self.inner().work).is_finished {
            self.publish();
            tokio::task::yield_now().await;
        }
        match self.inner.take() {
            Some(inner) => inner.commit(&events).await,
            None => Err(Error::internal("committed twice")),
        }
    }
}

impl Drop for BrokenUnitOfWork {
    fn drop(&mut self) {
        if self.is(Defect::DropCommits) {
            self.publish();
        }
        let is_failed = self
            .inner
            .as_ref()
            .is_some_and(|inner| locked(&inner.work).is_finished);
        if self.is(Defect::TurnsLeak) && is_failed {
            std::mem::forget(self.inner.take());
        }
    }
}

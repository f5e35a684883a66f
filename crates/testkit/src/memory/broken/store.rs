//! The store around a memory store.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    api_keys::ApiKeyReader,
    audit::AuditReader,
    handed_out::HandedOutTokenReader,
    mail::OutboxReader,
    second_factor::SecondFactorReader,
    sessions::{Principal, SessionId, SessionReader},
    store::{Store, UnitOfWork},
    users::UserReader,
};

use super::{BrokenUnitOfWork, Defect, api_keys::HolderCache};
use crate::{
    conformance::StoreFactory,
    locked,
    memory::{MemoryStore, MemoryUnitOfWork, Shared, state::State},
};

/// A database whose stores have a defect.
pub(super) struct BrokenDatabase {
    defect: Defect,
    content: MemoryStore,
    /// What a store holds on to where nothing is kept without one.
    last: Mutex<Weak<Shared>>,
}

impl BrokenDatabase {
    pub(super) fn with(defect: Defect) -> Self {
        Self {
            defect,
            content: fresh(defect),
            last: Mutex::default(),
        }
    }

    fn content(&self) -> MemoryStore {
        if self.defect != Defect::NothingKept {
            return self.content.clone();
        }
        let mut last = locked(&self.last);
        let content = last.upgrade().map_or_else(
            || fresh(self.defect),
            |shared| MemoryStore {
                shared,
                ..fresh(self.defect)
            },
        );
        *last = Arc::downgrade(&content.shared);
        content
    }
}

/// Where turns leak nobody should wait long for one.
fn fresh(defect: Defect) -> MemoryStore {
    let seconds = if defect == Defect::TurnsLeak {
        2.0
    } else {
        20.0
    };
    MemoryStore::new().waiting_at_most(Duration::from_secs_f64(seconds))
}

#[async_trait]
impl StoreFactory for BrokenDatabase {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(BrokenStore {
            defect: self.defect,
            inner: self.content(),
            cache: Arc::default(),
            holders: Arc::default(),
        })
    }
}

/// A store with a defect; for the rest what it wraps.
#[derive(Clone)]
pub(super) struct BrokenStore {
    pub(super) defect: Defect,
    pub(super) inner: MemoryStore,
    pub(super) cache: Arc<Mutex<BTreeMap<SessionId, Option<Principal>>>>,
    pub(super) holders: Arc<Mutex<HolderCache>>,
}

impl BrokenStore {
    pub(super) fn is(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    /// Waits for the writer, as a store without snapshots does.
    pub(super) async fn wait_to_read(&self) {
        if self.is(Defect::ReadersWait) {
            drop(self.inner.shared.turn.lock().await);
        }
    }

    /// Lets others go on, and says whether one of them has committed.
    pub(super) async fn is_overtaken(&self, before: &Arc<State>) -> bool {
        tokio::task::yield_now().await;
        !Arc::ptr_eq(before, &self.committed())
    }

    pub(super) fn committed(&self) -> Arc<State> {
        self.inner.committed()
    }
}

#[async_trait]
impl Store for BrokenStore {
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
        let before = self.committed();
        // Others get as far as this too.
        tokio::task::yield_now().await;
        if self.is(Defect::TurnRefused) && self.inner.shared.turn.try_lock().is_err() {
            return Err(Error::storage_unavailable("somebody else is writing"));
        }
        let turn =
            tokio::time::timeout(self.inner.wait, self.inner.shared.turn.clone().lock_owned())
                .await
                .map_err(|_| Error::storage_unavailable("no turn to write came in time"))?;
        // Whoever asks meanwhile has to wait.
        tokio::task::yield_now().await;
        let inner = MemoryUnitOfWork::new(self.inner.shared.clone(), turn);
        Ok(Box::new(BrokenUnitOfWork::new(self.clone(), inner, before)))
    }
}

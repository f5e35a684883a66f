//! The unit of work: one transaction of redb, finished after any error.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use redb::WriteTransaction;
use tokio::sync::OwnedMutexGuard;
use userhub_domain::{
    Error, Result, api_keys::ApiKeyWriter, audit::AuditEvent, handed_out::HandedOutTokenWriter,
    mail::OutboxWriter, second_factor::SecondFactorWriter, sessions::SessionWriter,
    store::UnitOfWork, throttle::AttemptWriter, users::UserWriter,
};

use crate::{audit, tables::unavailable};

/// Writes that become visible together. Dropping it takes them back.
pub(crate) struct RedbUnitOfWork {
    // Nothing after an error: redb takes back what it drops.
    transaction: Mutex<Option<WriteTransaction>>,
    turn: OwnedMutexGuard<()>,
}

impl RedbUnitOfWork {
    pub(crate) fn new(transaction: WriteTransaction, turn: OwnedMutexGuard<()>) -> Self {
        Self {
            transaction: Mutex::new(Some(transaction)),
            turn,
        }
    }

    /// Runs a verb; an error finishes the unit of work.
    pub(crate) fn write<T>(&self, verb: impl FnOnce(&WriteTransaction) -> Result<T>) -> Result<T> {
        let mut transaction = self
            .transaction
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let done = verb(transaction.as_ref().ok_or_else(finished)?);
        if done.is_err() {
            *transaction = None;
        }
        done
    }
}

fn finished() -> Error {
    Error::internal("a unit of work was used after an error")
}

#[async_trait]
impl UnitOfWork for RedbUnitOfWork {
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
        self.write(|transaction| audit::write(transaction, events))?;
        let Self { transaction, turn } = *self;
        let transaction = transaction
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = transaction.ok_or_else(finished)?;
        // It waits for the disk, which is nothing for a thread of the runtime. The turn goes with
        // it, so that nobody begins before it is over, even where the caller has gone away.
        let committed = tokio::task::spawn_blocking(move || {
            let committed = transaction.commit().map_err(unavailable);
            drop(turn);
            committed
        });
        committed
            .await
            .map_err(|error| Error::internal_from("committing", error))?
    }
}

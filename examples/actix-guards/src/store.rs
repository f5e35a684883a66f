//! UserHub's store, with the shop's row written in the same transaction: there
//! is no user without points, and no points without a user.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend};
use userhub_domain::{
    Result,
    api_keys::{ApiKeyReader, ApiKeyWriter},
    audit::{AuditEvent, AuditReader, EventKind},
    handed_out::{HandedOutTokenReader, HandedOutTokenWriter},
    mail::{OutboxReader, OutboxWriter},
    second_factor::{SecondFactorReader, SecondFactorWriter},
    sessions::{SessionReader, SessionWriter},
    store::{Store, UnitOfWork},
    throttle::AttemptWriter,
    users::{UserReader, UserWriter},
};
use userhub_infrastructure::sql::{SqlStore, SqlUnitOfWork};

use crate::points;

/// Reads as the store within; what it writes goes past the shop.
pub struct ShopStore(pub SqlStore);

struct ShopUnitOfWork {
    inner: SqlUnitOfWork,
    backend: DbBackend,
}

#[async_trait]
impl Store for ShopStore {
    fn users(&self) -> &dyn UserReader {
        self.0.users()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.0.sessions()
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        self.0.handed_out_tokens()
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        self.0.second_factors()
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        self.0.api_keys()
    }

    fn outbox(&self) -> &dyn OutboxReader {
        self.0.outbox()
    }

    fn audit(&self) -> &dyn AuditReader {
        self.0.audit()
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        let transaction = self.0.begin_transaction().await?;
        let backend = transaction.get_database_backend();
        let inner = SqlUnitOfWork::from_transaction(&self.0, transaction);
        Ok(Box::new(ShopUnitOfWork { inner, backend }))
    }
}

#[async_trait]
impl UnitOfWork for ShopUnitOfWork {
    fn users(&self) -> &dyn UserWriter {
        self.inner.users()
    }

    fn sessions(&self) -> &dyn SessionWriter {
        self.inner.sessions()
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter {
        self.inner.handed_out_tokens()
    }

    fn second_factors(&self) -> &dyn SecondFactorWriter {
        self.inner.second_factors()
    }

    fn api_keys(&self) -> &dyn ApiKeyWriter {
        self.inner.api_keys()
    }

    fn outbox(&self) -> &dyn OutboxWriter {
        self.inner.outbox()
    }

    fn attempts(&self) -> &dyn AttemptWriter {
        self.inner.attempts()
    }

    /// The events say what has happened: no use case had to be changed.
    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()> {
        for event in events {
            let row = match (event.kind, event.subject) {
                (EventKind::UserRegistered | EventKind::UserCreated, Some(user)) => {
                    points::welcome(user, self.backend)
                }
                (EventKind::UserPurged, Some(user)) => points::forget(user, self.backend),
                _ => continue,
            };
            self.inner.execute("points", row).await?;
        }
        Box::new(self.inner).commit(events).await
    }
}

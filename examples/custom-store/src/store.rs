//! The store: a database, and the turn to write.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use redb::{Database, ReadTransaction, ReadableDatabase};
use tokio::sync::Mutex;
use userhub_domain::{
    Error, Result,
    api_keys::ApiKeyReader,
    audit::AuditReader,
    handed_out::HandedOutTokenReader,
    mail::OutboxReader,
    second_factor::SecondFactorReader,
    sessions::SessionReader,
    store::{Store, UnitOfWork},
    users::UserReader,
};

use crate::{
    tables::{self, unavailable},
    unit_of_work::RedbUnitOfWork,
};

/// How long a writer waits for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// Keeps everything in one file. Clones are the same store.
#[derive(Clone)]
pub struct RedbStore {
    database: Arc<Database>,
    // redb lets a second writer wait for ever, and blocks its thread meanwhile.
    turn: Arc<Mutex<()>>,
}

impl RedbStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// `storage_unavailable` where it cannot be opened, for example because
    /// another process has it.
    pub fn open(path: &Path) -> Result<Self> {
        let database = Database::create(path).map_err(unavailable)?;
        let transaction = database.begin_write().map_err(unavailable)?;
        for table in tables::ALL {
            transaction.open_table(table).map_err(unavailable)?;
        }
        transaction.commit().map_err(unavailable)?;
        Ok(Self {
            database: Arc::new(database),
            turn: Arc::default(),
        })
    }

    /// What was committed last; it does not change while it is read.
    pub(crate) fn snapshot(&self) -> Result<ReadTransaction> {
        self.database.begin_read().map_err(unavailable)
    }
}

#[async_trait]
impl Store for RedbStore {
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
        let turn = tokio::time::timeout(WAIT, self.turn.clone().lock_owned())
            .await
            .map_err(|_| Error::storage_unavailable("no turn to write came in time"))?;
        let transaction = self.database.begin_write().map_err(unavailable)?;
        Ok(Box::new(RedbUnitOfWork::new(transaction, turn)))
    }
}

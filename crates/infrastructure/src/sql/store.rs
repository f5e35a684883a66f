//! The store: its pools, and the gate that opens when the schema is right.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement};
use userhub_domain::{
    Error, Result,
    api_keys::{ApiKeyReader, KeyHolder},
    audit::AuditReader,
    handed_out::HandedOutTokenReader,
    mail::OutboxReader,
    second_factor::SecondFactorReader,
    sessions::{Principal, SessionReader},
    store::{Store, UnitOfWork},
    users::UserReader,
};
use userhub_migration::{Migrator, SchemaStatus};

use super::{
    answer_cache::{AnswerCache, RecentWrites},
    connect::{DatabaseOptions, PoolState, Pools},
    error::{Meaning, meaning, storage},
    pool_health::PoolHealth,
    unit_of_work::SqlUnitOfWork,
};

/// How often a schema is looked at anew where another process is just making it.
const PREPARE_TRIES: u32 = 10;
const PREPARE_PAUSE: Duration = Duration::from_millis(200);

/// What is kept, in SQLite or Postgres. Cheap to clone.
///
/// It works under tokio alone, with time and I/O enabled (`#[tokio::main]` and
/// `enable_all` do that); elsewhere it panics.
#[derive(Clone)]
pub struct SqlStore {
    pub(super) shared: Arc<Shared>,
}

/// What a store and its units of work share.
pub(super) struct Shared {
    pub(super) backend: DbBackend,
    pub(super) written: RecentWrites,
    pub(super) principals: AnswerCache<Principal>,
    pub(super) key_holders: AnswerCache<KeyHolder>,
    pub(super) reader: DatabaseConnection,
    pub(super) writer: DatabaseConnection,
    pub(super) pools: Pools,
    pub(super) health: Arc<PoolHealth>,
    pub(super) prepared: AtomicBool,
    pub(super) statement_timeout: Duration,
}

/// What [`SqlStore::prepare`] found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareReport {
    /// Changes of the schema that were made just now.
    pub applied: Vec<String>,
    /// Changes that a newer version has made; this one works without knowing
    /// them. Worth a warning.
    pub newer: Vec<String>,
}

impl SqlStore {
    /// A store that connects when it is needed first. On SQLite the folder of
    /// the file is made here, and the file itself by [`prepare`](Self::prepare).
    ///
    /// # Errors
    /// Where the URL cannot be used. A database that is down is no error.
    pub fn connect(options: &DatabaseOptions) -> Result<Self> {
        let health = Arc::new(PoolHealth::new());
        let pools = Pools::open(options, &health)?;
        let (reader, writer) = (pools.reader(), pools.writer());
        let written = RecentWrites::new();
        Ok(Self {
            shared: Arc::new(Shared {
                backend: reader.get_database_backend(),
                principals: AnswerCache::new(written.clone()),
                key_holders: AnswerCache::new(written.clone()),
                written,
                reader,
                writer,
                pools,
                health,
                prepared: AtomicBool::new(false),
                statement_timeout: options.statement_timeout,
            }),
        })
    }

    /// Brings the schema up to date, or checks that it is, and opens the
    /// store: before, everything else answers `storage_unavailable`. Any
    /// number of processes may do this at once.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer: try again.
    /// Internal, with a text for the operator, where changes are missing and
    /// `auto_migrate` is off, or where the schema is one that this version
    /// cannot work with.
    pub async fn prepare(&self, auto_migrate: bool) -> Result<PrepareReport> {
        let mut status = self.schema_status().await?;
        let mut applied = Vec::new();
        refuse_breaking(&status)?;
        if auto_migrate && status.pending().next().is_some() {
            applied = userhub_migration::up::<Migrator>(&self.shared.writer)
                .await
                .map_err(|error| storage("the schema", &error))?;
            status = self.schema_status().await?;
            refuse_breaking(&status)?;
        }
        let missing: Vec<_> = status.pending().collect();
        if !missing.is_empty() {
            return Err(Error::internal(format!(
                "the database's schema is not up to date, and automatic migration is off: \
                 `userhub migrate up` or `SqlStore::prepare(true)` brings it up to date \
                 (missing: {})",
                missing.join(", ")
            )));
        }
        self.shared.prepared.store(true, Ordering::Release);
        Ok(PrepareReport {
            applied,
            newer: status.newer,
        })
    }

    /// Which changes the database's schema has.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer.
    pub async fn schema_status(&self) -> Result<SchemaStatus> {
        // The writer: it makes the file, and readers must not.
        let mut result = userhub_migration::status::<Migrator>(&self.shared.writer).await;
        for _ in 1..PREPARE_TRIES {
            match &result {
                // Several processes that make one SQLite file at once are
                // refused rather than queued.
                Err(DbErr::Conn(_)) if self.shared.backend == DbBackend::Sqlite => {}
                Err(error) if meaning(error) == Meaning::ConnectionLost => {
                    self.shared.health.found_broken();
                }
                _ => break,
            }
            tokio::time::sleep(PREPARE_PAUSE).await;
            result = userhub_migration::status::<Migrator>(&self.shared.writer).await;
        }
        result.map_err(|error| storage("the schema", &error))
    }

    /// Takes back the last `steps` changes of the schema, and closes the store.
    ///
    /// # Errors
    /// Those of the database; then nothing has changed.
    pub async fn migrate_down(&self, steps: usize) -> Result<Vec<String>> {
        self.shared.prepared.store(false, Ordering::Release);
        userhub_migration::down::<Migrator>(&self.shared.writer, steps)
            .await
            .map_err(|error| storage("the schema", &error))
    }

    /// Whether the store can be used now: prepared, and the database answers.
    ///
    /// # Errors
    /// `storage_unavailable` where it cannot.
    pub async fn ping(&self) -> Result<()> {
        let sql = "SELECT turns FROM admin_guard WHERE id = 1";
        let statement = Statement::from_string(self.shared.backend, sql);
        self.row("admin_guard", statement).await?;
        Ok(())
    }

    /// Begins a transaction for rows of one's own, on SQLite IMMEDIATE and in
    /// the turn of the one writer: [`SqlUnitOfWork::from_transaction`] makes it
    /// a unit of work. Until it ends nobody else writes to an SQLite database,
    /// so a use case that is called meanwhile waits for 2 s and is refused.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer in bounded time.
    pub async fn begin_transaction(&self) -> Result<DatabaseTransaction> {
        self.shared.begin().await
    }

    /// How many connections there are.
    pub fn pool_state(&self) -> PoolState {
        self.shared.pools.state()
    }

    /// Closes all connections, each when what it is doing is done.
    pub async fn close(&self) {
        self.shared.prepared.store(false, Ordering::Release);
        self.shared.pools.close().await;
    }
}

fn refuse_breaking(status: &SchemaStatus) -> Result<()> {
    match status.breaking() {
        None => Ok(()),
        Some(name) => Err(Error::internal(format!(
            "the database's schema was changed by a newer version in a way that this one \
             cannot work with ({name}): start the newer version"
        ))),
    }
}

#[async_trait]
impl Store for SqlStore {
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
        let transaction = self.shared.begin().await?;
        Ok(Box::new(SqlUnitOfWork::from_transaction(self, transaction)))
    }
}

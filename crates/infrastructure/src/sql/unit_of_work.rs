//! One database transaction that writes everything or nothing.

use std::{sync::Mutex as StdMutex, time::Duration};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement};
use tokio::sync::Mutex;
use userhub_domain::{
    Error, Result,
    api_keys::ApiKeyWriter,
    audit::AuditEvent,
    error::Conflict,
    handed_out::HandedOutTokenWriter,
    mail::OutboxWriter,
    second_factor::SecondFactorWriter,
    sessions::SessionWriter,
    store::UnitOfWork,
    throttle::AttemptWriter,
    users::{User, UserId, UserReader, UserWriter},
};

use super::{
    audit_events,
    error::{Meaning, foreign, identifier, meaning, storage},
    store::SqlStore,
};

/// How long taking back may take; a connection that is slower is given up,
/// which takes back as well.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(1);

/// Writes that happen together or not at all, in one database transaction.
#[must_use = "what is not committed is taken back"]
pub struct SqlUnitOfWork {
    store: SqlStore,
    /// Nothing once it is finished.
    transaction: Mutex<Option<DatabaseTransaction>>,
    /// Users of whom something was written.
    touched: StdMutex<Vec<UserId>>,
}

impl SqlUnitOfWork {
    /// A unit of work in a transaction of one's own: what was written in it
    /// before becomes durable with [`commit`](UnitOfWork::commit) or not at
    /// all. The store is the one of the same database; it is told what to
    /// forget. More of one's own is written by [`execute`](Self::execute).
    ///
    /// [`SqlStore::begin_transaction`] gives a transaction that is right on both
    /// databases. One of another connection has limits:
    ///
    /// - **SQLite has one writer.** It must have begun IMMEDIATE (as
    ///   `TransactionOptions` of SeaORM have it): one that has only read cannot
    ///   become a writer once somebody else has written. While it is open every
    ///   other writer of the file waits, and is refused after 2 s.
    /// - **Locks have one order**: the guard of the last administrator, users
    ///   by id, sessions, handed-out tokens, second factors, API keys, the
    ///   outbox, events. Rows of one's own come before all of them, or after
    ///   everything but the events (which wait for nobody), but everywhere the
    ///   same, and before them never with a lock on one of UserHub's rows (a
    ///   foreign key to `users` takes one). Otherwise Postgres finds a deadlock,
    ///   which is `storage_unavailable`.
    /// - **READ COMMITTED** is what Postgres is expected to work at. Above it
    ///   a lost race is an error instead of an answer.
    /// - **Any error finishes it**, and takes back everything, rows of one's
    ///   own too; so does dropping it. Savepoints do not help.
    /// - Nothing slow belongs inside: no hashing, no call over the network.
    pub fn from_transaction(store: &SqlStore, transaction: DatabaseTransaction) -> Self {
        Self {
            store: store.clone(),
            transaction: Mutex::new(Some(transaction)),
            touched: StdMutex::new(Vec::new()),
        }
    }

    pub(super) fn backend(&self) -> sea_orm::DbBackend {
        self.store.shared.backend
    }

    /// After the commit nothing older may be told about this user.
    pub(super) fn touch(&self, user: UserId) {
        let mut touched = self
            .touched
            .lock()
            .unwrap_or_else(|error| error.into_inner());
        if !touched.contains(&user) {
            touched.push(user);
        }
    }

    /// Runs a statement, such as one that writes a row of one's own; says how
    /// many rows it wrote. `table` names in errors what it was about.
    ///
    /// # Errors
    /// `storage_unavailable`; internal for whatever else the database says, a
    /// constraint of one's own included: a unique index, or a foreign key to
    /// `users`. The unit of work is finished then.
    pub async fn execute(&self, table: &'static str, statement: Statement) -> Result<u64> {
        match self.try_execute(statement).await? {
            Ok(rows) => Ok(rows),
            Err(error) => Err(foreign(table, &error)),
        }
    }

    /// As [`execute`](Self::execute), for a row of UserHub's: one whose user is
    /// gone by now is `edit_conflict`.
    pub(super) async fn run(&self, table: &'static str, statement: Statement) -> Result<u64> {
        let result = self.try_execute(statement).await?;
        result.map_err(|error| storage(table, &error))
    }

    /// As [`execute`](Self::execute), for one that writes the identifiers of a
    /// user: a conflict names all that are taken.
    pub(super) async fn execute_identifying(
        &self,
        user: &User,
        statement: Statement,
    ) -> Result<u64> {
        let error = match self.try_execute(statement).await? {
            Ok(rows) => return Ok(rows),
            Err(error) => error,
        };
        let Meaning::Taken(index) = meaning(&error) else {
            return Err(storage("users", &error));
        };
        if identifier(&index).is_none() {
            return Err(storage("users", &error));
        }
        // The transaction is rolled back: this looks at what was committed.
        match self.store.taken_identifiers(user).await {
            Ok(taken) if !taken.is_empty() => Err(Conflict::Taken(taken).into()),
            // Free again by now, or out of reach: name the one that was broken.
            _ => Err(storage("users", &error)),
        }
    }

    /// The first row of a statement, if there is one.
    pub(super) async fn row(
        &self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Option<QueryResult>> {
        Ok(self.rows(table, statement).await?.into_iter().next())
    }

    /// The rows of a statement.
    pub(super) async fn rows(
        &self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<QueryResult>> {
        let mut guard = self.transaction.lock().await;
        let transaction = guard.as_ref().ok_or_else(finished)?;
        let query = transaction.query_all_raw(statement);
        let result = match self.store.shared.in_time(query).await {
            Ok(result) => result.map_err(|error| storage(table, &error)),
            Err(late) => Err(late),
        };
        if result.is_err() {
            roll_back(guard.take()).await;
        }
        result
    }

    /// Finishes the unit of work because of an error that is no fault of the
    /// database.
    pub(super) async fn fail(&self, error: impl Into<Error>) -> Error {
        roll_back(self.transaction.lock().await.take()).await;
        error.into()
    }

    /// The outer error: finished, or no answer in time.
    pub(super) async fn try_execute(&self, statement: Statement) -> Result<Result<u64, DbErr>> {
        let mut guard = self.transaction.lock().await;
        let transaction = guard.as_ref().ok_or_else(finished)?;
        let result = self
            .store
            .shared
            .in_time(transaction.execute_raw(statement))
            .await;
        match result {
            Ok(Ok(done)) => Ok(Ok(done.rows_affected())),
            Ok(Err(error)) => {
                roll_back(guard.take()).await;
                Ok(Err(error))
            }
            Err(late) => {
                roll_back(guard.take()).await;
                Err(late)
            }
        }
    }
}

fn finished() -> Error {
    Error::internal("the unit of work is finished: an earlier step of it failed")
}

async fn roll_back(transaction: Option<DatabaseTransaction>) {
    if let Some(transaction) = transaction {
        // Where this fails the connection is broken, and the server rolls back.
        let _ = tokio::time::timeout(ROLLBACK_TIMEOUT, transaction.rollback()).await;
    }
}

#[async_trait]
impl UnitOfWork for SqlUnitOfWork {
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
        if !events.is_empty() {
            let statement = audit_events::insert(events, self.backend());
            self.run("audit_events", statement).await?;
        }
        let transaction = self.transaction.into_inner().ok_or_else(finished)?;
        let touched = self
            .touched
            .into_inner()
            .unwrap_or_else(|error| error.into_inner());
        let shared = self.store.shared;
        // In a task of its own: a caller who hangs up must not come between
        // the commit and what has to be forgotten after it.
        let commit = tokio::spawn(async move {
            let result = shared.in_time(transaction.commit()).await;
            shared.written.mark(&touched);
            // Only an embedder's constraints are checked as late as this.
            result?.map_err(|error| foreign("a commit", &error))
        });
        commit
            .await
            .unwrap_or_else(|error| Err(Error::internal_from("a commit", error)))
    }
}

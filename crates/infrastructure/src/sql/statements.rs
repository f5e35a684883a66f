//! How statements are run: in bounded time, and once more where a connection
//! turned out to be broken and nothing is lost by it.

use std::{future::Future, sync::atomic::Ordering, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use userhub_domain::{Error, Result};

use super::{
    connect::ACQUIRE_TIMEOUT,
    error::{Meaning, StorageError, meaning, storage},
    store::{Shared, SqlStore},
};

/// How long the answer to a statement may be late before the connection is
/// given up: the server cancels it itself, if there still is one.
const SLACK: Duration = Duration::from_millis(150);

impl SqlStore {
    /// The rows of a statement that only reads, outside of any transaction.
    pub(super) async fn rows(
        &self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Vec<QueryResult>> {
        let first = self.shared.reader.query_all_raw(statement.clone());
        match self.shared.read(table, first).await? {
            Some(rows) => Ok(rows),
            None => {
                let again = self.shared.reader.query_all_raw(statement);
                self.shared.read_again(table, again).await
            }
        }
    }

    /// As [`rows`](Self::rows), of a statement that gives one or none.
    pub(super) async fn row(
        &self,
        table: &'static str,
        statement: Statement,
    ) -> Result<Option<QueryResult>> {
        let first = self.shared.reader.query_one_raw(statement.clone());
        match self.shared.read(table, first).await? {
            Some(row) => Ok(row),
            None => {
                let again = self.shared.reader.query_one_raw(statement);
                self.shared.read_again(table, again).await
            }
        }
    }

    /// A single write that needs no unit of work: it belongs to no aggregate.
    pub(super) async fn execute_alone(
        &self,
        table: &'static str,
        statement: Statement,
    ) -> Result<u64> {
        let transaction = self.shared.begin().await?;
        let work = async {
            let done = transaction.execute_raw(statement).await?;
            transaction.commit().await?;
            Ok(done.rows_affected())
        };
        let result = self.shared.in_time(work).await?;
        result.map_err(|error| storage(table, &error))
    }
}

impl Shared {
    /// Refuses everything until the schema is known to be right.
    fn gate(&self) -> Result<()> {
        if self.prepared.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Error::storage_unavailable(StorageError::new(
            "the database is not prepared yet",
        )))
    }

    /// A first try; nothing where the connection turned out to be broken.
    async fn read<T>(
        &self,
        table: &'static str,
        query: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<Option<T>> {
        self.gate()?;
        match self.in_time(query).await? {
            Err(error) if meaning(&error) == Meaning::ConnectionLost => {
                self.health.found_broken();
                Ok(None)
            }
            result => result.map(Some).map_err(|error| storage(table, &error)),
        }
    }

    async fn read_again<T>(
        &self,
        table: &'static str,
        query: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T> {
        self.in_time(query)
            .await?
            .map_err(|error| storage(table, &error))
    }

    /// Bounds what may never come back: a server that is stopped, or a
    /// network that swallows packets, does not keep its own time-out.
    pub(super) async fn in_time<T>(
        &self,
        query: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<Result<T, DbErr>> {
        let limit = self.statement_timeout.max(ACQUIRE_TIMEOUT) + SLACK;
        tokio::time::timeout(limit, query).await.map_err(|_| {
            self.health.found_broken();
            Error::storage_unavailable(StorageError::new("no answer in time"))
        })
    }

    /// A writing transaction; tried again once where the connection turned
    /// out to be broken.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction> {
        self.gate()?;
        let begin = || {
            self.writer.begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
        };
        let mut result = self.in_time(begin()).await?;
        if let Err(error) = &result
            && meaning(error) == Meaning::ConnectionLost
        {
            self.health.found_broken();
            result = self.in_time(begin()).await?;
        }
        result.map_err(|error| storage("a transaction", &error))
    }
}

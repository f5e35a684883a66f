//! The shop's own table, keyed by `UserId`.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use serde::Serialize;
use userhub_domain::{Error, Result, error::NotFound, users::UserId};

/// What a customer begins with.
const WELCOME: i64 = 10;

/// How many points somebody has.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The customer.
    pub user: String,
    /// The points.
    pub points: i64,
}

/// Reads and changes points, by a connection of the shop's own.
#[derive(Clone)]
pub struct Points(DatabaseConnection);

impl Points {
    /// Makes the table where it is missing.
    ///
    /// # Errors
    /// `storage_unavailable`.
    pub async fn prepare(connection: DatabaseConnection) -> Result<Self> {
        // Without a foreign key, which would lock a row of UserHub's: who is
        // purged is forgotten by their event.
        let table = "CREATE TABLE IF NOT EXISTS points \
                     (user_id varchar(36) PRIMARY KEY, points bigint NOT NULL)";
        connection.execute_unprepared(table).await.map_err(failed)?;
        Ok(Self(connection))
    }

    /// Of one customer.
    ///
    /// # Errors
    /// `user_not_found` for anybody else, `storage_unavailable`.
    pub async fn of(&self, user: UserId) -> Result<Balance> {
        let sql = "SELECT user_id, points FROM points WHERE user_id = $1";
        let statement = self.statement(sql, vec![user.to_string().into()]);
        let row = self.0.query_one_raw(statement).await.map_err(failed)?;
        balance(row.ok_or(NotFound::User)?).map_err(failed)
    }

    /// Of all customers, the richest first.
    ///
    /// # Errors
    /// `storage_unavailable`.
    pub async fn all(&self) -> Result<Vec<Balance>> {
        let sql = "SELECT user_id, points FROM points ORDER BY points DESC, user_id LIMIT 100";
        let rows = self.0.query_all_raw(self.statement(sql, vec![])).await;
        let balances = rows.and_then(|rows| rows.into_iter().map(balance).collect());
        balances.map_err(failed)
    }

    /// Adds to what somebody has.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub async fn give(&self, user: UserId, amount: i64) -> Result<Balance> {
        let sql = "UPDATE points SET points = points + $1 WHERE user_id = $2";
        let statement = self.statement(sql, vec![amount.into(), user.to_string().into()]);
        self.0.execute_raw(statement).await.map_err(failed)?;
        self.of(user).await
    }

    fn statement(&self, sql: &str, values: Vec<sea_orm::Value>) -> Statement {
        Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)
    }
}

/// The row that a new customer gets.
pub(crate) fn welcome(user: UserId, backend: DbBackend) -> Statement {
    let sql = "INSERT INTO points (user_id, points) VALUES ($1, $2)";
    Statement::from_sql_and_values(backend, sql, [user.to_string().into(), WELCOME.into()])
}

/// Forgets somebody for good.
pub(crate) fn forget(user: UserId, backend: DbBackend) -> Statement {
    let sql = "DELETE FROM points WHERE user_id = $1";
    Statement::from_sql_and_values(backend, sql, [user.to_string().into()])
}

fn balance(row: QueryResult) -> Result<Balance, DbErr> {
    Ok(Balance {
        user: row.try_get("", "user_id")?,
        points: row.try_get("", "points")?,
    })
}

/// A database that is busy or away is to be asked again; a row that makes no
/// sense is a fault.
fn failed(error: DbErr) -> Error {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) | DbErr::Exec(_) | DbErr::Query(_) => {
            Error::storage_unavailable(error)
        }
        other => Error::internal_from("the table of points", other),
    }
}

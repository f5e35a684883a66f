//! The one place that knows what a database's errors mean.
//!
//! Nothing of a Postgres error but its message, code and constraint may get
//! out: its details, which its `Debug` form shows, hold the values.

use sea_orm::{DbErr, RuntimeErr, sqlx};
use userhub_domain::{
    Error,
    error::{Conflict, Identifier},
};

/// What an error of the database means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A unique index is violated: its name, or the columns as SQLite names them.
    Taken(String),
    /// The row that this one belongs to is gone.
    ParentGone,
    /// The connection is broken; another one may work.
    ConnectionLost,
    /// Not now: too slow, locked, full, read-only, or not there at all.
    Unavailable,
    /// A fault of the program or of the schema.
    Fault,
}

/// An error of the database as it may be logged.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct StorageError(String);

impl std::fmt::Display for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StorageError {}

impl StorageError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The domain's error for one that a statement on `table` gave.
pub(super) fn storage(table: &'static str, error: &DbErr) -> Error {
    let source = loggable(error);
    match meaning(error) {
        Meaning::ConnectionLost | Meaning::Unavailable => Error::storage_unavailable(source),
        Meaning::ParentGone => Conflict::Stale.into(),
        Meaning::Taken(index) => match identifier(&index) {
            Some(identifier) => Conflict::Taken(vec![identifier]).into(),
            None => Error::internal_from(format!("writing {table}"), source),
        },
        Meaning::Fault => Error::internal_from(format!("a statement on {table}"), source),
    }
}

/// As [`storage`], for a statement of an embedder's: any constraint that it
/// violates is theirs to mend, and no race that UserHub knows how to lose.
pub(super) fn foreign(context: &'static str, error: &DbErr) -> Error {
    match meaning(error) {
        Meaning::ConnectionLost | Meaning::Unavailable => storage(context, error),
        _ => Error::internal_from(format!("a statement on {context}"), loggable(error)),
    }
}

/// As [`storage`], for the removal of a user: all of UserHub's rows go with
/// theirs, so a foreign key that refuses it is an embedder's.
pub(super) fn removal(error: &DbErr) -> Error {
    match meaning(error) {
        Meaning::ParentGone => Error::internal_from(
            "removing a user: a foreign key of a table that is not UserHub's refuses it",
            loggable(error),
        ),
        _ => storage("users", error),
    }
}

/// The identifier whose unique index a violation names.
pub(super) fn identifier(index: &str) -> Option<Identifier> {
    let column = index.strip_prefix("users")?;
    [
        ("username_canonical", Identifier::Username),
        ("email_canonical", Identifier::Email),
        ("phone_number", Identifier::PhoneNumber),
        ("external_id", Identifier::ExternalId),
    ]
    .into_iter()
    .find_map(|(name, identifier)| column.contains(name).then_some(identifier))
}

/// What an error means.
pub(super) fn meaning(error: &DbErr) -> Meaning {
    match error {
        DbErr::ConnectionAcquire(_) => Meaning::Unavailable,
        DbErr::Conn(inner) => match of_driver(inner) {
            Meaning::ConnectionLost => Meaning::ConnectionLost,
            _ => Meaning::Unavailable,
        },
        DbErr::Exec(inner) | DbErr::Query(inner) => of_driver(inner),
        _ => Meaning::Fault,
    }
}

fn of_driver(error: &RuntimeErr) -> Meaning {
    let RuntimeErr::SqlxError(error) = error else {
        return Meaning::Fault;
    };
    match error.as_ref() {
        sqlx::Error::Database(error) => of_database(error.as_ref()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Meaning::ConnectionLost,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Meaning::Unavailable,
        _ => Meaning::Fault,
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError) -> Meaning {
    match error.kind() {
        sqlx::error::ErrorKind::UniqueViolation => {
            return Meaning::Taken(violated_index(error));
        }
        sqlx::error::ErrorKind::ForeignKeyViolation => return Meaning::ParentGone,
        _ => {}
    }
    let code = error.code().unwrap_or_default();
    if is_restriction(&code, error.message()) {
        return Meaning::ParentGone;
    }
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        of_sqlstate(&code)
    } else {
        code.parse().map_or(Meaning::Fault, of_sqlite_code)
    }
}

/// A foreign key with ON DELETE RESTRICT: a code of its own in Postgres from 18
/// on, and in SQLite that of triggers (1811), told from them by its text.
fn is_restriction(code: &str, message: &str) -> bool {
    code == "23001" || (code == "1811" && message == "FOREIGN KEY constraint failed")
}

/// Postgres gives the index's name. SQLite only has the text, "UNIQUE
/// constraint failed: users.email_canonical".
fn violated_index(error: &dyn sqlx::error::DatabaseError) -> String {
    let name = error.constraint().map(str::to_owned);
    name.unwrap_or_else(|| {
        let message = error.message();
        message.rsplit(": ").next().unwrap_or(message).to_owned()
    })
}

/// By SQLSTATE (appendix A of the Postgres manual).
fn of_sqlstate(code: &str) -> Meaning {
    match code {
        // Shut down or crashed, and everything about connections.
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => Meaning::ConnectionLost,
        _ if code.starts_with("08") => Meaning::ConnectionLost,
        // Cancelled by statement_timeout; lock_timeout; read-only transaction,
        // which is what a stand-by is in.
        "57014" | "55P03" | "25006" => Meaning::Unavailable,
        // Rights, tables or the whole database that somebody took away: the
        // same for a client, until they are back.
        "42501" | "42P01" | "3D000" => Meaning::Unavailable,
        // By class: taken back, such as by a deadlock; out of disk, memory,
        // connections; errors of the system below, such as of a disk.
        _ if matches!(code.get(..2), Some("40" | "53" | "58")) => Meaning::Unavailable,
        _ => Meaning::Fault,
    }
}

/// By result code (sqlite.org/rescode.html); the low byte is the primary one.
fn of_sqlite_code(code: i32) -> Meaning {
    match code & 0xff {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
        5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15 => Meaning::Unavailable,
        _ => Meaning::Fault,
    }
}

/// An error as it may be logged: without the values that were sent.
pub(super) fn loggable(error: &DbErr) -> StorageError {
    if let DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) = error
        && let RuntimeErr::SqlxError(inner) = inner
        && let sqlx::Error::Database(inner) = inner.as_ref()
    {
        let code = inner.code().unwrap_or_default();
        let constraint = inner.constraint().unwrap_or_default();
        // Messages about bad data (class 22) quote it; while connecting there is none.
        let quotes = code.len() == 5 && code.starts_with("22") && !matches!(error, DbErr::Conn(_));
        let message = if quotes { "bad data" } else { inner.message() };
        return StorageError(
            format!("{code}: {message} {constraint}")
                .trim_end()
                .to_owned(),
        );
    }
    StorageError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_violation_name_the_identifier() {
        for (index, expected) in [
            ("users_username_canonical_key", Some(Identifier::Username)),
            ("users.username_canonical", Some(Identifier::Username)),
            ("users_email_canonical_key", Some(Identifier::Email)),
            ("users.phone_number", Some(Identifier::PhoneNumber)),
            ("users_external_id_key", Some(Identifier::ExternalId)),
            ("users_pkey", None),
            ("users.id", None),
            ("sessions_refresh_hash_key", None),
            ("api_keys_hash_key", None),
            ("api_keys.hash", None),
        ] {
            assert_eq!(identifier(index), expected, "{index}");
        }
    }

    #[test]
    fn states_of_postgres_that_pass_are_unavailability() {
        for code in [
            "57014", "40001", "40P01", "55P03", "25006", "53100", "53300", "58000", "58030",
            "42501", "42P01", "3D000",
        ] {
            assert_eq!(of_sqlstate(code), Meaning::Unavailable, "{code}");
        }
        for code in ["57P01", "57P03", "08006"] {
            assert_eq!(of_sqlstate(code), Meaning::ConnectionLost, "{code}");
        }
        for code in ["42601", "23514", "22021", ""] {
            assert_eq!(of_sqlstate(code), Meaning::Fault, "{code}");
        }
    }

    #[test]
    fn codes_of_sqlite_that_pass_are_unavailability() {
        // BUSY, BUSY_SNAPSHOT, READONLY, IOERR_FSYNC, FULL, CANTOPEN
        for code in [5, 517, 8, 1034, 13, 14] {
            assert_eq!(of_sqlite_code(code), Meaning::Unavailable, "{code}");
        }
        // ERROR (no such table), CORRUPT, CHECK
        for code in [1, 11, 275] {
            assert_eq!(of_sqlite_code(code), Meaning::Fault, "{code}");
        }
    }

    #[test]
    fn a_broken_connection_is_told_from_a_full_pool() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let lost = DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::Io(reset).into()));
        assert_eq!(meaning(&lost), Meaning::ConnectionLost);
        let full = DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        assert_eq!(meaning(&full), Meaning::Unavailable);
        assert_eq!(storage("users", &full).code(), "storage_unavailable");
        assert_eq!(
            storage("users", &DbErr::Type("x".to_owned())).code(),
            "internal"
        );
    }
}

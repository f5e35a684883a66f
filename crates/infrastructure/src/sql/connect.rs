//! Opens the pools. Connections are made when they are needed first, so a
//! database that is down is no error here.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector,
    sqlx::{
        self, Connection, PgPool, SqlitePool,
        pool::PoolOptions,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{Error, Result};

use super::pool_health::PoolHealth;

/// How long to wait for a connection; on SQLite also for the turn to write.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a test of a doubtful connection may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(1);
/// SQLite's readers do not wait for each other, but they share one disk.
const SQLITE_READERS: u32 = 4;

/// Where the store is, and how it is used.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/name`.
    pub url: SecretString,
    /// Connections to Postgres at most; nothing: 2 per core and at least 8, so
    /// that some can read while others wait for a commit to reach the disk.
    /// SQLite has one that writes and 4 that read.
    pub max_connections: Option<u32>,
    /// A statement that takes longer is cancelled, and what it was for fails
    /// with `storage_unavailable`.
    pub statement_timeout: Duration,
}

impl DatabaseOptions {
    /// With as many connections as suit the machine, and 5 seconds for a
    /// statement.
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            url: url.into(),
            max_connections: None,
            statement_timeout: Duration::from_secs(5),
        }
    }
}

/// How many connections there are: for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// Open, idle ones too.
    pub open: u32,
    /// Open and waiting for work.
    pub idle: u32,
    /// The most that there may be.
    pub max: u32,
}

/// The pools of either database.
pub(super) enum Pools {
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

impl Pools {
    pub(super) fn open(options: &DatabaseOptions, health: &Arc<PoolHealth>) -> Result<Self> {
        let url = options.url.expose_secret();
        // The parser of Postgres takes any scheme.
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url),
            Some("postgres" | "postgresql") => {
                open_postgres(url, options, health).map(Self::Postgres)
            }
            _ => Err(Error::internal(
                "the URL of the database must begin with sqlite:// or postgres://",
            )),
        }
    }

    pub(super) fn reader(&self) -> DatabaseConnection {
        match self {
            Self::Sqlite { readers, .. } => {
                SqlxSqliteConnector::from_sqlx_sqlite_pool(readers.clone())
            }
            Self::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
        }
    }

    pub(super) fn writer(&self) -> DatabaseConnection {
        match self {
            Self::Sqlite { writer, .. } => {
                SqlxSqliteConnector::from_sqlx_sqlite_pool(writer.clone())
            }
            Self::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
        }
    }

    pub(super) fn state(&self) -> PoolState {
        match self {
            Self::Sqlite { readers, writer } => {
                let (read, write) = (state(readers), state(writer));
                PoolState {
                    open: read.open.saturating_add(write.open),
                    idle: read.idle.saturating_add(write.idle),
                    max: read.max.saturating_add(write.max),
                }
            }
            Self::Postgres(pool) => state(pool),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                // The last one to go moves the log into the file.
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

fn state<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> PoolState {
    PoolState {
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        max: pool.options().get_max_connections(),
    }
}

fn open_sqlite(url: &str) -> Result<Pools> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(Error::internal(
            "an SQLite database in memory cannot be shared by several connections: name a file",
        ));
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| Error::internal("the URL of the SQLite database cannot be read"))?
        .busy_timeout(ACQUIRE_TIMEOUT)
        .foreign_keys(true);
    if let Some(folder) = options.get_filename().parent() {
        make_folder(folder)?;
    }
    let pool = || {
        PoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writer = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let reader = options.pragma("query_only", "on");
    Ok(Pools::Sqlite {
        readers: pool()
            .max_connections(SQLITE_READERS)
            .connect_lazy_with(reader),
        writer: pool().max_connections(1).connect_lazy_with(writer),
    })
}

/// The file holds password hashes: its folder is nobody else's business.
fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    builder
        .recursive(true)
        .create(folder)
        .map_err(|error| Error::internal_from("the database's folder cannot be made", error))
}

fn open_postgres(url: &str, options: &DatabaseOptions, health: &Arc<PoolHealth>) -> Result<PgPool> {
    // The parser's own message could quote the password.
    let connect = PgConnectOptions::from_str(url)
        .map_err(|_| Error::internal("the URL of the database cannot be read"))?
        .application_name("userhub")
        .options(server_settings(options.statement_timeout));
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let usual = u32::try_from(cores.saturating_mul(2)).unwrap_or(8).max(8);
    let (before, after) = (health.clone(), health.clone());
    Ok(PoolOptions::new()
        .max_connections(options.max_connections.unwrap_or(usual))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(move |connection, known| {
            let doubtful = before.is_doubtful(known.idle_for);
            Box::pin(async move {
                if doubtful {
                    test(connection).await?;
                }
                Ok(true)
            })
        })
        .after_release(move |connection, _| {
            // Without this a connection into the void would be waited for when
            // it returns, and keep its place in the pool.
            let wary = after.is_wary();
            Box::pin(async move {
                if wary {
                    test(connection).await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(connect))
}

async fn test(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    tokio::time::timeout(TEST_TIMEOUT, connection.ping())
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// What the server is told about each session.
fn server_settings(statement_timeout: Duration) -> [(&'static str, String); 4] {
    let milliseconds = statement_timeout.as_millis().max(1);
    // A lock is given up first, so that the statement's error says what it was.
    let lock = milliseconds.div_ceil(2).min(2_000);
    [
        ("statement_timeout", milliseconds.to_string()),
        ("lock_timeout", lock.to_string()),
        // Rolls back what a process left behind that is gone.
        ("idle_in_transaction_session_timeout", "30000".to_owned()),
        ("default_transaction_isolation", "read committed".to_owned()),
    ]
}

//! A database for each test, gone when the test is over.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use std::sync::Arc;
use tempfile::TempDir;
use userhub_domain::store::Store;
use userhub_infrastructure::sql::{DatabaseOptions, SqlStore};
use userhub_testkit::conformance::StoreFactory;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// An empty database.
pub(crate) enum TestDatabase {
    Sqlite(TempDir),
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A database of its own on the server for tests.
    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("USERHUB_TEST_POSTGRES_URL").expect(
            "these tests need a Postgres server: run them with scripts/test, \
             or name one in USERHUB_TEST_POSTGRES_URL",
        );
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("userhub_sql_{}_{number}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name}")).await;
        Self::Postgres { server, name }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => {
                format!("sqlite://{}/deeper/userhub.db", folder.path().display())
            }
            Self::Postgres { server, name } => {
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                format!("{base}/{name}")
            }
        }
    }

    /// A store that has yet to be prepared.
    pub(crate) fn store(&self) -> SqlStore {
        self.store_with(Duration::from_secs(5))
    }

    pub(crate) fn store_with(&self, statement_timeout: Duration) -> SqlStore {
        SqlStore::connect(&DatabaseOptions {
            url: self.url().into(),
            max_connections: Some(8),
            statement_timeout,
        })
        .expect("a usable URL")
    }

    /// A store that is ready for use.
    pub(crate) async fn prepared(&self) -> SqlStore {
        let store = self.store();
        store.prepare(true).await.expect("prepared");
        store
    }

    /// A connection beside the store, as another program has it.
    pub(crate) async fn connection(&self) -> DatabaseConnection {
        let url = match self {
            Self::Sqlite(folder) => {
                std::fs::create_dir_all(folder.path().join("deeper")).expect("a folder");
                format!("{}?mode=rwc", self.url())
            }
            Self::Postgres { .. } => self.url(),
        };
        Database::connect(url).await.expect("connected")
    }
}

async fn run(server: &str, sql: &str) {
    let connection = Database::connect(server).await.expect("connected");
    connection.execute_unprepared(sql).await.expect(sql);
    connection.close().await.expect("closed");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Self::Postgres { server, name } = self else {
            return;
        };
        let (server, sql) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        // A thread of its own: the test's runtime is about to go.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(run(&server, &sql));
        });
        let _ = dropped.join();
    }
}

#[async_trait]
impl StoreFactory for TestDatabase {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.prepared().await)
    }
}

/// Makes a test on SQLite and one on Postgres of each function that takes a
/// database.
macro_rules! on_both {
    ($($sentence:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $sentence() {
                super::$sentence(crate::database::TestDatabase::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $sentence() {
                super::$sentence(crate::database::TestDatabase::postgres().await).await;
            })+
        }
    };
}

pub(crate) use on_both;

//! The stores that every endpoint is tested on.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{ConnectionTrait, Database as Connector};
use tempfile::TempDir;
use userhub_domain::store::Store;
use userhub_infrastructure::sql::{DatabaseOptions, SqlStore};
use userhub_testkit::MemoryStore;

/// Makes a test of each sentence on each store: `memory::a_sentence`,
/// `sqlite::a_sentence`, `postgres::a_sentence`. They run under the default
/// policy, or `under` one that a function makes.
macro_rules! on_every_store {
    (under $policy:ident: $($sentence:ident),+ $(,)?) => {
        $crate::backend::on_store!(memory, Memory, super::$policy(), $($sentence),+);
        $crate::backend::on_store!(sqlite, Sqlite, super::$policy(), $($sentence),+);
        $crate::backend::on_store!(postgres, Postgres, super::$policy(), $($sentence),+);
    };
    ($($sentence:ident),+ $(,)?) => {
        $crate::backend::on_store!(memory, Memory, Default::default(), $($sentence),+);
        $crate::backend::on_store!(sqlite, Sqlite, Default::default(), $($sentence),+);
        $crate::backend::on_store!(postgres, Postgres, Default::default(), $($sentence),+);
    };
}

macro_rules! on_store {
    ($module:ident, $backend:ident, $policy:expr, $($sentence:ident),+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $sentence() {
                    let backend = $crate::backend::Backend::$backend;
                    let app = $crate::test_app::TestApp::under(backend, $policy).await;
                    super::$sentence(app).await;
                }
            )+
        }
    };
}

pub(crate) use {on_every_store, on_store};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
    Postgres,
}

/// What one test keeps its data in, gone when it is dropped.
pub(crate) enum Storage {
    Memory(MemoryStore),
    Sqlite(TempDir),
    Postgres { server: String, name: String },
}

impl Storage {
    /// Empty.
    pub(crate) async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Memory => Self::Memory(MemoryStore::new()),
            Backend::Sqlite => Self::Sqlite(tempfile::tempdir().expect("a temporary folder")),
            Backend::Postgres => Self::postgres().await,
        }
    }

    async fn postgres() -> Self {
        let server = std::env::var("USERHUB_TEST_POSTGRES_URL").expect(
            "these tests need a Postgres server: run them with scripts/test, \
             or name one in USERHUB_TEST_POSTGRES_URL",
        );
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("userhub_api_{}_{number}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name}")).await;
        Self::Postgres { server, name }
    }

    /// The store over it, ready for use.
    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        let url = match self {
            Self::Memory(store) => return Arc::new(store.clone()),
            Self::Sqlite(folder) => format!("sqlite://{}/userhub.db", folder.path().display()),
            Self::Postgres { server, name } => {
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                format!("{base}/{name}")
            }
        };
        let store = SqlStore::connect(&DatabaseOptions {
            // Many tests share one server.
            max_connections: Some(4),
            ..DatabaseOptions::new(url)
        })
        .expect("a usable URL");
        store.prepare(true).await.expect("a prepared store");
        Arc::new(store)
    }
}

impl Drop for Storage {
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

async fn run(server: &str, sql: &str) {
    let connection = Connector::connect(server).await.expect("connected");
    connection.execute_unprepared(sql).await.expect(sql);
    connection.close().await.expect("closed");
}

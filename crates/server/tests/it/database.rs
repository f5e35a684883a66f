//! A database for each test.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// An empty database that nobody else uses, and the folder that the processes
/// of the test work in. Both go when it is dropped, save databases of a server.
pub(crate) struct Database {
    folder: tempfile::TempDir,
    url: String,
}

impl Database {
    /// A file.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/userhub.db", folder.path().display());
        Self { folder, url }
    }

    /// A new database on the server that `scripts/test` starts.
    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("USERHUB_TEST_POSTGRES_URL").expect(
            "USERHUB_TEST_POSTGRES_URL is not set: run scripts/test, which starts a Postgres server",
        );
        Self::on_server(&server).await
    }

    /// A new database on a server.
    pub(crate) async fn on_server(server: &str) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("userhub_process_{}_{count}", std::process::id());
        let connection = sea_orm::Database::connect(server).await.unwrap();
        connection
            .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}"))
            .await
            .unwrap();
        connection
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        connection.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::at(format!("{base}/{name}"))
    }

    /// One that is wherever the URL says.
    pub(crate) fn at(url: String) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection of the test's own.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let connection = self.connect().await;
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The number that a query gives as `n`.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let connection = self.connect().await;
        let query = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(query).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }
}

/// A Postgres server of the test's own, which it may stop.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
}

impl Cluster {
    /// Starts one and gives its URL.
    pub(crate) fn start() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        open_to_the_server(folder.path());
        let cluster = Self { folder };
        let url = cluster.start_again(None);
        (cluster, url)
    }

    /// Starts it, on the port that it had before; gives its URL.
    pub(crate) fn start_again(&self, port: Option<u16>) -> String {
        let mut command = self.script("start");
        if let Some(port) = port {
            command.args(["-c", &format!("port={port}")]);
        }
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "scripts/postgres start: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Stops it at once, as a crash does.
    pub(crate) fn stop(&self) {
        assert!(self.script("stop").status().unwrap().success());
    }

    fn script(&self, verb: &str) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(root.join("scripts/postgres"));
        command.arg(verb).arg(self.data());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.script("stop").status();
    }
}

/// Run by root the server belongs to another user, who must reach its data.
fn open_to_the_server(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).unwrap();
}

/// The port of a server's URL.
pub(crate) fn port_of(url: &str) -> u16 {
    let (_, rest) = url.rsplit_once(':').unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

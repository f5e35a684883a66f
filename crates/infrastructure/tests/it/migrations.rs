//! Making, checking and taking back the schema.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use userhub_migration::Migrator;

use crate::database::TestDatabase;

macro_rules! on_both {
    ($($check:ident)+) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $check() { super::$check(crate::database::TestDatabase::sqlite()).await; }
        )+ }
        mod postgres { $(
            #[tokio::test]
            async fn $check() { super::$check(crate::database::TestDatabase::postgres().await).await; }
        )+ }
    };
}

on_both! {
    the_schema_goes_up_down_and_up_again
    many_processes_may_start_at_once
    a_change_that_fails_leaves_no_trace
    a_newer_schema_is_a_warning
    a_newer_schema_that_breaks_is_refused
    without_automatic_migration_a_missing_change_is_named
    a_current_schema_is_only_read
}

async fn tables(connection: &impl ConnectionTrait) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.expect("tables");
    rows.iter()
        .map(|row| row.try_get("", "name").expect("a name"))
        .collect()
}

async fn mark_applied(connection: &impl ConnectionTrait, name: &str) {
    let sql = format!("INSERT INTO userhub_migrations (version, applied_at) VALUES ('{name}', 0)");
    connection.execute_unprepared(&sql).await.expect("marked");
}

async fn the_schema_goes_up_down_and_up_again(database: TestDatabase) {
    let connection = database.connection().await;
    let all = userhub_migration::up::<Migrator>(&connection)
        .await
        .expect("up");
    assert_eq!(all.len(), Migrator::migrations().len());
    let before = tables(&connection).await;
    assert!(before.iter().any(|table| table == "users"));

    let mut back = userhub_migration::down::<Migrator>(&connection, usize::MAX)
        .await
        .expect("down");
    back.reverse();
    assert_eq!(back, all);
    assert_eq!(tables(&connection).await, ["userhub_migrations"]);

    userhub_migration::up::<Migrator>(&connection)
        .await
        .expect("up again");
    assert_eq!(tables(&connection).await, before);
    assert!(
        userhub_migration::up::<Migrator>(&connection)
            .await
            .expect("nothing")
            .is_empty()
    );
}

async fn many_processes_may_start_at_once(database: TestDatabase) {
    let stores: Vec<_> = (0..8).map(|_| database.store()).collect();
    let starts = stores
        .iter()
        .cloned()
        .map(|store| tokio::spawn(async move { store.prepare(true).await }));
    let starts: Vec<_> = starts.collect();
    let mut made = 0;
    for start in starts {
        made += start
            .await
            .expect("no panic")
            .expect("prepared")
            .applied
            .len();
    }
    assert_eq!(made, Migrator::migrations().len());
    for store in &stores {
        store.ping().await.expect("ready");
        store.close().await;
    }
}

struct Broken;

impl MigrationName for Broken {
    fn name(&self) -> &'static str {
        "m29990101_000001_broken"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Broken {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("CREATE TABLE half_done (id integer)")
            .await?;
        connection
            .execute_unprepared("CREATE TABLE nonsense (")
            .await?;
        Ok(())
    }
}

struct BrokenMigrator;

impl MigratorTrait for BrokenMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = Migrator::migrations();
        all.push(Box::new(Broken));
        all
    }
}

async fn a_change_that_fails_leaves_no_trace(database: TestDatabase) {
    let connection = database.connection().await;
    userhub_migration::up::<BrokenMigrator>(&connection)
        .await
        .expect_err("broken");
    assert_eq!(tables(&connection).await, [""; 0]);
    userhub_migration::up::<Migrator>(&connection)
        .await
        .expect("as if nothing had been");
}

async fn a_newer_schema_is_a_warning(database: TestDatabase) {
    database.prepared().await.close().await;
    mark_applied(&database.connection().await, "m29990101_000001_more").await;
    let store = database.store();
    let report = store.prepare(true).await.expect("works");
    assert_eq!(report.newer, ["m29990101_000001_more"]);
    store.ping().await.expect("ready");
}

async fn a_newer_schema_that_breaks_is_refused(database: TestDatabase) {
    database.prepared().await.close().await;
    mark_applied(
        &database.connection().await,
        "m29990101_000001_other_hashes_breaking",
    )
    .await;
    let store = database.store();
    let refusal = store.prepare(true).await.expect_err("refused").to_string();
    assert!(
        refusal.contains("newer version") && refusal.contains("other_hashes"),
        "{refusal}"
    );
    assert_eq!(
        store.ping().await.expect_err("closed").code(),
        "storage_unavailable"
    );
}

async fn without_automatic_migration_a_missing_change_is_named(database: TestDatabase) {
    let store = database.store();
    let refusal = store.prepare(false).await.expect_err("refused").to_string();
    assert!(
        refusal.contains("userhub migrate up") && refusal.contains("create_users"),
        "{refusal}"
    );
    database.prepared().await;
    store.prepare(false).await.expect("now it is there");
}

async fn a_current_schema_is_only_read(database: TestDatabase) {
    database.prepared().await.close().await;
    if let TestDatabase::Postgres { name, .. } = &database {
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        database
            .connection()
            .await
            .execute_unprepared(&sql)
            .await
            .expect("altered");
    }
    let store = database.store();
    store.prepare(true).await.expect("nothing to write");
    store.ping().await.expect("ready");
}

//! The table of changes beside that of an embedder, who uses SeaORM, too.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use userhub_migration::Migrator;

use crate::database::TestDatabase;

const OF_THE_HOST: &str = "m20200101_000001_create_cakes";

/// The embedder's changes, in the table that SeaORM has for them.
struct Host;

struct CreateCakes;

impl MigrationName for CreateCakes {
    fn name(&self) -> &str {
        OF_THE_HOST
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateCakes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE TABLE cakes (id integer PRIMARY KEY)";
        let made = manager.get_connection().execute_unprepared(sql).await;
        made.map(|_| ())
    }
}

impl MigratorTrait for Host {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreateCakes)]
    }
}

/// An earlier build: without the last change.
struct Earlier;

impl MigratorTrait for Earlier {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = Migrator::migrations();
        all.pop();
        all
    }
}

async fn names(db: &DatabaseConnection, table: &str) -> Vec<String> {
    let sql = format!("SELECT version FROM {table} ORDER BY version");
    let all = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(all).await.expect("read");
    let name = |row: &sea_orm::QueryResult| row.try_get("", "version").expect("a name");
    rows.iter().map(name).collect()
}

async fn execute(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.expect(sql);
}

/// What the first builds left, which kept their changes in SeaORM's table.
async fn as_the_first_builds_left_it<M: MigratorTrait>(db: &DatabaseConnection) {
    userhub_migration::up::<M>(db).await.expect("up");
    execute(
        db,
        "ALTER TABLE userhub_migrations RENAME TO seaql_migrations",
    )
    .await;
}

async fn changes_of_a_host_are_its_own(database: TestDatabase) {
    let db = database.connection().await;
    Host::up(&db, None).await.expect("the host's");
    let store = database.store();
    let report = store.prepare(true).await.expect("ours");
    assert_eq!(report.newer, [""; 0]);
    assert_eq!(report.applied.len(), Migrator::migrations().len());
    Host::up(&db, None).await.expect("the host's again");
    assert_eq!(names(&db, "seaql_migrations").await, [OF_THE_HOST]);
    let nothing = store.prepare(true).await.expect("ours again");
    assert_eq!((nothing.applied.len(), nothing.newer.len()), (0, 0));
}

async fn the_table_of_the_first_builds_is_as_good(database: TestDatabase) {
    let db = database.connection().await;
    as_the_first_builds_left_it::<Migrator>(&db).await;
    let store = database.store();
    let report = store.prepare(false).await.expect("up to date");
    assert_eq!((report.applied.len(), report.newer.len()), (0, 0));
    store.ping().await.expect("ready");
}

async fn the_next_change_moves_the_names_once(database: TestDatabase) {
    let db = database.connection().await;
    as_the_first_builds_left_it::<Earlier>(&db).await;
    let host = format!("INSERT INTO seaql_migrations VALUES ('{OF_THE_HOST}', 0)");
    execute(&db, &host).await;

    let starts: Vec<_> = (0..8)
        .map(|_| database.store())
        .map(|store| tokio::spawn(async move { store.prepare(true).await }))
        .collect();
    let mut made = 0;
    for start in starts {
        let report = start.await.expect("no panic").expect("prepared");
        assert_eq!(report.newer, [""; 0]);
        made += report.applied.len();
    }
    assert_eq!(made, 1);
    let ours: Vec<_> = Migrator::migrations()
        .iter()
        .map(|one| one.name().to_owned())
        .collect();
    assert_eq!(names(&db, "userhub_migrations").await, ours);
    assert_eq!(names(&db, "seaql_migrations").await, [OF_THE_HOST]);
}

async fn a_table_that_nobody_needs_any_more_goes(database: TestDatabase) {
    let db = database.connection().await;
    as_the_first_builds_left_it::<Earlier>(&db).await;
    database.store().prepare(true).await.expect("prepared");
    let gone = db
        .execute_unprepared("SELECT 1 FROM seaql_migrations")
        .await;
    gone.expect_err("no such table");
}

crate::database::on_both!(
    changes_of_a_host_are_its_own,
    the_table_of_the_first_builds_is_as_good,
    the_next_change_moves_the_names_once,
    a_table_that_nobody_needs_any_more_goes,
);

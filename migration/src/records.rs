//! Which changes were made: a table of its own, since an embedder's changes, too,
//! may be made by SeaORM, which would take each other's names for lost files.

use std::collections::BTreeSet;

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value},
};

/// Where the names of changes stand.
pub(crate) const TABLE: &str = "userhub_migrations";
/// Where the first builds kept them: SeaORM's own.
const FORMER_TABLE: &str = "seaql_migrations";

/// The names of the changes that were made. Only reads; a database without any
/// table has none.
pub(crate) async fn applied<M: MigratorTrait>(
    db: &impl ConnectionTrait,
) -> Result<BTreeSet<String>, DbErr> {
    if exists(db, TABLE).await? {
        names(db, TABLE).await
    } else {
        former::<M>(db).await
    }
}

/// Makes the table, and moves into it what the first builds wrote elsewhere. An
/// embedder's rows stay there. To be called behind the lock.
pub(crate) async fn install<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if exists(db, TABLE).await? {
        return Ok(());
    }
    let former = former::<M>(db).await?;
    db.execute_unprepared(&format!(
        "CREATE TABLE {TABLE} (version varchar(255) NOT NULL PRIMARY KEY, \
         applied_at bigint NOT NULL)"
    ))
    .await?;
    if former.is_empty() {
        return Ok(());
    }
    for name in &former {
        let moved = format!(
            "INSERT INTO {TABLE} (version, applied_at) \
             SELECT version, applied_at FROM {FORMER_TABLE} WHERE version = $1"
        );
        run(db, &moved, [name.as_str().into()]).await?;
        let gone = format!("DELETE FROM {FORMER_TABLE} WHERE version = $1");
        run(db, &gone, [name.as_str().into()]).await?;
    }
    if names(db, FORMER_TABLE).await?.is_empty() {
        db.execute_unprepared(&format!("DROP TABLE {FORMER_TABLE}"))
            .await?;
    }
    Ok(())
}

/// Notes that a change was made.
pub(crate) async fn record(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO {TABLE} (version, applied_at) VALUES ($1, $2)");
    run(db, &sql, [name.into(), unix_time().into()]).await
}

/// Notes that a change was taken back.
pub(crate) async fn forget(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let sql = format!("DELETE FROM {TABLE} WHERE version = $1");
    run(db, &sql, [name.into()]).await
}

/// Those of our names that stand in the former table. It is not looked at in a
/// database that has never been ours: there it belongs to somebody else.
async fn former<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    if !exists(db, "users").await? || !exists(db, FORMER_TABLE).await? {
        return Ok(BTreeSet::new());
    }
    let mut names = names(db, FORMER_TABLE).await?;
    let known = M::migrations();
    names.retain(|name| known.iter().any(|one| one.name() == name));
    Ok(names)
}

async fn exists(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        // Not by `to_regclass`: it answers from a cache, which waiting for the
        // lock does not refresh.
        DbBackend::Postgres => {
            "SELECT 1 AS found FROM pg_catalog.pg_class \
             WHERE relname = $1 AND pg_catalog.pg_table_is_visible(oid)"
        }
        _ => "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = $1",
    };
    let statement = Statement::from_sql_and_values(backend, sql, [table.into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

async fn names(db: &impl ConnectionTrait, table: &str) -> Result<BTreeSet<String>, DbErr> {
    let sql = format!("SELECT version FROM {table}");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

async fn run(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map(|_| ())
}

/// For operators who look into the table; nothing reads it.
fn unix_time() -> i64 {
    std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default()
}

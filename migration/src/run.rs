//! Runs changes: all of them in one transaction and behind one lock.

use std::collections::BTreeSet;

use sea_orm_migration::{
    MigratorTrait, SchemaManager,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
        SqliteTransactionMode, TransactionOptions, TransactionTrait,
    },
};

use crate::{
    BREAKING,
    records::{applied, forget, install, record},
};

/// The advisory lock that changes are made under on Postgres: "userhub" as a number.
const LOCK: i64 = 0x75_73_65_72_68_75_62;

/// Which changes a database has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Every change that this binary knows, in order, and whether it is made.
    pub migrations: Vec<(String, bool)>,
    /// Changes that were made by a newer binary.
    pub newer: Vec<String>,
}

impl SchemaStatus {
    /// The changes that are still to be made, in order.
    pub fn pending(&self) -> impl Iterator<Item = &str> {
        self.migrations
            .iter()
            .filter(|(_, applied)| !applied)
            .map(|(name, _)| name.as_str())
    }

    /// The first change of a newer binary that this one cannot live with.
    pub fn breaking(&self) -> Option<&str> {
        self.newer
            .iter()
            .map(String::as_str)
            .find(|name| name.ends_with(BREAKING))
    }
}

/// Makes every change of `M` that is still to be made, all or none; gives
/// their names. Waits for whoever does the same at the same time.
///
/// # Errors
/// Those of the database; then nothing has changed. A newer schema is no
/// error here: see [`SchemaStatus::breaking`].
pub async fn up<M: MigratorTrait>(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let transaction = begin_alone(db).await?;
    install::<M>(&transaction).await?;
    let applied = applied::<M>(&transaction).await?;
    let manager = SchemaManager::new(&transaction);
    let mut made = Vec::new();
    for migration in M::migrations() {
        let name = migration.name().to_owned();
        if applied.contains(&name) {
            continue;
        }
        migration.up(&manager).await?;
        record(&transaction, &name).await?;
        made.push(name);
    }
    transaction.commit().await?;
    Ok(made)
}

/// Takes back the last `steps` changes of `M`, all or none; gives their names,
/// the last first. Data that stands in what goes is lost.
///
/// # Errors
/// Those of the database; then nothing has changed. Also where a newer binary
/// has made changes that this one cannot take back.
pub async fn down<M: MigratorTrait>(
    db: &DatabaseConnection,
    steps: usize,
) -> Result<Vec<String>, DbErr> {
    let transaction = begin_alone(db).await?;
    install::<M>(&transaction).await?;
    let applied = applied::<M>(&transaction).await?;
    let status = compare::<M>(&applied);
    if let Some(newer) = status.newer.first() {
        return Err(DbErr::Migration(format!(
            "{newer} was made by a newer version, which has to take it back first"
        )));
    }
    let manager = SchemaManager::new(&transaction);
    let mut taken_back = Vec::new();
    let made = M::migrations()
        .into_iter()
        .rev()
        .filter(|migration| applied.contains(migration.name()));
    for migration in made.take(steps) {
        migration.down(&manager).await?;
        forget(&transaction, migration.name()).await?;
        taken_back.push(migration.name().to_owned());
    }
    transaction.commit().await?;
    Ok(taken_back)
}

/// Which changes of `M` a database has. Only reads; a database without any
/// table has none.
///
/// # Errors
/// Those of the database.
pub async fn status<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<SchemaStatus, DbErr> {
    Ok(compare::<M>(&applied::<M>(db).await?))
}

/// A transaction that waits until nobody else makes changes. The lock belongs
/// to the transaction: poolers do not keep those of a session.
async fn begin_alone(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // A change may well take longer than a request is allowed to.
        let sql = format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; \
             SELECT pg_advisory_xact_lock({LOCK})"
        );
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(transaction)
}

fn compare<M: MigratorTrait>(applied: &BTreeSet<String>) -> SchemaStatus {
    let migrations: Vec<(String, bool)> = M::migrations()
        .iter()
        .map(|one| (one.name().to_owned(), applied.contains(one.name())))
        .collect();
    let newer = applied
        .iter()
        .filter(|name| !migrations.iter().any(|(known, _)| known == *name))
        .cloned()
        .collect();
    SchemaStatus { migrations, newer }
}

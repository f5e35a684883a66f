//! What is special about the SQL store.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use userhub_domain::{
    store::Store,
    users::{PasswordHash, UserKey},
};
use userhub_infrastructure::sql::{DatabaseOptions, SqlStore};
use userhub_testkit::a_user;

use crate::database::TestDatabase;

fn hash() -> PasswordHash {
    PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")
}

#[test]
fn unusable_urls_are_refused_without_quoting_them() {
    for url in [
        "sqlite::memory:",
        "sqlite://x?mode=memory",
        "postgres://u:hunter2@[:1/d",
    ] {
        let error = SqlStore::connect(&DatabaseOptions::new(url))
            .err()
            .expect(url);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_database_that_is_not_understood_is_refused_at_once() {
    for url in [
        "mysql://u:hunter2@h/d",
        "postgresx://u:hunter2@h/d",
        "u:hunter2@h/d",
        "hunter2.db",
        "",
    ] {
        let error = SqlStore::connect(&DatabaseOptions::new(url))
            .err()
            .expect(url);
        let text = format!("{error:?}");
        assert!(
            text.contains("sqlite://") && text.contains("postgres://"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn an_unprepared_store_is_unavailable() {
    let database = TestDatabase::sqlite();
    let store = database.store();
    let user = a_user();
    let read = store.users().find(&UserKey::Id(user.id)).await;
    assert_eq!(read.expect_err("closed").code(), "storage_unavailable");
    assert_eq!(
        store.begin().await.err().expect("closed").code(),
        "storage_unavailable"
    );
    assert_eq!(
        store.ping().await.expect_err("closed").code(),
        "storage_unavailable"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_in_bounded_time() {
    // Port 9 discards, where anybody listens at all.
    let nobody = DatabaseOptions::new("postgres://userhub@127.0.0.1:9/userhub");
    let store = SqlStore::connect(&nobody).expect("lazy");
    let start = Instant::now();
    let error = store.prepare(true).await.expect_err("nobody there");
    assert_eq!(error.code(), "storage_unavailable");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_second_writer_of_sqlite_waits_and_is_then_turned_away() {
    let database = TestDatabase::sqlite();
    let store = database.prepared().await;
    let held = store.begin().await.expect("the first");
    let start = Instant::now();
    let error = store.begin().await.err().expect("turned away");
    assert_eq!(error.code(), "storage_unavailable");
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    // Readers are not in anybody's way.
    store
        .users()
        .find(&UserKey::Id(a_user().id))
        .await
        .expect("read");
    drop(held);
    drop(store.begin().await.expect("free again"));
}

#[tokio::test]
async fn another_process_that_writes_to_sqlite_is_waited_for_in_bounded_time() {
    let database = TestDatabase::sqlite();
    let (mine, theirs) = (database.prepared().await, database.prepared().await);
    let _held = theirs.begin().await.expect("theirs");
    let start = Instant::now();
    let error = mine.begin().await.err().expect("turned away");
    assert_eq!(error.code(), "storage_unavailable");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_restarted_server_costs_no_read() {
    let database = TestDatabase::postgres().await;
    let store = database.prepared().await;
    let user = a_user();
    let unit = store.begin().await.expect("begun");
    unit.users().insert(&user, &hash()).await.expect("inserted");
    unit.commit(&[]).await.expect("committed");
    for round in 0..3 {
        // Fills the pool with idle connections, then kills every one of them.
        let reads = (0..8).map(|_| {
            let (store, id) = (store.clone(), user.id);
            tokio::spawn(async move { store.users().find(&UserKey::Id(id)).await.is_ok() })
        });
        for read in reads.collect::<Vec<_>>() {
            assert!(read.await.expect("no panic"));
        }
        let beside = database.connection().await;
        beside
            .execute_unprepared(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .expect("terminated");
        if round % 2 == 0 {
            assert!(
                store
                    .users()
                    .find(&UserKey::Id(user.id))
                    .await
                    .expect("read")
                    .is_some()
            );
        } else {
            store
                .begin()
                .await
                .expect("begun")
                .commit(&[])
                .await
                .expect("committed");
        }
    }
}

#[tokio::test]
async fn a_locked_table_is_waited_for_in_bounded_time() {
    let database = TestDatabase::postgres().await;
    database.prepared().await.close().await;
    let store = database.store_with(Duration::from_millis(400));
    store.prepare(true).await.expect("prepared");
    let beside = database.connection().await;
    let lock = beside.begin().await.expect("begun");
    lock.execute_unprepared("LOCK TABLE users")
        .await
        .expect("locked");
    let start = Instant::now();
    let error = store
        .users()
        .find(&UserKey::Id(a_user().id))
        .await
        .expect_err("locked");
    assert_eq!(error.code(), "storage_unavailable");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    lock.rollback().await.expect("rolled back");
    store
        .users()
        .find(&UserKey::Id(a_user().id))
        .await
        .expect("free again");
}

#[tokio::test]
async fn a_stand_by_reads_but_does_not_write() {
    let database = TestDatabase::postgres().await;
    database.prepared().await.close().await;
    let TestDatabase::Postgres { name, .. } = &database else {
        unreachable!()
    };
    let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    database
        .connection()
        .await
        .execute_unprepared(&sql)
        .await
        .expect("altered");
    let store = database.prepared().await;
    let user = a_user();
    assert!(
        store
            .users()
            .find(&UserKey::Id(user.id))
            .await
            .expect("read")
            .is_none()
    );
    let unit = store.begin().await.expect("begun");
    let error = unit
        .users()
        .insert(&user, &hash())
        .await
        .expect_err("read-only");
    assert_eq!(error.code(), "storage_unavailable");
}

#[tokio::test]
async fn errors_of_postgres_do_not_show_values() {
    let database = TestDatabase::postgres().await;
    let store = database.prepared().await;
    let user = a_user();
    let insert = async || {
        let unit = store.begin().await.expect("begun");
        let result = unit.users().insert(&user, &hash()).await;
        match result {
            Ok(()) => unit.commit(&[]).await,
            Err(error) => Err(error),
        }
    };
    insert().await.expect("the first");
    // The same id: a fault, not a taken identifier, but the address is there
    // in what Postgres says.
    let error = insert().await.expect_err("the second");
    let shown = format!("{error:?} {error}");
    assert!(
        !shown.contains("example.org") && !shown.contains("argon2"),
        "{shown}"
    );
}

#[tokio::test]
async fn nonsense_in_a_column_is_named_and_not_quoted() {
    let database = TestDatabase::sqlite();
    let store = database.prepared().await;
    let user = a_user();
    let unit = store.begin().await.expect("begun");
    unit.users().insert(&user, &hash()).await.expect("inserted");
    unit.commit(&[]).await.expect("committed");
    let beside = database.connection().await;
    for (column, nonsense) in [
        ("metadata", "{\"a\": 1}"),
        ("username", "-"),
        ("created_at", "then"),
    ] {
        let sql = format!("UPDATE users SET {column} = '{nonsense}'");
        beside.execute_unprepared(&sql).await.expect("written");
        let error = store
            .users()
            .find(&UserKey::Id(user.id))
            .await
            .expect_err(column);
        assert_eq!(error.code(), "internal");
        assert!(error.to_string().contains("users"), "{error}");
        if column != "created_at" {
            let text = error.to_string();
            assert!(
                text.contains(column) && text.contains(&user.id.to_string()),
                "{text}"
            );
        }
        let sql = format!(
            "UPDATE users SET {column} = {}",
            match column {
                "metadata" => "'{}'",
                "username" => "NULL",
                _ => "updated_at",
            }
        );
        beside.execute_unprepared(&sql).await.expect("mended");
    }
    store
        .users()
        .find(&UserKey::Id(user.id))
        .await
        .expect("mended");
}

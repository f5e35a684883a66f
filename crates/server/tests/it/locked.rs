//! The database answers, but not to everything.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DbBackend, TransactionTrait as _};

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, PASSWORD},
};

on_both_databases! {
    async fn while_somebody_else_holds_a_lock_writes_are_refused_in_bounded_time(database: Database) {
        let instance = Instance::start_ready(&database).await;
        assert_eq!(instance.register("alice").await.status, 201);
        let token = instance.signed_in("alice").await;
        let connection = database.connect().await;
        let lock = match connection.get_database_backend() {
            DbBackend::Postgres => "LOCK TABLE users, sessions IN EXCLUSIVE MODE",
            _ => "UPDATE admin_guard SET turns = turns",
        };
        let transaction = connection.begin().await.unwrap();
        transaction.execute_unprepared(lock).await.unwrap();
        let start = Instant::now();
        let calls = (0..12).map(|_| instance.login("alice", PASSWORD));
        for answer in futures_util::future::join_all(calls).await {
            assert_eq!((answer.status.as_u16(), answer.retry_after.is_some()), (503, true), "{answer:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
        assert_eq!(instance.get("/auth/me", &token).await.status, 200, "reading goes on");
        assert_eq!(instance.health("ready").await, 200);
        transaction.rollback().await.unwrap();
        assert_eq!(instance.login("alice", PASSWORD).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_only_reads_serves_reads() {
    let database = Database::postgres().await;
    let first = Instance::start_ready(&database).await;
    assert_eq!(first.register("alice").await.status, 201);
    let token = first.signed_in("alice").await;
    let (_, name) = database.url().rsplit_once('/').unwrap();
    database
        .execute(&format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = on"
        ))
        .await;
    // Its connections are new, so they are read-only, as after a fail-over.
    let second = Instance::start_ready(&database).await;
    let me = second.get("/auth/me", &token).await;
    assert_eq!(me.status, 200, "{me:?} {}", second.log());
    for answer in [
        second.login("alice", PASSWORD).await,
        second.register("bob").await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.retry_after.is_some()),
            (503, true),
            "{answer:?}"
        );
    }
}

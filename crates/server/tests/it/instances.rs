//! Several processes on one database.

use std::time::Duration;

use crate::{database::Database, on_both_databases, process::Instance};

on_both_databases! {
    async fn eight_may_start_on_an_empty_database_at_once(database: Database) {
        let spawned: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Instance::start(&database))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for instance in &spawned {
            instance.become_ready(Duration::from_secs(60)).await;
        }
        // A token of one is good with every other, and so is its end.
        let [first, others @ ..] = spawned.as_slice() else { panic!() };
        assert_eq!(first.register("alice").await.status, 201);
        let token = first.signed_in("alice").await;
        for other in others {
            let me = other.get("/auth/me", &token).await;
            assert_eq!(me.status, 200, "{me:?} {}", other.log());
        }
        let end = first.client().post(format!("{}/api/v1/auth/logout-all", first.url));
        assert_eq!(end.bearer_auth(&token).send().await.unwrap().status(), 204);
        tokio::time::sleep(Duration::from_millis(1100)).await;
        for other in others {
            assert_eq!(other.get("/auth/me", &token).await.status, 401);
        }
    }
}

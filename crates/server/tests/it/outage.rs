//! The database goes away and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::{
    database::{Cluster, Database, port_of},
    process::Instance,
};

#[derive(Default)]
struct Seen {
    down: AtomicBool,
    over: AtomicBool,
    good: AtomicUsize,
    unavailable: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_answers_are_503_in_bounded_time_and_it_recovers_by_itself() {
    let (cluster, url) = Cluster::start();
    let database = Database::on_server(&url).await;
    let instance = Instance::start_ready(&database).await;
    assert_eq!(instance.register("alice").await.status, 201);
    let token = instance.signed_in("alice").await;
    let seen = Arc::new(Seen::default());
    let callers: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(keep_asking(
                instance.url.clone(),
                token.clone(),
                Arc::clone(&seen),
            ))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.stop();
    // Answers from memory are good for a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    seen.down.store(true, Relaxed);
    for _ in 0..5 {
        assert_eq!(instance.health("live").await, 200);
        assert_eq!(instance.health("ready").await, 503);
        let start = Instant::now();
        let answer = instance.login("alice", crate::process::PASSWORD).await;
        assert_eq!(
            (answer.status.as_u16(), answer.retry_after.is_some()),
            (503, true),
            "{answer:?}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "{:?}",
            start.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    seen.down.store(false, Relaxed);
    cluster.start_again(Some(port_of(&url)));
    instance.become_ready(Duration::from_secs(20)).await;
    assert_eq!(instance.get("/auth/me", &token).await.status, 200);
    assert_eq!(instance.register("bob").await.status, 201);
    let before = seen.good.load(Relaxed);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(
        seen.good.load(Relaxed) > before,
        "the callers are served again"
    );
    seen.over.store(true, Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(seen.unavailable.load(Relaxed) > 0);
}

/// Asks who it is, again and again: 200 or 503 in bounded time, never a 401
/// that would sign a person out.
async fn keep_asking(url: String, token: String, seen: Arc<Seen>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    while !seen.over.load(Relaxed) {
        let start = Instant::now();
        let was_down = seen.down.load(Relaxed);
        let answer = client
            .get(format!("{url}/api/v1/auth/me"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "{:?}",
            start.elapsed()
        );
        match answer.status().as_u16() {
            200 => {
                // A call that waited while the database came back may well succeed.
                let is_down = seen.down.load(Relaxed);
                assert!(!(was_down && is_down), "nobody could know");
                seen.good.fetch_add(1, Relaxed);
            }
            503 => {
                assert!(answer.headers().contains_key("retry-after"));
                seen.unavailable.fetch_add(1, Relaxed);
            }
            other => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

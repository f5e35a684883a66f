//! Told to stop: what is being served is finished, then the process ends.

use std::time::{Duration, Instant};

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, run, userhub},
};

on_both_databases! {
    async fn under_load_every_request_is_answered_and_the_exit_is_clean(database: Database) {
        let mut instance = Instance::start_for_load(&database).await;
        let callers: Vec<_> = (0..8).map(|caller| tokio::spawn(keep_registering(instance.url.clone(), caller))).collect();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let start = Instant::now();
        instance.terminate();
        let status = instance.ended().await;
        assert_eq!(status.code(), Some(0), "{}", instance.log());
        assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
        let mut registered = 0;
        for caller in callers {
            registered += caller.await.unwrap();
        }
        assert!(registered > 0);
        // Whatever was begun was finished, and whoever asked for it was told.
        let stored = database.count("SELECT count(*) AS n FROM users").await;
        assert_eq!(usize::try_from(stored).unwrap(), registered);
        assert!(!instance.log().contains("panicked"), "{}", instance.log());
    }
}

/// Registers until the server takes no more connections; gives the number of
/// registrations that were acknowledged.
async fn keep_registering(url: String, caller: usize) -> usize {
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap();
    let mut registered = 0;
    loop {
        let body = serde_json::json!({
            "username": format!("user{caller}x{registered}"),
            "password": crate::process::PASSWORD,
        });
        let sent = client
            .post(format!("{url}/api/v1/auth/register"))
            .json(&body)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                assert_eq!(answer.status(), 201);
                answer.bytes().await.expect("the whole answer");
                registered += 1;
            }
            Err(error) => {
                // Refused, or reset while it waited to be accepted.
                assert!(error.is_connect() || error.is_request(), "{error:?}");
                return registered;
            }
        }
    }
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up() {
    let database = Database::sqlite();
    let mut instance = Instance::start_ready(&database).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client
        .get(format!("{}/health/live", instance.url))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let start = Instant::now();
    instance.terminate();
    assert_eq!(instance.ended().await.code(), Some(0));
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
    drop(client);
}

#[tokio::test]
async fn it_stops_while_it_waits_for_the_database() {
    let nowhere = "postgres://nobody@127.0.0.1:9/nothing".to_owned();
    let mut instance = Instance::start(&Database::at(nowhere));
    tokio::time::sleep(Duration::from_millis(300)).await;
    instance.terminate();
    assert_eq!(instance.ended().await.code(), Some(0), "{}", instance.log());
}

#[tokio::test]
async fn the_file_is_whole_after_a_stop() {
    let database = Database::sqlite();
    let mut instance = Instance::start_ready(&database).await;
    assert_eq!(instance.register("alice").await.status, 201);
    instance.terminate();
    assert_eq!(instance.ended().await.code(), Some(0));
    let status = run(&mut userhub(&database, &["migrate", "status"]));
    assert!(!status.printed().contains("pending"), "{status:?}");
}

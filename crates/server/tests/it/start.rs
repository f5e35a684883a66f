//! From nothing to ready.

use std::time::Duration;

use crate::{
    database::{Cluster, Database, port_of},
    on_both_databases,
    process::{Instance, bare, run, userhub},
};

on_both_databases! {
    async fn an_empty_database_becomes_ready_and_the_banner_says_what_to_do(database: Database) {
        let instance = Instance::start_ready(&database).await;
        instance.says("create-admin").await;
        let banner = instance.banner();
        assert!(banner.contains(&format!("{}/docs", instance.url)), "{banner}");
        assert!(!banner.contains("postgres@"), "{banner}");
        assert_eq!(instance.health("live").await, 200);
        let port = port_of(&instance.url).to_string();
        let check = run(userhub(&database, &["healthcheck"]).env("USERHUB__SERVER__PORT", &port));
        assert_eq!(check.printed(), "ready");
        drop(instance);
        let check = run(userhub(&database, &["healthcheck"]).env("USERHUB__SERVER__PORT", &port));
        assert!(check.complaint().contains(&port), "{check:?}");
    }

    async fn without_migrations_the_schema_is_asked_for(database: Database) {
        let mut command = userhub(&database, &["serve"]);
        let mut instance = Instance::spawn(command.env("USERHUB__DATABASE__AUTO_MIGRATE", "false"));
        let status = instance.ended().await;
        assert_eq!(status.code(), Some(1), "{}", instance.log());
        assert!(instance.log().contains("userhub migrate up"), "{}", instance.log());
        assert!(run(&mut userhub(&database, &["migrate", "up"])).code == Some(0));
        let instance = Instance::spawn(command.env("USERHUB__DATABASE__AUTO_MIGRATE", "false"));
        instance.become_ready(Duration::from_secs(20)).await;
    }
}

#[tokio::test]
async fn without_any_setting_a_file_under_data_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bare(&["serve"]);
    let instance = Instance::spawn(command.current_dir(folder.path()).env("PORT", "0"));
    instance.become_ready(Duration::from_secs(20)).await;
    assert!(folder.path().join("data/userhub.db").is_file());
    assert!(
        instance.banner().contains("data/userhub.db"),
        "{}",
        instance.banner()
    );
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_with_a_sentence() {
    let database = Database::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let finished = run(userhub(&database, &["serve"]).env("USERHUB__SERVER__PORT", &port));
    assert!(finished.complaint().contains(&port), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_down_at_start_is_waited_for() {
    let (cluster, url) = Cluster::start();
    let database = Database::on_server(&url).await;
    cluster.stop();
    let instance = Instance::start(&database);
    for _ in 0..10 {
        assert_eq!(instance.health("live").await, 200);
        assert_eq!(instance.health("ready").await, 503);
        let answer = instance.login("alice", "whatever it is").await;
        assert_eq!(
            (answer.status.as_u16(), answer.retry_after.is_some()),
            (503, true),
            "{answer:?}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    cluster.start_again(Some(port_of(&url)));
    instance.become_ready(Duration::from_secs(20)).await;
    assert_eq!(instance.register("alice").await.status, 201);
}

#[test]
fn the_document_needs_no_settings() {
    let finished = run(bare(&["openapi"]).env("USERHUB__SERVER__PORT", "nonsense"));
    let document: serde_json::Value = serde_json::from_str(finished.printed()).unwrap();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{document}"
    );
    assert!(document["paths"]["/api/v1/auth/login"].is_object());
}

//! Too many connections, and clients that do not wait for their answer.

use std::{
    io::Write as _,
    net::{Shutdown, TcpStream},
    time::Duration,
};

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, PASSWORD, userhub},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_file_descriptors_left_it_goes_on_when_there_are_some_again() {
    let database = Database::sqlite();
    let serve = userhub(&database, &["serve"]);
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "ulimit -n 128 && exec \"$0\" serve"])
        .arg(serve.get_program());
    limited.env_clear().current_dir(database.folder());
    for (name, value) in serve.get_envs() {
        limited.env(name, value.unwrap());
    }
    let instance = Instance::spawn(&mut limited);
    instance.become_ready(Duration::from_secs(20)).await;
    assert_eq!(instance.register("alice").await.status, 201);
    let crowd: Vec<_> = (0..300).map(|_| connect(&instance)).collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(crowd);
    for _ in 0..100 {
        if instance.health("ready").await == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        instance.login("alice", PASSWORD).await.status,
        200,
        "{}",
        instance.log()
    );
}

on_both_databases! {
    async fn what_clients_left_behind_comes_back(database: Database) {
        let instance = Instance::start_ready(&database).await;
        assert_eq!(instance.register("alice").await.status, 201);
        for attempt in 0..150_u64 {
            let (path, body) = match attempt % 3 {
                0 => ("auth/register", format!(r#"{{"username":"left{attempt}","password":"{PASSWORD}"}}"#)),
                _ => ("auth/login", format!(r#"{{"identifier":"alice","password":"{PASSWORD}"}}"#)),
            };
            let mut stream = connect(&instance);
            write!(
                stream,
                "POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len(),
            )
            .unwrap();
            tokio::time::sleep(Duration::from_micros(attempt * 67 % 9000)).await;
            let _ = stream.shutdown(Shutdown::Both);
        }
        for _ in 0..20 {
            assert_eq!(instance.login("alice", PASSWORD).await.status, 200, "{}", instance.log());
        }
        let half = database.count(
            "SELECT count(*) AS n FROM sessions s WHERE NOT EXISTS \
             (SELECT 1 FROM audit_events e WHERE e.session_id = s.id AND e.kind = 'session.started')",
        );
        assert_eq!(half.await, 0);
        assert!(!instance.log().contains("panicked"), "{}", instance.log());
    }
}

fn connect(instance: &Instance) -> TcpStream {
    TcpStream::connect(instance.url.strip_prefix("http://").unwrap()).unwrap()
}

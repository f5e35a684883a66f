//! What was acknowledged survives the death of the process.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, PASSWORD},
};

on_both_databases! {
    async fn every_acknowledged_registration_survives_kill_9(database: Database) {
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        for round in 0..3 {
            let instance = Instance::start_for_load(&database).await;
            let callers: Vec<_> = (0..6)
                .map(|caller| {
                    let name = format!("r{round}c{caller}");
                    tokio::spawn(keep_registering(instance.url.clone(), name, Arc::clone(&acknowledged)))
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(500 + 130 * round)).await;
            instance.kill();
            for caller in callers {
                caller.await.unwrap();
            }
        }
        let names = acknowledged.lock().unwrap().clone();
        assert!(names.len() > 10, "{} registrations are no test", names.len());
        let instance = Instance::start_for_load(&database).await;
        for name in &names {
            let answer = instance.login(name, PASSWORD).await;
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
        }
        // Nothing half: whoever was not acknowledged is there in full or not at all.
        let half = database.count(
            "SELECT count(*) AS n FROM users u WHERE NOT EXISTS \
             (SELECT 1 FROM audit_events e WHERE e.subject = u.id AND e.kind = 'user.registered')",
        );
        assert_eq!(half.await, 0);
    }
}

async fn keep_registering(url: String, name: String, acknowledged: Arc<Mutex<Vec<String>>>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for count in 0.. {
        let username = format!("{name}n{count}");
        let body = serde_json::json!({ "username": username, "password": PASSWORD });
        match client
            .post(format!("{url}/api/v1/auth/register"))
            .json(&body)
            .send()
            .await
        {
            Ok(answer) if answer.status() == 201 => acknowledged.lock().unwrap().push(username),
            Ok(answer) => panic!("{}", answer.status()),
            Err(_) => return,
        }
    }
}

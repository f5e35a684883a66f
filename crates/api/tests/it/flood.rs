//! The gate against floods: what carries credentials passes it.

use std::num::NonZeroU32;

use reqwest::Method;
use serde_json::json;
use userhub_api::{ApiSettings, http::FloodLimit};
use userhub_domain::policy::Policy;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    operations::{NOBODY, Operation, operations},
    test_app::{Answered, TestApp},
};

/// What passes the gate.
const GUARDED: [&str; 9] = [
    "forgotPassword",
    "issueToken",
    "login",
    "refresh",
    "register",
    "requestVerification",
    "resetPassword",
    "verifyEmail",
    "verifyMfa",
];

fn settings(burst: u32) -> ApiSettings {
    let limit = |number| NonZeroU32::new(number).expect("not zero");
    ApiSettings {
        flood_limit: Some(FloodLimit {
            per_second: limit(1),
            burst: limit(burst),
        }),
        trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")],
        ..ApiSettings::default()
    }
}

async fn send(app: &TestApp, operation: &Operation, forwarded: &str) -> Answered {
    let client = app.anonymous();
    let request = operation.request(&client, NOBODY);
    client
        .send(request.header("X-Forwarded-For", forwarded))
        .await
}

#[tokio::test]
async fn a_network_that_floods_is_turned_away_from_all_of_them() {
    let app = TestApp::with(settings(1), Policy::default()).await;
    let all = operations(&app.state.document);
    let login = all.iter().find(|operation| operation.id == "login");
    let login = login.expect("an operation");
    send(&app, login, "192.0.2.7")
        .await
        .refused(422, "validation_failed");
    for operation in &all {
        let answer = send(&app, operation, "192.0.2.7").await;
        if !GUARDED.contains(&operation.id.as_str()) {
            assert_ne!(answer.status, 429, "{}", operation.id);
            continue;
        }
        answer.refused(429, "too_many_requests");
        assert_eq!(answer.header("retry-after"), "1", "{}", operation.id);
        let is_oauth = operation.id == "issueToken";
        assert_eq!(answer.json()["error"].is_string(), is_oauth);
    }
    // Each network has its own, unless two share a bucket by chance.
    let mut passed = 0;
    for number in 0..20 {
        let answer = send(&app, login, &format!("198.51.100.{number}")).await;
        passed += usize::from(answer.status == 422);
    }
    assert!(passed >= 18, "only {passed} of 20");
}

async fn what_people_need_passes(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    for _ in 0..100 {
        app.sign_in(&user).await;
    }
}

on_every_store!(what_people_need_passes);

#[tokio::test]
async fn it_can_be_left_out() {
    let settings = ApiSettings {
        flood_limit: None,
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let client = app.anonymous();
    for _ in 0..1_500 {
        let request = client.request(Method::POST, "/api/v1/auth/login");
        let answer = client.send(request.json(&json!({}))).await;
        answer.refused(422, "validation_failed");
    }
}

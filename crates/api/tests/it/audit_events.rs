//! `GET /api/v1/audit-events`

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use userhub_testkit::{a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{Client, PASSWORD, TestApp, path_of, text},
};

const EVENTS: &str = "/api/v1/audit-events";

async fn found(admin: &Client<'_>, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("{EVENTS}?{query}")).await.succeeded(200);
    page["items"].as_array().expect("a list").clone()
}

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| text(item, "kind")).collect()
}

async fn an_event_says_who_did_what_to_whom_from_where(app: TestApp) {
    let (admin, user) = (an_admin(), a_user());
    app.add(&admin).await;
    app.add(&user).await;
    let client = app.as_user(&admin).await;
    let request = client
        .request(Method::PATCH, &path_of(&user))
        .header("User-Agent", "Console/1")
        .header("X-Request-Id", "trace-7")
        .json(&json!({"role": "admin", "first_name": "Secret Name"}));
    client.send(request).await.succeeded(200);
    let answer = client.get(&format!("{EVENTS}?subject={}", user.id)).await;
    let page = answer.succeeded(200);
    let changed = page["items"].as_array().expect("a list");
    let changed = changed
        .iter()
        .find(|one| one["kind"] == "user.role_changed")
        .expect("written");
    assert_eq!(changed["actor"], admin.id.to_string());
    assert_eq!(changed["subject"], user.id.to_string());
    assert_eq!(
        (&changed["address"], &changed["user_agent"]),
        (&json!("127.0.0.1"), &json!("Console/1"))
    );
    assert_eq!(
        (&changed["request_id"], &changed["fields"]),
        (&json!("trace-7"), &json!(["role"]))
    );
    assert_eq!(changed["at"], "2026-01-01T00:00:00.000000Z");
    assert!(
        !answer.text.contains("Secret Name"),
        "names of members, never values"
    );
}

async fn a_failed_sign_in_has_no_actor_and_keeps_no_text(app: TestApp) {
    let admin = app.as_admin().await;
    let body = json!({"identifier": "somebody-unknown", "password": "sesame-open"});
    app.anonymous()
        .post("/api/v1/auth/login", body)
        .await
        .refused(401, "invalid_credentials");
    let answer = admin.get(&format!("{EVENTS}?kind=session.failed")).await;
    let page = answer.succeeded(200);
    let event = &page["items"][0];
    assert_eq!(
        (&event["actor"], &event["subject"]),
        (&json!(null), &json!(null))
    );
    assert!(!answer.text.contains("somebody-unknown") && !answer.text.contains("sesame"));
}

async fn filters_narrow_the_list(app: TestApp) {
    let (admin, user) = (an_admin(), a_user());
    app.add(&admin).await;
    app.add(&user).await;
    let client = app.as_user(&admin).await;
    for (minutes, body) in [
        (1, json!({"first_name": "A"})),
        (1, json!({"is_active": false})),
    ] {
        app.clock.advance(TimeDelta::minutes(minutes));
        client.patch(&path_of(&user), body).await.succeeded(200);
    }
    let all = found(&client, "").await;
    assert_eq!(
        kinds(&all),
        ["user.suspended", "user.updated", "session.started"],
        "newest first"
    );
    for (query, expected) in [
        (
            format!("subject={}", user.id),
            &["user.suspended", "user.updated"][..],
        ),
        (format!("subject={}", admin.id), &["session.started"]),
        (
            format!("actor={}", admin.id),
            &["user.suspended", "user.updated", "session.started"],
        ),
        (format!("actor={}", user.id), &[]),
        ("actor=operator:cli".to_owned(), &[]),
        ("kind=user.updated".to_owned(), &["user.updated"]),
        (
            "from=2026-01-01T00:01:00Z&to=2026-01-01T00:02:00Z".to_owned(),
            &["user.updated"],
        ),
        ("from=2026-01-01T00:02:00.000001Z".to_owned(), &[]),
        ("limit=1".to_owned(), &["user.suspended"]),
    ] {
        assert_eq!(kinds(&found(&client, &query).await), expected, "{query}");
    }
}

async fn pages_go_back_in_time(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    for _ in 0..5 {
        app.clock.advance(TimeDelta::seconds(1));
        app.sign_in(&user).await;
    }
    let admin = app.as_admin().await;
    let mut times = Vec::new();
    let mut next = String::new();
    for _ in 0..5 {
        let query = format!("{EVENTS}?limit=2&subject={}{next}", user.id);
        let page = admin.get(&query).await.succeeded(200);
        let items = page["items"].as_array().expect("a list");
        times.extend(items.iter().map(|item| text(item, "at").to_owned()));
        // What happens meanwhile is newer and does not disturb.
        app.clock.advance(TimeDelta::seconds(1));
        app.sign_in(&user).await;
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let expected: Vec<_> = (1..=5)
        .rev()
        .map(|second| format!("2026-01-01T00:00:0{second}.000000Z"))
        .collect();
    assert_eq!(times, expected);
}

async fn every_bad_parameter_is_named_at_once(app: TestApp) {
    let admin = app.as_admin().await;
    let query = "actor=me&subject=x&kind=user.hacked&from=now&to=&limit=101&cursor=x";
    admin.get(&format!("{EVENTS}?{query}")).await.violates(&[
        ("actor", "invalid_format"),
        ("cursor", "invalid_format"),
        ("from", "invalid_format"),
        ("kind", "invalid_format"),
        ("limit", "too_long"),
        ("subject", "invalid_format"),
        ("to", "invalid_format"),
    ]);
    for query in [
        "actor=operator:a%00b",
        "actor=%00",
        "kind=%00",
        "subject=%00",
        "from=%00",
    ] {
        let answer = admin.get(&format!("{EVENTS}?{query}")).await;
        answer.refused(422, "validation_failed");
    }
}

async fn nothing_can_be_written_or_removed_through_the_api(app: TestApp) {
    let admin = app.as_admin().await;
    let id = text(&found(&admin, "").await[0], "id").to_owned();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = admin.send(admin.request(method.clone(), EVENTS)).await;
        answer.refused(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        let answer = admin
            .send(admin.request(method, &format!("{EVENTS}/{id}")))
            .await;
        answer.refused(404, "not_found");
    }
    assert_eq!(found(&admin, "").await.len(), 1);
}

async fn what_is_refused_leaves_no_event(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    client
        .delete(&path_of(&other))
        .await
        .refused(403, "forbidden");
    let body = json!({"username": "me", "password": PASSWORD});
    app.anonymous()
        .post("/api/v1/auth/register", body)
        .await
        .refused(422, "validation_failed");
    assert!(app.events_about(other.id).await.is_empty());
    assert_eq!(app.kinds_about(user.id).await, ["session.started"]);
}

on_every_store!(
    an_event_says_who_did_what_to_whom_from_where,
    a_failed_sign_in_has_no_actor_and_keeps_no_text,
    filters_narrow_the_list,
    pages_go_back_in_time,
    every_bad_parameter_is_named_at_once,
    nothing_can_be_written_or_removed_through_the_api,
    what_is_refused_leaves_no_event,
);

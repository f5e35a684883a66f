//! `GET`, `POST /api/v1/auth/api-keys`, `DELETE …/{id}`, and how long keys are
//! good

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::audit::EventKind;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    factors::{API_KEYS, create_key},
    flows::NEXT,
    operations::NOBODY,
    test_app::{PASSWORD, TestApp, path_of, text},
};

const ME: &str = "/api/v1/auth/me";

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().expect("items")
}

async fn a_key_is_shown_once_used_and_revoked(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let none = client.get(API_KEYS).await.succeeded(200);
    assert_eq!(none, json!({ "items": [] }));
    let body = json!({ "name": " nightly report ", "scopes": ["write", "read"] });
    let answer = client.post(API_KEYS, body).await;
    let created = answer.succeeded(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let key = text(&created, "key");
    assert!(key.starts_with("uhk_") && key.len() == 68, "{key}");
    assert!(key.starts_with(text(&created, "prefix")));
    assert_eq!(text(&created, "prefix").len(), 12);
    assert_eq!(created["name"], "nightly report");
    assert_eq!(created["scopes"], json!(["read", "write"]));

    let program = app.with_token(key);
    let me = program.get(ME).await.succeeded(200);
    assert_eq!(me["id"], user.id.to_string());
    let answer = client.get(API_KEYS).await;
    let listed = answer.succeeded(200);
    assert!(!answer.text.contains(key), "{}", answer.text);
    let [listed] = &items(&listed)[..] else {
        panic!("not one: {listed}");
    };
    assert!(created["last_used_at"].is_null() && listed["last_used_at"].is_string());
    for member in ["id", "name", "prefix", "scopes", "created_at", "expires_at"] {
        assert_eq!(listed[member], created[member], "{member}");
    }

    let other = app.another().await;
    other.with_token(key).get(ME).await.succeeded(200);
    let path = format!("{API_KEYS}/{}", text(&created, "id"));
    client.delete(&path).await.succeeded(204);
    program.get(ME).await.refused(401, "invalid_token");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let answer = other.with_token(key).get(ME).await;
    answer.refused(401, "invalid_token");
    client.delete(&path).await.refused(404, "api_key_not_found");
    assert_eq!(client.get(API_KEYS).await.succeeded(200), none);
    app.event(user.id, EventKind::ApiKeyCreated).await;
    app.event(user.id, EventKind::ApiKeyRevoked).await;
}

async fn everybody_has_keys_of_their_own(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let created = create_key(&app.as_user(&user).await, &["read"]).await;
    let stranger = app.as_user(&other).await;
    let listed = stranger.get(API_KEYS).await.succeeded(200);
    assert!(items(&listed).is_empty());
    for id in [text(&created, "id"), NOBODY, "nonsense"] {
        let answer = stranger.delete(&format!("{API_KEYS}/{id}")).await;
        answer.refused(404, "api_key_not_found");
    }
    let program = app.with_token(text(&created, "key"));
    program.get(ME).await.succeeded(200);
}

async fn a_key_ends_when_it_was_meant_to(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let with_end = |end: &str| json!({ "name": "ci", "scopes": ["read"], "expires_at": end });
    for past in ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"] {
        let answer = client.post(API_KEYS, with_end(past)).await;
        answer.violates(&[("expires_at", "invalid_format")]);
    }
    let answer = client
        .post(API_KEYS, with_end("2026-01-01T01:00:00+00:30"))
        .await;
    let created = answer.succeeded(201);
    assert_eq!(created["expires_at"], "2026-01-01T00:30:00.000000Z");
    let program = app.with_token(text(&created, "key"));
    app.clock
        .advance(TimeDelta::minutes(30) - TimeDelta::microseconds(1));
    program.get(ME).await.succeeded(200);
    app.clock.advance(TimeDelta::microseconds(1));
    program.get(ME).await.refused(401, "invalid_token");
}

async fn every_rule_is_told_at_once(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let answer = client.post(API_KEYS, json!({})).await;
    answer.violates(&[("name", "required"), ("scopes", "required")]);
    let body = json!({ "name": "", "scopes": [], "expires_at": "tomorrow" });
    let answer = client.post(API_KEYS, body).await;
    let named: Vec<_> = answer.errors().into_iter().map(|one| one.0).collect();
    assert_eq!(named, ["expires_at", "name", "scopes"], "{}", answer.text);
    for scopes in [
        json!(["admin"]),
        json!(["read", "read"]),
        json!(["READ"]),
        json!("read"),
        json!([1]),
        json!([null]),
        json!(vec!["read"; 1_000]),
        json!({ "read": true }),
    ] {
        let body = json!({ "name": "ci", "scopes": scopes });
        let answer = client.post(API_KEYS, body).await;
        answer.refused(422, "validation_failed");
    }
    for name in ["a\nb", "a\0b", &"x".repeat(101), &"x".repeat(60_000)] {
        let body = json!({ "name": name, "scopes": ["read"] });
        let answer = client.post(API_KEYS, body).await;
        answer.refused(422, "validation_failed");
    }
    assert!(items(&client.get(API_KEYS).await.succeeded(200)).is_empty());
}

async fn what_looks_like_a_key_is_none(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let created = create_key(&app.as_user(&user).await, &["read"]).await;
    let key = text(&created, "key");
    let bits = key.trim_start_matches("uhk_");
    for bad in [
        &key[..67],
        &key.to_uppercase(),
        &format!("{key}0"),
        &format!("UHK_{bits}"),
        &format!("uhr_{bits}"),
        &format!("uhm_{bits}"),
        bits,
        text(&created, "prefix"),
        text(&created, "id"),
    ] {
        let answer = app.with_token(bad).get(ME).await;
        answer.refused(401, "invalid_token");
    }
}

async fn a_key_is_refused_while_its_owner_cannot_sign_in(app: TestApp) {
    let (user, admin) = (a_user(), app.as_admin().await);
    app.add(&user).await;
    let program = app.as_new_key(&user, &["read"]).await;
    let other = app.another().await;
    let key = program.token.clone().expect("a key");
    let elsewhere = other.with_token(&key);
    elsewhere.get(ME).await.succeeded(200);
    let path = path_of(&user);
    let suspend = |active: bool| json!({ "is_active": active });
    admin.patch(&path, suspend(false)).await.succeeded(200);
    program.get(ME).await.refused(401, "invalid_token");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    elsewhere.get(ME).await.refused(401, "invalid_token");
    admin.patch(&path, suspend(true)).await.succeeded(200);
    program.get(ME).await.succeeded(200);
    admin.delete(&path).await.succeeded(204);
    program.get(ME).await.refused(401, "invalid_token");
}

async fn a_key_outlives_a_change_of_password_and_signing_out_but_no_reset(app: TestApp) {
    let (user, admin) = (a_user(), app.as_admin().await);
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let created = create_key(&client, &["read"]).await;
    let program = app.with_token(text(&created, "key"));
    let body = json!({ "current_password": PASSWORD, "new_password": NEXT });
    let answer = client.post("/api/v1/auth/password/change", body).await;
    answer.succeeded(204);
    program.get(ME).await.succeeded(200);
    let answer = client.post_nothing("/api/v1/auth/logout-all").await;
    answer.succeeded(204);
    program.get(ME).await.succeeded(200);
    let path = format!("{}/logout", path_of(&user));
    admin.post_nothing(&path).await.succeeded(204);
    program.get(ME).await.succeeded(200);

    let path = format!("{}/password-reset", path_of(&user));
    let ticket = admin.post_nothing(&path).await.succeeded(201);
    program.get(ME).await.succeeded(200);
    let answer = app.reset(text(&ticket, "token"), PASSWORD).await;
    answer.succeeded(204);
    program.get(ME).await.refused(401, "invalid_token");
    let listed = app.as_user(&user).await.get(API_KEYS).await.succeeded(200);
    assert!(items(&listed).is_empty());
}

on_every_store!(
    a_key_is_shown_once_used_and_revoked,
    everybody_has_keys_of_their_own,
    a_key_ends_when_it_was_meant_to,
    every_rule_is_told_at_once,
    what_looks_like_a_key_is_none,
    a_key_is_refused_while_its_owner_cannot_sign_in,
    a_key_outlives_a_change_of_password_and_signing_out_but_no_reset,
);

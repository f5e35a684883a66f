//! `POST /api/v1/users`

use serde_json::json;
use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::{UserBuilder, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{PASSWORD, TestApp, id_of},
};

const USERS: &str = "/api/v1/users";

async fn an_administrator_sets_every_member(app: TestApp) {
    let admin = an_admin();
    app.add(&admin).await;
    let client = app.as_user(&admin).await;
    let body = json!({
        "username": "Support", "email": "Bob@Example.org", "first_name": "Bob",
        "last_name": "Builder", "phone_number": "+1 555 123 4567", "role": "admin",
        "email_verified": true, "external_id": "crm-7", "metadata": {"plan": "pro"},
        "password": PASSWORD,
    });
    let answer = client.post(USERS, body).await;
    let user = answer.succeeded(201);
    let id = id_of(&user);
    assert_eq!(answer.header("location"), format!("{USERS}/{id}"));
    assert_eq!(answer.header("etag"), "\"1\"");
    let expected = json!({
        "id": id.to_string(), "username": "Support", "email": "Bob@Example.org",
        "email_verified": true, "first_name": "Bob", "last_name": "Builder",
        "phone_number": "+15551234567", "role": "admin", "status": "active", "is_active": true,
        "mfa_enabled": false, "external_id": "crm-7", "metadata": {"plan": "pro"}, "version": 1,
        "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
        "last_login_at": null, "deleted_at": null,
    });
    assert_eq!(user, expected);
    assert_eq!(
        client.get(answer.header("location")).await.succeeded(200),
        expected
    );
    assert_eq!(
        app.event(id, EventKind::UserCreated).await.actor,
        Actor::User(admin.id)
    );
    let body = json!({"identifier": "support", "password": PASSWORD});
    app.anonymous()
        .post("/api/v1/auth/login", body)
        .await
        .succeeded(200);
}

async fn what_is_not_said_is_as_little_as_possible(app: TestApp) {
    let admin = app.as_admin().await;
    let body = json!({"email": "bob@example.org", "password": PASSWORD});
    let user = admin.post(USERS, body).await.succeeded(201);
    assert_eq!(
        (&user["role"], &user["email_verified"]),
        (&json!("user"), &json!(false))
    );
    assert_eq!(
        (&user["username"], &user["metadata"]),
        (&json!(null), &json!({}))
    );
    let body = json!({"username": "bob", "email_verified": true, "password": PASSWORD});
    let user = admin.post(USERS, body).await.succeeded(201);
    assert_eq!(
        user["email_verified"], false,
        "there is nothing that could be verified"
    );
}

async fn every_violation_is_told_at_once(app: TestApp) {
    let admin = app.as_admin().await;
    admin.post(USERS, json!({})).await.violates(&[
        ("email", "required"),
        ("password", "required"),
        ("username", "required"),
    ]);
    let body = json!({
        "username": "me", "email": "a@b", "first_name": "a\nb", "last_name": " ",
        "phone_number": "1", "role": "owner", "email_verified": "yes", "external_id": "",
        "metadata": {"k": "a\0b"}, "password": "short", "is_active": false, "id": "x",
    });
    admin.post(USERS, body).await.violates(&[
        ("email", "invalid_format"),
        ("email_verified", "invalid_format"),
        ("external_id", "too_short"),
        ("first_name", "invalid_format"),
        ("id", "unknown_member"),
        ("is_active", "unknown_member"),
        ("last_name", "too_short"),
        ("metadata", "invalid_format"),
        ("password", "too_short"),
        ("phone_number", "invalid_format"),
        ("role", "invalid_format"),
        ("username", "too_short"),
    ]);
    let count = admin.get("/api/v1/users?count=true").await.succeeded(200);
    assert_eq!(count["total"], 1);
}

async fn every_identifier_that_is_taken_is_named(app: TestApp) {
    let alice = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .phone_number("+15551234567")
        .external_id("crm-1")
        .build();
    app.add(&alice).await;
    let admin = app.as_admin().await;
    let body = json!({
        "username": "ALICE", "email": "Alice@Example.org", "phone_number": "+15551234567",
        "external_id": "crm-1", "password": PASSWORD,
    });
    admin.post(USERS, body.clone()).await.names(
        409,
        "username_taken",
        &[
            ("email", "email_taken"),
            ("external_id", "external_id_taken"),
            ("phone_number", "phone_number_taken"),
            ("username", "username_taken"),
        ],
    );
    admin
        .delete(&format!("{USERS}/{}", alice.id))
        .await
        .succeeded(204);
    admin.post(USERS, body).await.succeeded(201);
}

on_every_store!(
    an_administrator_sets_every_member,
    what_is_not_said_is_as_little_as_possible,
    every_violation_is_told_at_once,
    every_identifier_that_is_taken_is_named,
);

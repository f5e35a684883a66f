//! `POST /api/v1/auth/register`

use serde_json::{Value, json};
use userhub_api::ApiSettings;
use userhub_domain::{
    audit::{Actor, EventKind},
    policy::{Policy, RequiredMember},
    users::Role,
};
use userhub_testkit::UserBuilder;

use crate::{
    backend::on_every_store,
    test_app::{Answered, PASSWORD, TestApp, id_of},
};

const REGISTER: &str = "/api/v1/auth/register";

async fn register(app: &TestApp, body: Value) -> Answered {
    app.anonymous().post(REGISTER, body).await
}

async fn a_new_account_is_answered_as_it_was_made(app: TestApp) {
    let body = json!({
        "username": "Alice", "email": " Alice@Example.org ", "first_name": "Alice",
        "last_name": "Liddell", "phone_number": "+1 (555) 123-4567", "password": PASSWORD,
    });
    let answer = register(&app, body).await;
    let user = answer.succeeded(201);
    let id = id_of(&user);
    assert_eq!(answer.header("location"), format!("/api/v1/users/{id}"));
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    let expected = json!({
        "id": id.to_string(), "username": "Alice", "email": "Alice@Example.org",
        "email_verified": false, "first_name": "Alice", "last_name": "Liddell",
        "phone_number": "+15551234567", "role": "user", "status": "active", "is_active": true,
        "mfa_enabled": false, "external_id": null, "metadata": {}, "version": 1,
        "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
        "last_login_at": null, "deleted_at": null,
    });
    assert_eq!(user, expected);
    let event = app.event(id, EventKind::UserRegistered).await;
    assert_eq!(event.actor, Actor::Anonymous);
    assert_eq!(
        event.origin.request_id.as_deref(),
        Some(answer.header("x-request-id"))
    );
    assert_eq!(app.kinds_about(id).await, ["user.registered"]);
}

async fn a_username_or_an_address_is_enough(app: TestApp) {
    for (member, value) in [("username", "alice"), ("email", "bob@example.org")] {
        let user = register(&app, json!({ member: value, "password": PASSWORD })).await;
        assert_eq!(user.succeeded(201)[member], value);
    }
    let answer = register(&app, json!({"first_name": "Nobody", "password": PASSWORD})).await;
    answer.violates(&[("email", "required"), ("username", "required")]);
}

async fn only_the_documented_members_can_be_set(app: TestApp) {
    let refused = json!({
        "username": "mallory", "password": PASSWORD, "role": "admin", "is_active": true,
        "status": "active", "id": "0190ffff-0000-7000-8000-000000000000", "email_verified": true,
        "external_id": "x", "metadata": {}, "version": 7, "created_at": "2020-01-01T00:00:00Z",
        "deleted_at": null, "password_hash": "x", "mfa_enabled": true,
    });
    register(&app, refused).await.violates(&[
        ("created_at", "unknown_member"),
        ("deleted_at", "unknown_member"),
        ("email_verified", "unknown_member"),
        ("external_id", "unknown_member"),
        ("id", "unknown_member"),
        ("is_active", "unknown_member"),
        ("metadata", "unknown_member"),
        ("mfa_enabled", "unknown_member"),
        ("password_hash", "unknown_member"),
        ("role", "unknown_member"),
        ("status", "unknown_member"),
        ("version", "unknown_member"),
    ]);
    let found = app
        .as_admin()
        .await
        .get("/api/v1/users?q=mallory")
        .await
        .succeeded(200);
    assert_eq!(found["items"], json!([]));
}

async fn every_violation_is_told_at_once(app: TestApp) {
    let body = json!({
        "username": "a@b.example", "email": "nobody", "first_name": "x".repeat(101),
        "last_name": "a\u{202e}b", "phone_number": "5551234", "password": "short",
    });
    register(&app, body).await.violates(&[
        ("email", "invalid_format"),
        ("first_name", "too_long"),
        ("last_name", "invalid_format"),
        ("password", "too_short"),
        ("phone_number", "invalid_format"),
        ("username", "invalid_format"),
    ]);
}

async fn every_identifier_that_is_taken_is_named(app: TestApp) {
    let alice = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .phone_number("+15551234567")
        .build();
    app.add(&alice).await;
    let body = json!({
        "username": "ALICE", "email": "alice@EXAMPLE.org", "phone_number": "+1 555 1234567",
        "password": PASSWORD,
    });
    register(&app, body).await.names(
        409,
        "username_taken",
        &[
            ("email", "email_taken"),
            ("phone_number", "phone_number_taken"),
            ("username", "username_taken"),
        ],
    );
    assert_eq!(
        app.hasher.hashes(),
        0,
        "nothing is hashed for somebody who is turned away"
    );
    let body = json!({"username": "alicia", "email": "Alice@example.org", "password": PASSWORD});
    register(&app, body)
        .await
        .names(409, "email_taken", &[("email", "email_taken")]);
    assert!(app.kinds_about(alice.id).await.is_empty());
}

async fn an_address_has_one_account_whatever_its_spelling(app: TestApp) {
    let body = json!({"email": "Alice@Example.org", "password": PASSWORD});
    let id = register(&app, body).await.succeeded(201)["id"].clone();
    for spelling in [
        "alice@EXAMPLE.org",
        " alice@example.org ",
        "ALICE@EXAMPLE.ORG",
    ] {
        let body = json!({"email": spelling, "password": PASSWORD});
        register(&app, body).await.refused(409, "email_taken");
        let body = json!({"identifier": spelling, "password": PASSWORD});
        let pair = app
            .anonymous()
            .post("/api/v1/auth/login", body)
            .await
            .succeeded(200);
        assert_eq!(pair["user"]["id"], id, "{spelling}");
    }
}

async fn hostile_addresses_are_refused(app: TestApp) {
    let long_local = format!("{}@example.org", "a".repeat(65));
    let long = format!("a@{}.example", "a.".repeat(130));
    for bad in [
        "a@b@example.org",
        "a@example.org\r\nBcc: x@example.org",
        "a@example.org\0",
        "@example.org",
        "a@",
        "a@localhost",
        "a@[127.0.0.1]",
        "\"a b\"@example.org",
        "a@example.org,b@example.org",
        "a b@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a@-example.org",
        "a@exam_ple.org",
        "аlice@example.org",
        "<a@example.org>",
        &long_local,
        &long,
        "",
    ] {
        let answer = register(&app, json!({"email": bad, "password": PASSWORD})).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.errors().len(), 1, "{bad:?}");
        assert_eq!(answer.errors()[0].0, "email", "{bad:?}");
    }
    let answer = register(
        &app,
        json!({"email": "a".repeat(60_000), "password": PASSWORD}),
    )
    .await;
    answer.violates(&[("email", "too_long")]);
}

async fn reserved_and_odd_names_are_refused(app: TestApp) {
    for (name, code) in [
        ("admin", "reserved"),
        ("ROOT", "reserved"),
        ("support", "reserved"),
        ("null", "reserved"),
        ("by-email", "reserved"),
        ("me", "too_short"),
        ("..", "too_short"),
        ("", "too_short"),
        ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "too_long"),
        ("a0eebc999c0b4ef8bb6d6bb9bd380a11", "reserved"),
        (".well-known", "invalid_format"),
        ("alice@example.org", "invalid_format"),
        ("аlice", "invalid_format"),
        ("ali\u{200b}ce", "invalid_format"),
        ("ali ce", "invalid_format"),
        ("alice\0", "invalid_format"),
        ("../../etc", "invalid_format"),
    ] {
        let answer = register(&app, json!({"username": name, "password": PASSWORD})).await;
        answer.violates(&[("username", code)]);
    }
}

async fn passwords_are_judged_by_length_and_strength_alone(app: TestApp) {
    let long = "correct horse battery ".repeat(60);
    for (password, code) in [
        ("sevench", "too_short"),
        ("ünïcödé", "too_short"),
        (&*long, "too_long"),
        ("password", "weak_password"),
        ("12345678", "weak_password"),
        ("alice-cooper", "weak_password"),
        ("ALICE@example.org", "weak_password"),
    ] {
        let body = json!({
            "username": "alice-cooper", "email": "alice@example.org", "password": password,
        });
        register(&app, body).await.violates(&[("password", code)]);
    }
    assert_eq!(app.hasher.hashes(), 0);
    for (place, password) in [
        "all lower case words",
        "9381745028374650192837465",
        "größere Übermütigkeit",
        &long[..1024],
        "eight ch",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("person-{place}");
        register(&app, json!({"username": name, "password": password}))
            .await
            .succeeded(201);
        let body = json!({"identifier": name, "password": password});
        app.anonymous()
            .post("/api/v1/auth/login", body)
            .await
            .succeeded(200);
    }
}

async fn the_name_of_a_deleted_account_starts_anew(app: TestApp) {
    let old = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .admin()
        .metadata([("plan", "pro")])
        .build();
    app.add(&old).await;
    let admin = app.as_admin().await;
    let before = app.as_user(&old).await;
    admin
        .delete(&format!("/api/v1/users/{}", old.id))
        .await
        .succeeded(204);
    let body = json!({
        "username": "alice", "email": "alice@example.org", "password": "walnut-harbour-quartz-3",
    });
    let user = register(&app, body).await.succeeded(201);
    assert_ne!(id_of(&user), old.id);
    assert_eq!(
        (&user["role"], &user["metadata"]),
        (&json!("user"), &json!({}))
    );
    assert_eq!(
        app.stored(id_of(&user)).await.expect("stored").role,
        Role::User
    );
    before
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    let body = json!({"identifier": "alice", "password": PASSWORD});
    app.anonymous()
        .post("/api/v1/auth/login", body)
        .await
        .refused(401, "invalid_credentials");
    admin
        .post_nothing(&format!("/api/v1/users/{}/restore", old.id))
        .await
        .names(
            409,
            "username_taken",
            &[("email", "email_taken"), ("username", "username_taken")],
        );
}

on_every_store!(
    a_new_account_is_answered_as_it_was_made,
    a_username_or_an_address_is_enough,
    only_the_documented_members_can_be_set,
    every_violation_is_told_at_once,
    every_identifier_that_is_taken_is_named,
    an_address_has_one_account_whatever_its_spelling,
    hostile_addresses_are_refused,
    reserved_and_odd_names_are_refused,
    passwords_are_judged_by_length_and_strength_alone,
    the_name_of_a_deleted_account_starts_anew,
);

#[tokio::test]
async fn closed_registration_is_told_and_nothing_is_made() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    let app = TestApp::with(ApiSettings::default(), policy).await;
    let answer = register(&app, json!({"username": "alice", "password": PASSWORD})).await;
    answer.refused(403, "registration_closed");
    assert!(app.memory().all_users().is_empty());
}

#[tokio::test]
async fn members_can_be_required() {
    let mut policy = Policy::default();
    policy.registration.required = RequiredMember::ALL.into();
    let app = TestApp::with(ApiSettings::default(), policy).await;
    register(&app, json!({"password": PASSWORD}))
        .await
        .violates(&[
            ("email", "required"),
            ("first_name", "required"),
            ("last_name", "required"),
            ("phone_number", "required"),
            ("username", "required"),
        ]);
}

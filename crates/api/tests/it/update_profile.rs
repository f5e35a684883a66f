//! `PATCH` and `PUT /api/v1/users/me`

use reqwest::Method;
use serde_json::json;
use userhub_domain::{
    audit::{Actor, EventKind},
    users::User,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{backend::on_every_store, test_app::TestApp};

const ME: &str = "/api/v1/users/me";

fn alice() -> User {
    UserBuilder::new()
        .username("alice")
        .first_name("Alice")
        .last_name("Liddell")
        .phone_number("+15551234567")
        .build()
}

async fn absent_keeps_null_clears_and_a_value_sets(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let body = json!({"last_name": "  Hargreaves ", "phone_number": null});
    let answer = client.patch(ME, body).await;
    let changed = answer.succeeded(200);
    assert_eq!(answer.header("etag"), "\"2\"");
    assert!(answer.header("deprecation").is_empty());
    assert_eq!(
        (
            &changed["first_name"],
            &changed["last_name"],
            &changed["phone_number"]
        ),
        (&json!("Alice"), &json!("Hargreaves"), &json!(null)),
    );
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["updated_at"], "2026-01-01T00:01:00.000000Z");
    assert_eq!(changed["created_at"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(client.get(ME).await.succeeded(200), changed);
    let event = app.event(user.id, EventKind::UserUpdated).await;
    assert_eq!(event.actor, Actor::User(user.id));
    assert_eq!(event.fields, ["last_name", "phone_number"]);
}

async fn put_is_the_same_and_says_that_it_goes_away(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let answer = client.put(ME, json!({"first_name": "Alicia"})).await;
    let changed = answer.succeeded(200);
    assert!(answer.header("deprecation").starts_with('@'));
    assert_eq!(
        (&changed["first_name"], &changed["last_name"]),
        (&json!("Alicia"), &json!("Liddell")),
    );
}

async fn a_merge_patch_has_a_content_type_of_its_own(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let request = client
        .request(Method::PATCH, ME)
        .header("Content-Type", "application/merge-patch+json")
        .body(r#"{"first_name": null}"#);
    assert_eq!(
        client.send(request).await.succeeded(200)["first_name"],
        json!(null)
    );
}

async fn nothing_changed_is_no_version_and_no_event(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    for body in [
        json!({}),
        json!({"first_name": "Alice", "phone_number": "+1 555 123 4567"}),
    ] {
        let answer = client.patch(ME, body).await;
        assert_eq!(answer.succeeded(200)["version"], 1);
        assert_eq!(answer.header("etag"), "\"1\"");
    }
    assert_eq!(app.kinds_about(user.id).await, ["session.started"]);
}

async fn only_the_profile_is_ones_own_to_change(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({
        "first_name": "Mallory", "email": "new@example.org", "password": "walnut-harbour-quartz-3",
        "role": "admin", "is_active": true, "email_verified": true, "external_id": "x",
        "metadata": {"a": "b"}, "id": "x", "version": 9, "deleted_at": null,
    });
    client.patch(ME, body).await.violates(&[
        ("deleted_at", "unknown_member"),
        ("email", "not_allowed"),
        ("email_verified", "unknown_member"),
        ("external_id", "unknown_member"),
        ("id", "unknown_member"),
        ("is_active", "unknown_member"),
        ("metadata", "unknown_member"),
        ("password", "not_allowed"),
        ("role", "unknown_member"),
        ("version", "unknown_member"),
    ]);
    let nulled = json!({"email": null, "password": null});
    let answer = client.patch(ME, nulled).await;
    answer.violates(&[("email", "not_allowed"), ("password", "not_allowed")]);
    let stored = app.stored(user.id).await.expect("stored");
    assert_eq!(stored.first_name, user.first_name);
}

async fn every_violation_is_told_at_once(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({
        "username": "Admin", "first_name": "", "last_name": "a\0b", "phone_number": 5,
    });
    client.patch(ME, body).await.violates(&[
        ("first_name", "too_short"),
        ("last_name", "invalid_format"),
        ("phone_number", "invalid_format"),
        ("username", "reserved"),
    ]);
}

async fn a_username_can_be_changed_and_cleared_where_an_address_is_left(app: TestApp) {
    let (user, nameless) = (
        alice(),
        UserBuilder::new().username("bob").no_email().build(),
    );
    app.add(&user).await;
    app.add(&nameless).await;
    let client = app.as_user(&user).await;
    for username in [json!("ALICE"), json!("alicia"), json!(null)] {
        let changed = client
            .patch(ME, json!({"username": username}))
            .await
            .succeeded(200);
        assert_eq!(changed["username"], username);
    }
    let client = app.as_user(&nameless).await;
    let answer = client.patch(ME, json!({"username": null})).await;
    answer.violates(&[("username", "required")]);
    client
        .patch(ME, json!({"username": "alice"}))
        .await
        .succeeded(200);
}

async fn what_is_taken_is_named(app: TestApp) {
    let (user, other) = (a_user(), alice());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    let body = json!({"username": "ALICE", "phone_number": "+15551234567", "first_name": "x"});
    client.patch(ME, body).await.names(
        409,
        "username_taken",
        &[
            ("phone_number", "phone_number_taken"),
            ("username", "username_taken"),
        ],
    );
    let stored = app.stored(user.id).await.expect("stored");
    assert_eq!(
        (stored.version, &stored.first_name),
        (user.version, &user.first_name)
    );
}

async fn only_the_version_that_was_asked_for_is_changed(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let change = |method: Method, tag: &str, name: &str| {
        let request = client.request(method, ME).header("If-Match", tag);
        client.send(request.json(&json!({"first_name": name})))
    };
    change(Method::PATCH, "\"1\"", "Second")
        .await
        .succeeded(200);
    for stale in [
        "\"1\"",
        "\"3\"",
        "W/\"2\"",
        "2",
        "nonsense",
        "\"9223372036854775808\"",
    ] {
        change(Method::PATCH, stale, "Lost")
            .await
            .refused(412, "version_mismatch");
        change(Method::PUT, stale, "Lost")
            .await
            .refused(412, "version_mismatch");
    }
    assert_eq!(client.get(ME).await.succeeded(200)["first_name"], "Second");
    for (good, name) in [
        ("\"2\"", "Third"),
        ("*", "Fourth"),
        ("\"1\", \"4\"", "Fifth"),
    ] {
        assert_eq!(
            change(Method::PATCH, good, name).await.succeeded(200)["first_name"],
            name
        );
    }
}

on_every_store!(
    absent_keeps_null_clears_and_a_value_sets,
    put_is_the_same_and_says_that_it_goes_away,
    a_merge_patch_has_a_content_type_of_its_own,
    nothing_changed_is_no_version_and_no_event,
    only_the_profile_is_ones_own_to_change,
    every_violation_is_told_at_once,
    a_username_can_be_changed_and_cleared_where_an_address_is_left,
    what_is_taken_is_named,
    only_the_version_that_was_asked_for_is_changed,
);

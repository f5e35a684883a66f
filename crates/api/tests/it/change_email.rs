//! `POST /api/v1/auth/email/change`

use serde_json::json;
use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{PASSWORD, TestApp, path_of},
};

const CHANGE: &str = "/api/v1/auth/email/change";

async fn the_new_address_is_in_force_at_once_and_unverified(app: TestApp) {
    let user = UserBuilder::new()
        .email("old@example.org")
        .verified()
        .build();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({"email": " New@Example.org ", "password": PASSWORD});
    let answer = client.post(CHANGE, body).await;
    let changed = answer.succeeded(200);
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(
        (
            &changed["email"],
            &changed["email_verified"],
            &changed["version"]
        ),
        (&json!("New@Example.org"), &json!(false), &json!(2)),
    );
    assert_eq!(client.get("/api/v1/users/me").await.succeeded(200), changed);
    for (email, status) in [("new@example.org", 200), ("old@example.org", 401)] {
        let body = json!({"email": email, "password": PASSWORD});
        let answer = app.anonymous().post("/api/v1/auth/login", body).await;
        assert_eq!(answer.status, status, "{email}");
    }
    let event = app.event(user.id, EventKind::EmailChanged).await;
    assert_eq!(
        (event.actor, event.fields),
        (Actor::User(user.id), vec!["email".to_owned()])
    );
    let body = json!({"email": "old@example.org", "password": "walnut-harbour-quartz-3"});
    app.anonymous()
        .post("/api/v1/auth/register", body)
        .await
        .succeeded(201);
}

async fn another_spelling_stays_verified(app: TestApp) {
    let user = UserBuilder::new()
        .email("alice@example.org")
        .verified()
        .build();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({"email": "Alice@Example.org", "password": PASSWORD});
    let changed = client.post(CHANGE, body.clone()).await.succeeded(200);
    assert_eq!(changed["email_verified"], true);
    let again = client.post(CHANGE, body).await.succeeded(200);
    assert_eq!(
        again["version"], changed["version"],
        "the same address is no change"
    );
    app.event(user.id, EventKind::EmailChanged).await;
}

async fn what_is_refused_changes_nothing(app: TestApp) {
    let (user, other) = (
        a_user(),
        UserBuilder::new().email("other@example.org").build(),
    );
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    let body = json!({"email": "new@example.org", "password": "wrong-password"});
    client
        .post(CHANGE, body)
        .await
        .refused(403, "wrong_password");
    let body = json!({"email": "OTHER@example.org", "password": PASSWORD});
    client
        .post(CHANGE, body)
        .await
        .names(409, "email_taken", &[("email", "email_taken")]);
    let answer = client.post(CHANGE, json!({})).await;
    answer.violates(&[("email", "required"), ("password", "required")]);
    let body = json!({"email": "nobody", "password": "x".repeat(1025)});
    let answer = client.post(CHANGE, body).await;
    answer.violates(&[("email", "invalid_format"), ("password", "too_long")]);
    let stored = app.stored(user.id).await.expect("stored");
    assert_eq!(
        (stored.email.as_ref(), stored.version),
        (user.email.as_ref(), user.version)
    );
    let kinds = app.kinds_about(user.id).await;
    assert_eq!(kinds, ["session.failed", "session.started"]);
}

async fn a_suspended_account_changes_nothing(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let admin = app.as_admin().await;
    admin
        .patch(&path_of(&user), json!({"is_active": false}))
        .await
        .succeeded(200);
    let body = json!({"email": "new@example.org", "password": PASSWORD});
    client
        .post(CHANGE, body)
        .await
        .refused(401, "invalid_token");
}

on_every_store!(
    the_new_address_is_in_force_at_once_and_unverified,
    another_spelling_stays_verified,
    what_is_refused_changes_nothing,
    a_suspended_account_changes_nothing,
);

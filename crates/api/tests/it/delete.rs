//! `DELETE /api/v1/users/{id}`, `POST /api/v1/users/{id}/restore` and `/purge`

use serde_json::json;
use userhub_domain::{
    audit::{Actor, EventKind},
    users::User,
};
use userhub_testkit::{UserBuilder, a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{Answered, Client, PASSWORD, TestApp, path_of, text},
};

async fn restore(admin: &Client<'_>, user: &User) -> Answered {
    admin
        .post_nothing(&format!("{}/restore", path_of(user)))
        .await
}

async fn purge(admin: &Client<'_>, user: &User) -> Answered {
    admin
        .post_nothing(&format!("{}/purge", path_of(user)))
        .await
}

async fn a_deleted_user_is_out_at_once_and_deleting_again_changes_nothing(app: TestApp) {
    let (admin, user) = (an_admin(), a_user());
    app.add(&admin).await;
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let client = app.as_user(&admin).await;
    client.delete(&path_of(&user)).await.succeeded(204);
    app.clock.advance(chrono::TimeDelta::minutes(1));
    client.delete(&path_of(&user)).await.succeeded(204);
    let own = app.with_token(text(&pair, "access_token"));
    own.get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    let seen = client.get(&path_of(&user)).await.succeeded(200);
    assert_eq!(
        (&seen["status"], &seen["version"]),
        (&json!("deleted"), &json!(2))
    );
    assert_eq!(seen["deleted_at"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(
        app.event(user.id, EventKind::UserDeleted).await.actor,
        Actor::User(admin.id)
    );
}

async fn a_restored_user_is_as_before_and_signs_in_anew(app: TestApp) {
    let user = UserBuilder::new()
        .username("alice")
        .metadata([("plan", "pro")])
        .build();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let admin = app.as_admin().await;
    admin.delete(&path_of(&user)).await.succeeded(204);
    let answer = restore(&admin, &user).await;
    let restored = answer.succeeded(200);
    assert_eq!(answer.header("etag"), "\"3\"");
    assert_eq!(
        (&restored["status"], &restored["deleted_at"]),
        (&json!("active"), &json!(null))
    );
    assert_eq!(restored["metadata"], json!({"plan": "pro"}));
    let old = app.with_token(text(&pair, "access_token"));
    old.get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    app.sign_in(&user).await;
    restore(&admin, &user).await.refused(409, "not_deleted");
    app.event(user.id, EventKind::UserRestored).await;
}

async fn a_suspended_user_comes_back_suspended(app: TestApp) {
    let user = UserBuilder::new().suspended().build();
    app.add(&user).await;
    let admin = app.as_admin().await;
    admin.delete(&path_of(&user)).await.succeeded(204);
    assert_eq!(
        restore(&admin, &user).await.succeeded(200)["status"],
        "suspended"
    );
}

async fn nobody_is_restored_over_a_new_owner(app: TestApp) {
    let old = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .phone_number("+15551234567")
        .external_id("crm-1")
        .deleted()
        .build();
    app.add(&old).await;
    let admin = app.as_admin().await;
    let body = json!({
        "username": "Alice", "email": "ALICE@example.org", "phone_number": "+15551234567",
        "external_id": "crm-1", "password": PASSWORD,
    });
    admin.post("/api/v1/users", body).await.succeeded(201);
    restore(&admin, &old).await.names(
        409,
        "username_taken",
        &[
            ("email", "email_taken"),
            ("external_id", "external_id_taken"),
            ("phone_number", "phone_number_taken"),
            ("username", "username_taken"),
        ],
    );
    assert_eq!(app.stored(old.id).await, Some(old));
}

async fn purging_removes_the_user_and_leaves_the_events_without_a_person(app: TestApp) {
    let user = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .build();
    app.add(&user).await;
    app.sign_in(&user).await;
    let admin = app.as_admin().await;
    purge(&admin, &user).await.refused(409, "not_deleted");
    admin.delete(&path_of(&user)).await.succeeded(204);
    purge(&admin, &user).await.succeeded(204);
    admin
        .get(&path_of(&user))
        .await
        .refused(404, "user_not_found");
    purge(&admin, &user).await.refused(404, "user_not_found");
    restore(&admin, &user).await.refused(404, "user_not_found");
    let path = format!("/api/v1/audit-events?subject={}", user.id);
    let events = admin.get(&path).await;
    let items = events.succeeded(200)["items"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(items.len(), 3, "{items:?}");
    let own = items
        .iter()
        .find(|one| one["kind"] == "session.started")
        .expect("kept");
    assert_eq!(
        (&own["address"], &own["user_agent"]),
        (&json!(null), &json!(null))
    );
    assert!(!events.text.contains("alice"));
}

async fn the_last_administrator_stays(app: TestApp) {
    let admin = an_admin();
    app.add(&admin).await;
    let client = app.as_user(&admin).await;
    client
        .delete(&path_of(&admin))
        .await
        .refused(409, "last_admin");
    client.get("/api/v1/users").await.succeeded(200);
}

async fn who_is_not_there_cannot_be_deleted(app: TestApp) {
    let admin = app.as_admin().await;
    for id in ["0190ffff-0000-7000-8000-000000000000", "nonsense", "me"] {
        let path = format!("/api/v1/users/{id}");
        if id != "me" {
            admin.delete(&path).await.refused(404, "user_not_found");
        }
        for verb in ["restore", "purge"] {
            admin
                .post_nothing(&format!("{path}/{verb}"))
                .await
                .refused(404, "user_not_found");
        }
    }
}

on_every_store!(
    a_deleted_user_is_out_at_once_and_deleting_again_changes_nothing,
    a_restored_user_is_as_before_and_signs_in_anew,
    a_suspended_user_comes_back_suspended,
    nobody_is_restored_over_a_new_owner,
    purging_removes_the_user_and_leaves_the_events_without_a_person,
    the_last_administrator_stays,
    who_is_not_there_cannot_be_deleted,
);

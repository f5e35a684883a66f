//! `PATCH` and `PUT /api/v1/users/{id}`

use reqwest::Method;
use serde_json::{Value, json};
use userhub_domain::{
    audit::{Actor, EventKind},
    users::User,
};
use userhub_testkit::{UserBuilder, a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{TestApp, path_of, text},
};

async fn an_administrator_changes_everything(app: TestApp) {
    let (admin, user) = (
        an_admin(),
        UserBuilder::new()
            .metadata([("a", "1"), ("b", "2")])
            .build(),
    );
    app.add(&admin).await;
    app.add(&user).await;
    let client = app.as_user(&admin).await;
    let body = json!({
        "username": "support", "email": "new@example.org", "email_verified": true,
        "first_name": "Ann", "last_name": "Other", "phone_number": "+15551234567",
        "role": "admin", "external_id": "crm-7", "metadata": {"a": null, "c": "3"},
    });
    let answer = client.patch(&path_of(&user), body.clone()).await;
    let changed = answer.succeeded(200);
    assert_eq!(answer.header("etag"), "\"2\"");
    for (member, value) in body.as_object().expect("members") {
        if member != "metadata" {
            assert_eq!(&changed[member], value, "{member}");
        }
    }
    assert_eq!(changed["metadata"], json!({"b": "2", "c": "3"}));
    assert_eq!(client.get(&path_of(&user)).await.succeeded(200), changed);
    let kinds = [
        "email.changed",
        "email.verified",
        "user.role_changed",
        "user.updated",
    ];
    assert_eq!(app.kinds_about(user.id).await, kinds);
    for event in app.events_about(user.id).await {
        assert_eq!(event.actor, Actor::User(admin.id));
        assert_eq!(
            event.origin.request_id.as_deref(),
            Some(answer.header("x-request-id"))
        );
    }
    let body = json!({"metadata": null, "external_id": null});
    let cleared = client.patch(&path_of(&user), body).await.succeeded(200);
    assert_eq!(
        (&cleared["metadata"], &cleared["external_id"]),
        (&json!({}), &json!(null))
    );
}

async fn put_is_the_same_and_says_that_it_goes_away(app: TestApp) {
    let user = UserBuilder::new().last_name("Liddell").build();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let answer = admin
        .put(&path_of(&user), json!({"first_name": "Alice"}))
        .await;
    let changed = answer.succeeded(200);
    assert_eq!(changed["last_name"], "Liddell");
    assert!(answer.header("deprecation").starts_with('@'));
}

async fn a_new_address_counts_as_unverified(app: TestApp) {
    let user = UserBuilder::new().verified().build();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let changed = admin
        .patch(&path_of(&user), json!({"email": "new@example.org"}))
        .await;
    assert_eq!(changed.succeeded(200)["email_verified"], false);
    let verified = admin
        .patch(&path_of(&user), json!({"email_verified": true}))
        .await;
    assert_eq!(verified.succeeded(200)["email_verified"], true);
    let gone = admin
        .patch(&path_of(&user), json!({"email": null}))
        .await
        .succeeded(200);
    assert_eq!(
        (&gone["email"], &gone["email_verified"]),
        (&json!(null), &json!(false))
    );
}

async fn suspension_is_in_force_at_once_and_revives_nothing(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let before = app.sign_in(&user).await;
    let client = app.with_token(text(&before, "access_token"));
    let admin = app.as_admin().await;
    let suspended = admin
        .patch(&path_of(&user), json!({"is_active": false}))
        .await;
    let suspended = suspended.succeeded(200);
    assert_eq!(
        (&suspended["status"], &suspended["is_active"]),
        (&json!("suspended"), &json!(false))
    );
    client
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    let active = admin
        .patch(&path_of(&user), json!({"is_active": true}))
        .await
        .succeeded(200);
    assert_eq!(active["status"], "active");
    client
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    app.sign_in(&user).await;
    app.event(user.id, EventKind::UserSuspended).await;
    app.event(user.id, EventKind::UserReinstated).await;
}

async fn a_role_is_in_force_at_once_whatever_the_token_says(app: TestApp) {
    let (user, other) = (an_admin(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    let admin = app.as_admin().await;
    client.get("/api/v1/users").await.succeeded(200);
    admin
        .patch(&path_of(&user), json!({"role": "user"}))
        .await
        .succeeded(200);
    client.get("/api/v1/users").await.refused(403, "forbidden");
    client
        .get(&path_of(&other))
        .await
        .refused(404, "user_not_found");
    client.get("/api/v1/users/me").await.succeeded(200);
    admin
        .patch(&path_of(&user), json!({"role": "admin"}))
        .await
        .succeeded(200);
    client.get("/api/v1/users").await.succeeded(200);
    let roles = app.events_about(user.id).await;
    let roles = roles
        .iter()
        .filter(|event| event.kind == EventKind::UserRoleChanged);
    assert_eq!(roles.count(), 2);
}

async fn the_last_administrator_stays(app: TestApp) {
    let (admin, idle) = (an_admin(), UserBuilder::new().admin().suspended().build());
    app.add(&admin).await;
    app.add(&idle).await;
    let client = app.as_user(&admin).await;
    for body in [
        json!({"role": "user"}),
        json!({"is_active": false}),
        json!({"role": "user", "first_name": "x"}),
    ] {
        client
            .patch(&path_of(&admin), body)
            .await
            .refused(409, "last_admin");
    }
    assert_eq!(
        app.stored(admin.id).await.expect("stored").version,
        admin.version
    );
    client
        .patch(&path_of(&idle), json!({"is_active": true}))
        .await
        .succeeded(200);
    client
        .patch(&path_of(&admin), json!({"role": "user"}))
        .await
        .succeeded(200);
}

async fn people_change_the_profile_of_their_own_alone(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    let own = client
        .patch(&path_of(&user), json!({"first_name": "Alice"}))
        .await;
    assert_eq!(own.succeeded(200)["first_name"], "Alice");
    let body = json!({
        "email": "x@example.org", "email_verified": true, "role": "admin", "is_active": true,
        "external_id": "x", "metadata": {}, "password": "walnut-harbour-quartz-3",
    });
    client
        .patch(&path_of(&user), body.clone())
        .await
        .violates(&[
            ("email", "not_allowed"),
            ("email_verified", "not_allowed"),
            ("external_id", "not_allowed"),
            ("is_active", "not_allowed"),
            ("metadata", "not_allowed"),
            ("password", "not_allowed"),
            ("role", "not_allowed"),
        ]);
    for body in [
        body,
        json!({"first_name": "Mallory"}),
        json!([]),
        json!({"first_name": 1}),
    ] {
        client
            .patch(&path_of(&other), body)
            .await
            .refused(404, "user_not_found");
    }
    assert_eq!(app.stored(other.id).await, Some(other));
    let stored = app.stored(user.id).await.expect("stored");
    assert_eq!((stored.role, &stored.email), (user.role, &user.email));
}

async fn every_violation_is_told_at_once(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!(""))).collect();
    let body = json!({
        "username": "me", "email": "nobody", "email_verified": null, "role": "root",
        "is_active": "yes", "external_id": "x".repeat(256), "metadata": {"a": 1}, "plan": "pro",
    });
    admin.patch(&path_of(&user), body).await.violates(&[
        ("email", "invalid_format"),
        ("email_verified", "required"),
        ("external_id", "too_long"),
        ("is_active", "invalid_format"),
        ("metadata.a", "invalid_format"),
        ("plan", "unknown_member"),
        ("role", "invalid_format"),
        ("username", "too_short"),
    ]);
    for (metadata, code) in [
        (Value::from(many), "too_long"),
        (json!({"k".repeat(41): ""}), "too_long"),
        (json!({"k": "v".repeat(501)}), "too_long"),
        (json!({"": "v"}), "too_short"),
        (json!({"k": "a\0b"}), "invalid_format"),
        (json!({"k\0": "ab"}), "invalid_format"),
    ] {
        let answer = admin
            .patch(&path_of(&user), json!({"metadata": metadata}))
            .await;
        answer.violates(&[("metadata", code)]);
    }
    assert_eq!(app.stored(user.id).await, Some(user));
}

async fn what_is_taken_deleted_or_unknown_is_refused(app: TestApp) {
    let other = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .phone_number("+15551234567")
        .external_id("crm-1")
        .build();
    let (user, deleted) = (a_user(), UserBuilder::new().deleted().build());
    for one in [&other, &user, &deleted] {
        app.add(one).await;
    }
    let admin = app.as_admin().await;
    let body = json!({
        "username": "Alice", "email": "ALICE@example.org", "phone_number": "+15551234567",
        "external_id": "crm-1",
    });
    admin.patch(&path_of(&user), body).await.names(
        409,
        "username_taken",
        &[
            ("email", "email_taken"),
            ("external_id", "external_id_taken"),
            ("phone_number", "phone_number_taken"),
            ("username", "username_taken"),
        ],
    );
    let body = json!({"first_name": "x"});
    admin
        .patch(&path_of(&deleted), body.clone())
        .await
        .refused(409, "user_deleted");
    for id in ["0190ffff-0000-7000-8000-000000000000", "nonsense"] {
        let answer = admin
            .patch(&format!("/api/v1/users/{id}"), body.clone())
            .await;
        answer.refused(404, "user_not_found");
    }
    assert_eq!(app.stored(user.id).await, Some(user));
}

async fn two_changes_of_one_version_do_not_overwrite_each_other(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let change = |user: &User, body: Value| {
        let request = admin
            .request(Method::PATCH, &path_of(user))
            .header("If-Match", "\"1\"");
        admin.send(request.json(&body))
    };
    let (one, other) = tokio::join!(
        change(&user, json!({"first_name": "One"})),
        change(&user, json!({"last_name": "Other"})),
    );
    let mut found = [one.status.as_u16(), other.status.as_u16()];
    found.sort_unstable();
    assert_eq!(found, [200, 412]);
    // Without a version both are kept.
    let path = path_of(&user);
    let (one, other) = tokio::join!(
        admin.patch(&path, json!({"first_name": "A"})),
        admin.patch(&path, json!({"last_name": "B"})),
    );
    one.succeeded(200);
    other.succeeded(200);
    let now = admin.get(&path_of(&user)).await.succeeded(200);
    assert_eq!(
        (&now["first_name"], &now["last_name"]),
        (&json!("A"), &json!("B"))
    );
    assert_eq!(now["version"], 4);
}

on_every_store!(
    an_administrator_changes_everything,
    put_is_the_same_and_says_that_it_goes_away,
    a_new_address_counts_as_unverified,
    suspension_is_in_force_at_once_and_revives_nothing,
    a_role_is_in_force_at_once_whatever_the_token_says,
    the_last_administrator_stays,
    people_change_the_profile_of_their_own_alone,
    every_violation_is_told_at_once,
    what_is_taken_deleted_or_unknown_is_refused,
    two_changes_of_one_version_do_not_overwrite_each_other,
);

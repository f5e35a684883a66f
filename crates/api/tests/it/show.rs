//! `GET /api/v1/users/me`, `/auth/me`, `/users/{id}`, `/users/by-username/{username}` and
//! `/users/by-email/{email}`

use serde_json::json;
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{TestApp, path_of},
};

async fn everybody_sees_themselves_by_every_key(app: TestApp) {
    let user = UserBuilder::new()
        .username("Alice")
        .email("Alice+a@Example.org")
        .build();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let own = client.get("/api/v1/users/me").await.succeeded(200);
    assert_eq!(own["id"], user.id.to_string());
    assert_eq!(client.get("/api/v1/auth/me").await.succeeded(200), own);
    for path in [
        &*path_of(&user),
        &path_of(&user)
            .to_uppercase()
            .replace("/API/V1/USERS", "/api/v1/users"),
        "/api/v1/users/me/",
        "/api/v1/users/by-username/ALICE",
        "/api/v1/users/by-username/%41lice",
        "/api/v1/users/by-email/alice+a@example.org",
        "/api/v1/users/by-email/ALICE%2Ba%40example.org/",
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.succeeded(200), own, "{path}");
        assert_eq!(answer.header("etag"), "\"1\"", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

async fn administrators_see_everybody(app: TestApp) {
    let user = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .suspended()
        .build();
    app.add(&user).await;
    let admin = app.as_admin().await;
    for path in [
        &*path_of(&user),
        "/api/v1/users/by-username/alice",
        "/api/v1/users/by-email/alice@example.org",
    ] {
        let seen = admin.get(path).await.succeeded(200);
        assert_eq!(
            (&seen["username"], &seen["status"]),
            (&json!("alice"), &json!("suspended"))
        );
    }
}

async fn a_deleted_user_is_found_by_id_alone(app: TestApp) {
    let old = UserBuilder::new()
        .username("alice")
        .email("alice@example.org")
        .deleted()
        .build();
    app.add(&old).await;
    let admin = app.as_admin().await;
    let seen = admin.get(&path_of(&old)).await.succeeded(200);
    assert_eq!(
        (&seen["status"], &seen["is_active"]),
        (&json!("deleted"), &json!(false))
    );
    assert_eq!(seen["deleted_at"], "2026-01-02T00:00:00.000000Z");
    let by_name = "/api/v1/users/by-username/alice";
    let by_email = "/api/v1/users/by-email/alice@example.org";
    for path in [by_name, by_email] {
        admin.get(path).await.refused(404, "user_not_found");
    }
    let new = UserBuilder::new()
        .username("Alice")
        .email("alice@example.org")
        .build();
    app.add(&new).await;
    for path in [by_name, by_email] {
        assert_eq!(
            admin.get(path).await.succeeded(200)["id"],
            new.id.to_string()
        );
    }
}

async fn somebody_else_looks_like_nobody(app: TestApp) {
    let (user, other) = (
        a_user(),
        UserBuilder::new()
            .username("bob")
            .email("bob@example.org")
            .build(),
    );
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    let mut answers = Vec::new();
    for path in [
        &*path_of(&other),
        "/api/v1/users/0190ffff-0000-7000-8000-000000000000",
        "/api/v1/users/by-username/bob",
        "/api/v1/users/by-username/nobody",
        "/api/v1/users/by-email/bob@example.org",
        "/api/v1/users/by-email/nobody@example.org",
    ] {
        let answer = client.get(path).await;
        answer.refused(404, "user_not_found");
        let mut problem = answer.json();
        problem["request_id"] = json!(null);
        answers.push(problem.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

async fn odd_keys_are_not_found(app: TestApp) {
    let admin = app.as_admin().await;
    for odd in [
        "0",
        "-1",
        "1e9",
        "null",
        "undefined",
        "%00",
        "%ff",
        "%E2%82%AC",
        "..%2F..%2Fetc",
        "'%20OR%201=1",
        "%7B%7D",
        "0190ffff-0000-7000-8000-00000000000",
        "0190ffff-0000-7000-8000-0000000000000",
        "{0190ffff-0000-7000-8000-000000000000}",
        "a%0d%0ab",
        "Me",
        "by-email",
    ] {
        for path in ["users", "users/by-username", "users/by-email"] {
            let answer = admin.get(&format!("/api/v1/{path}/{odd}")).await;
            assert_eq!(answer.status, 404, "{path}/{odd}: {}", answer.text);
        }
    }
    let long = "x".repeat(5000);
    admin
        .get(&format!("/api/v1/users/by-email/{long}@example.org"))
        .await
        .refused(404, "user_not_found");
}

on_every_store!(
    everybody_sees_themselves_by_every_key,
    administrators_see_everybody,
    a_deleted_user_is_found_by_id_alone,
    somebody_else_looks_like_nobody,
    odd_keys_are_not_found,
);

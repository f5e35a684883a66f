//! `POST /api/v1/auth/password/change`

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::{
    audit::{Actor, EventKind},
    users::User,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{Answered, PASSWORD, TestApp, path_of, text},
};

const CHANGE: &str = "/api/v1/auth/password/change";
const NEXT: &str = "walnut-harbour-quartz-3";

async fn change(app: &TestApp, pair: &Value, current: &str, new: &str) -> Answered {
    let body = json!({"current_password": current, "new_password": new});
    app.with_token(text(pair, "access_token"))
        .post(CHANGE, body)
        .await
}

async fn login(app: &TestApp, user: &User, password: &str) -> u16 {
    let name = user.username.as_ref().expect("a name").as_str();
    let body = json!({"identifier": name, "password": password});
    app.anonymous()
        .post("/api/v1/auth/login", body)
        .await
        .status
        .as_u16()
}

async fn refresh(app: &TestApp, pair: &Value) -> u16 {
    let body = json!({"refresh_token": pair["refresh_token"]});
    app.anonymous()
        .post("/api/v1/auth/refresh", body)
        .await
        .status
        .as_u16()
}

async fn every_other_session_and_reset_ends(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let (own, other) = (app.sign_in(&user).await, app.sign_in(&user).await);
    let admin = app.as_admin().await;
    let reset = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let reset = reset.succeeded(201);

    change(&app, &own, PASSWORD, NEXT).await.succeeded(204);

    let client = app.with_token(text(&own, "access_token"));
    client.get("/api/v1/auth/me").await.succeeded(200);
    assert_eq!(refresh(&app, &own).await, 200);
    let ended = app.with_token(text(&other, "access_token"));
    ended
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    assert_eq!(refresh(&app, &other).await, 401);
    let body = json!({"token": reset["token"], "new_password": "another-plum-orchard"});
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/reset", body)
        .await;
    answer.refused(422, "token_invalid");
    assert_eq!(login(&app, &user, PASSWORD).await, 401);
    assert_eq!(login(&app, &user, NEXT).await, 200);
    let event = app.event(user.id, EventKind::PasswordChanged).await;
    assert_eq!(event.actor, Actor::User(user.id));
    assert!(event.session_id.is_some());
}

async fn a_wrong_current_password_changes_nothing_and_is_remembered(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let (own, other) = (app.sign_in(&user).await, app.sign_in(&user).await);
    change(&app, &own, "wrong-password", NEXT)
        .await
        .refused(403, "wrong_password");
    for pair in [&own, &other] {
        assert_eq!(refresh(&app, pair).await, 200);
    }
    assert_eq!(login(&app, &user, PASSWORD).await, 200);
    let event = app.event(user.id, EventKind::SessionFailed).await;
    assert_eq!(event.actor, Actor::User(user.id));
    assert_eq!(app.hasher.hashes(), 0);
}

async fn wrong_ones_count_as_failed_sign_ins(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let own = app.sign_in(&user).await;
    for _ in 0..10 {
        let answer = change(&app, &own, "wrong-password", NEXT).await;
        answer.refused(403, "wrong_password");
    }
    let answer = change(&app, &own, PASSWORD, NEXT).await;
    answer.refused(429, "too_many_requests");
    assert_eq!(answer.header("retry-after"), "15");
    assert_eq!(login(&app, &user, PASSWORD).await, 429);
    // Whoever is signed in stays so.
    assert_eq!(refresh(&app, &own).await, 200);
    app.clock.advance(TimeDelta::seconds(15));
    assert_eq!(login(&app, &user, PASSWORD).await, 200);
}

async fn the_next_password_keeps_the_rules(app: TestApp) {
    let user = UserBuilder::new()
        .username("alice-cooper")
        .email("ac@example.org")
        .build();
    app.add(&user).await;
    let own = app.sign_in(&user).await;
    let client = app.with_token(text(&own, "access_token"));
    let answer = client.post(CHANGE, json!({})).await;
    answer.violates(&[
        ("current_password", "required"),
        ("new_password", "required"),
    ]);
    for (new, code) in [
        ("sevench", "too_short"),
        (&*"x".repeat(1025), "too_long"),
        ("password1", "weak_password"),
        ("Alice-Cooper", "weak_password"),
        ("ac@example.org", "weak_password"),
    ] {
        change(&app, &own, PASSWORD, new)
            .await
            .violates(&[("new_password", code)]);
    }
    let answer = change(&app, &own, &"x".repeat(900_000), "short").await;
    answer.violates(&[
        ("current_password", "too_long"),
        ("new_password", "too_short"),
    ]);
    assert_eq!(login(&app, &user, PASSWORD).await, 200);
}

on_every_store!(
    every_other_session_and_reset_ends,
    a_wrong_current_password_changes_nothing_and_is_remembered,
    wrong_ones_count_as_failed_sign_ins,
    the_next_password_keeps_the_rules,
);

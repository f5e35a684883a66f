//! `POST /api/v1/auth/refresh`

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::audit::EventKind;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    test_app::{Answered, TestApp, path_of, text},
};

const REFRESH: &str = "/api/v1/auth/refresh";

async fn refresh(app: &TestApp, pair: &Value) -> Answered {
    let body = json!({"refresh_token": pair["refresh_token"]});
    app.anonymous().post(REFRESH, body).await
}

async fn is_alive(app: &TestApp, pair: &Value) -> bool {
    let client = app.with_token(text(pair, "access_token"));
    client.get("/api/v1/auth/me").await.status == 200
}

async fn the_next_pair_belongs_to_the_same_session(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let first = app.sign_in(&user).await;
    app.clock.advance(TimeDelta::minutes(14));
    let answer = refresh(&app, &first).await;
    let second = answer.succeeded(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(
        (&second["expires_in"], &second["refresh_expires_in"]),
        (&json!(900), &json!(604_800))
    );
    assert_eq!(second["user"]["id"], user.id.to_string());
    let client = app.with_token(text(&second, "access_token"));
    let sessions = client.get("/api/v1/auth/sessions").await.succeeded(200);
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        sessions["items"][0]["last_used_at"],
        "2026-01-01T00:14:00.000000Z"
    );
    assert_eq!(app.kinds_about(user.id).await, ["session.started"]);
}

async fn a_repetition_within_ten_seconds_gets_the_same_token_again(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let first = app.sign_in(&user).await;
    let second = refresh(&app, &first).await.succeeded(200);
    app.clock.advance(TimeDelta::milliseconds(9_999));
    let again = refresh(&app, &first).await.succeeded(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    for pair in [&first, &second, &again] {
        assert!(is_alive(&app, pair).await);
    }
    refresh(&app, &second).await.succeeded(200);
}

async fn a_late_repetition_ends_the_family_and_nothing_else(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let other = app.sign_in(&user).await;
    let first = app.sign_in(&user).await;
    let second = refresh(&app, &first).await.succeeded(200);
    app.clock.advance(TimeDelta::seconds(10));
    let answer = refresh(&app, &first).await;
    answer.refused(401, "invalid_refresh_token");
    assert_eq!(answer.header("cache-control"), "no-store");
    refresh(&app, &second)
        .await
        .refused(401, "invalid_refresh_token");
    assert!(!is_alive(&app, &second).await);
    assert!(is_alive(&app, &other).await);
    refresh(&app, &other).await.succeeded(200);
    let event = app.event(user.id, EventKind::SessionReuseDetected).await;
    assert!(event.session_id.is_some());
}

async fn a_spent_token_whose_successor_was_used_ends_the_family_at_once(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let first = app.sign_in(&user).await;
    let second = refresh(&app, &first).await.succeeded(200);
    let third = refresh(&app, &second).await.succeeded(200);
    refresh(&app, &first)
        .await
        .refused(401, "invalid_refresh_token");
    refresh(&app, &third)
        .await
        .refused(401, "invalid_refresh_token");
    assert!(!is_alive(&app, &third).await);
}

async fn a_session_ends_after_a_week_unused_and_after_thirty_days_in_all(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let unused = app.sign_in(&user).await;
    let mut used = app.sign_in(&user).await;
    app.clock.advance(TimeDelta::days(6));
    used = refresh(&app, &used).await.succeeded(200);
    app.clock.advance(TimeDelta::days(1));
    refresh(&app, &unused)
        .await
        .refused(401, "invalid_refresh_token");
    used = refresh(&app, &used).await.succeeded(200);
    for _ in 0..3 {
        app.clock.advance(TimeDelta::days(6));
        used = refresh(&app, &used).await.succeeded(200);
    }
    assert_eq!(used["refresh_expires_in"], TimeDelta::days(5).num_seconds());
    app.clock.advance(TimeDelta::days(5));
    refresh(&app, &used)
        .await
        .refused(401, "invalid_refresh_token");
}

async fn nobody_who_may_not_sign_in_can_refresh(app: TestApp) {
    let admin = app.as_admin().await;
    let (suspended, deleted, signed_out) = (a_user(), a_user(), a_user());
    let mut pairs = Vec::new();
    for user in [&suspended, &deleted, &signed_out] {
        app.add(user).await;
        pairs.push(app.sign_in(user).await);
    }
    admin
        .patch(&path_of(&suspended), json!({"is_active": false}))
        .await
        .succeeded(200);
    admin.delete(&path_of(&deleted)).await.succeeded(204);
    admin
        .post_nothing(&format!("{}/logout", path_of(&signed_out)))
        .await
        .succeeded(204);
    for pair in &pairs {
        refresh(&app, pair)
            .await
            .refused(401, "invalid_refresh_token");
    }
    admin
        .patch(&path_of(&suspended), json!({"is_active": true}))
        .await
        .succeeded(200);
    admin
        .post_nothing(&format!("{}/restore", path_of(&deleted)))
        .await
        .succeeded(200);
    for pair in &pairs {
        refresh(&app, pair)
            .await
            .refused(401, "invalid_refresh_token");
    }
}

async fn the_next_pair_shows_the_user_as_it_is_now(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let admin = app.as_admin().await;
    admin
        .patch(&path_of(&user), json!({"role": "admin"}))
        .await
        .succeeded(200);
    let next = refresh(&app, &pair).await.succeeded(200);
    assert_eq!(next["user"]["role"], "admin");
}

async fn other_texts_are_no_refresh_tokens(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let access = text(&pair, "access_token").to_owned();
    let good = text(&pair, "refresh_token");
    let (upper, cut) = (good.to_uppercase(), good[..good.len() - 1].to_owned());
    for bad in [
        access,
        upper,
        cut,
        format!("{good} "),
        format!("{good}\0"),
        String::new(),
        "x".repeat(100_000),
    ] {
        let answer = refresh(&app, &json!({"refresh_token": bad})).await;
        answer.refused(401, "invalid_refresh_token");
    }
    let answer = app.anonymous().post(REFRESH, json!({})).await;
    answer.violates(&[("refresh_token", "required")]);
    refresh(&app, &pair).await.succeeded(200);
}

on_every_store!(
    the_next_pair_belongs_to_the_same_session,
    a_repetition_within_ten_seconds_gets_the_same_token_again,
    a_late_repetition_ends_the_family_and_nothing_else,
    a_spent_token_whose_successor_was_used_ends_the_family_at_once,
    a_session_ends_after_a_week_unused_and_after_thirty_days_in_all,
    nobody_who_may_not_sign_in_can_refresh,
    the_next_pair_shows_the_user_as_it_is_now,
    other_texts_are_no_refresh_tokens,
);

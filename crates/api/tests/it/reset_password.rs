//! `POST /api/v1/auth/password/reset`

use chrono::TimeDelta;
use serde_json::json;
use userhub_domain::{
    audit::{Actor, EventKind},
    users::User,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{Answered, Client, PASSWORD, TestApp, path_of, text},
};

const RESET: &str = "/api/v1/auth/password/reset";
const NEXT: &str = "walnut-harbour-quartz-3";

async fn ticket(admin: &Client<'_>, user: &User) -> String {
    let answer = admin
        .post_nothing(&format!("{}/password-reset", path_of(user)))
        .await;
    text(&answer.succeeded(201), "token").to_owned()
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answered {
    let body = json!({"token": token, "new_password": password});
    app.anonymous().post(RESET, body).await
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

async fn the_password_is_set_and_every_session_ends(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let before = app.sign_in(&user).await;
    let admin = app.as_admin().await;
    let token = ticket(&admin, &user).await;
    reset(&app, &token, NEXT).await.succeeded(204);
    let client = app.with_token(text(&before, "access_token"));
    client
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    let body = json!({"refresh_token": before["refresh_token"]});
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.refused(401, "invalid_refresh_token");
    assert_eq!(login(&app, &user, PASSWORD).await, 401);
    assert_eq!(login(&app, &user, NEXT).await, 200);
    let event = app.event(user.id, EventKind::PasswordReset).await;
    assert_eq!(event.actor, Actor::User(user.id));
}

async fn a_token_works_once(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let token = ticket(&app.as_admin().await, &user).await;
    reset(&app, &token, NEXT).await.succeeded(204);
    reset(&app, &token, "another-plum-orchard")
        .await
        .refused(422, "token_invalid");
    assert_eq!(login(&app, &user, NEXT).await, 200);
    app.event(user.id, EventKind::PasswordReset).await;
}

async fn a_refused_password_leaves_the_token_usable(app: TestApp) {
    let user = UserBuilder::new().username("alice-cooper").build();
    app.add(&user).await;
    let token = ticket(&app.as_admin().await, &user).await;
    for (password, code) in [
        ("short", "too_short"),
        ("password1", "weak_password"),
        ("ALICE-cooper", "weak_password"),
        (&*"x".repeat(1025), "too_long"),
    ] {
        reset(&app, &token, password)
            .await
            .violates(&[("new_password", code)]);
    }
    reset(&app, &token, NEXT).await.succeeded(204);
}

async fn a_newer_token_replaces_an_older(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let (older, newer) = (ticket(&admin, &user).await, ticket(&admin, &user).await);
    reset(&app, &older, NEXT)
        .await
        .refused(422, "token_invalid");
    reset(&app, &newer, NEXT).await.succeeded(204);
}

async fn a_token_lasts_an_hour(app: TestApp) {
    let (early, late) = (a_user(), a_user());
    app.add(&early).await;
    app.add(&late).await;
    let admin = app.as_admin().await;
    let (first, second) = (ticket(&admin, &early).await, ticket(&admin, &late).await);
    app.clock.advance(TimeDelta::seconds(3599));
    reset(&app, &first, NEXT).await.succeeded(204);
    app.clock.advance(TimeDelta::seconds(1));
    reset(&app, &second, NEXT)
        .await
        .refused(422, "token_invalid");
    assert_eq!(login(&app, &late, PASSWORD).await, 200);
}

async fn suspension_and_deletion_void_a_token(app: TestApp) {
    let admin = app.as_admin().await;
    let (suspended, deleted) = (a_user(), a_user());
    app.add(&suspended).await;
    app.add(&deleted).await;
    let (first, second) = (
        ticket(&admin, &suspended).await,
        ticket(&admin, &deleted).await,
    );
    admin
        .patch(&path_of(&suspended), json!({"is_active": false}))
        .await
        .succeeded(200);
    admin.delete(&path_of(&deleted)).await.succeeded(204);
    for token in [&first, &second] {
        reset(&app, token, NEXT).await.refused(422, "token_invalid");
    }
    admin
        .post_nothing(&format!("{}/restore", path_of(&deleted)))
        .await
        .succeeded(200);
    reset(&app, &second, NEXT)
        .await
        .refused(422, "token_invalid");
    // One made for somebody suspended sets the password and lifts nothing.
    let token = ticket(&admin, &suspended).await;
    reset(&app, &token, NEXT).await.succeeded(204);
    assert_eq!(login(&app, &suspended, NEXT).await, 401);
    admin
        .patch(&path_of(&suspended), json!({"is_active": true}))
        .await
        .succeeded(200);
    assert_eq!(login(&app, &suspended, NEXT).await, 200);
}

async fn other_texts_are_no_tokens(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let token = ticket(&app.as_admin().await, &user).await;
    for bad in [
        "",
        "nonsense",
        text(&pair, "refresh_token"),
        text(&pair, "access_token"),
        &token.to_uppercase(),
        &format!("{token}\0"),
        &"x".repeat(100_000),
    ] {
        reset(&app, bad, NEXT).await.refused(422, "token_invalid");
    }
    let answer = app.anonymous().post(RESET, json!({})).await;
    answer.violates(&[("new_password", "required"), ("token", "required")]);
    assert_eq!(app.hasher.hashes(), 0);
    reset(&app, &token, NEXT).await.succeeded(204);
}

on_every_store!(
    the_password_is_set_and_every_session_ends,
    a_token_works_once,
    a_refused_password_leaves_the_token_usable,
    a_newer_token_replaces_an_older,
    a_token_lasts_an_hour,
    suspension_and_deletion_void_a_token,
    other_texts_are_no_tokens,
);

//! `POST /api/v1/auth/logout` and `/auth/logout-all`

use reqwest::Method;
use serde_json::{Value, json};
use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    test_app::{Client, TestApp, path_of, text},
};

const LOGOUT: &str = "/api/v1/auth/logout";

fn client<'a>(app: &'a TestApp, pair: &Value) -> Client<'a> {
    app.with_token(text(pair, "access_token"))
}

async fn is_alive(app: &TestApp, pair: &Value) -> bool {
    client(app, pair).get("/api/v1/auth/me").await.status == 200
}

async fn refreshes(app: &TestApp, pair: &Value) -> bool {
    let body = json!({"refresh_token": pair["refresh_token"]});
    app.anonymous()
        .post("/api/v1/auth/refresh", body)
        .await
        .status
        == 200
}

async fn the_session_of_the_access_token_ends(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let (one, other) = (app.sign_in(&user).await, app.sign_in(&user).await);
    client(&app, &one).post_nothing(LOGOUT).await.succeeded(204);
    assert!(!is_alive(&app, &one).await && !refreshes(&app, &one).await);
    assert!(is_alive(&app, &other).await && refreshes(&app, &other).await);
    client(&app, &one)
        .post_nothing(LOGOUT)
        .await
        .refused(401, "invalid_token");
    let event = app.event(user.id, EventKind::SessionEnded).await;
    assert_eq!(event.actor, Actor::User(user.id));
    assert!(event.session_id.is_some());
}

async fn with_an_access_token_the_body_is_ignored(app: TestApp) {
    let (user, victim) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&victim).await;
    let theirs = app.sign_in(&victim).await;
    let own = app.sign_in(&user).await;
    let body = json!({"refresh_token": theirs["refresh_token"]});
    client(&app, &own).post(LOGOUT, body).await.succeeded(204);
    assert!(!is_alive(&app, &own).await);
    assert!(is_alive(&app, &theirs).await && refreshes(&app, &theirs).await);
    let own = app.sign_in(&user).await;
    let signed_in = client(&app, &own);
    let request = signed_in.request(Method::POST, LOGOUT).body("{not json");
    signed_in.send(request).await.succeeded(204);
}

async fn a_refresh_token_alone_ends_its_session(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let (one, other) = (app.sign_in(&user).await, app.sign_in(&user).await);
    let body = json!({"refresh_token": one["refresh_token"]});
    for _ in 0..2 {
        app.anonymous()
            .post(LOGOUT, body.clone())
            .await
            .succeeded(204);
    }
    assert!(!is_alive(&app, &one).await && !refreshes(&app, &one).await);
    assert!(is_alive(&app, &other).await);
    app.event(user.id, EventKind::SessionEnded).await;
}

async fn a_spent_refresh_token_ends_its_session_too(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    assert!(refreshes(&app, &pair).await);
    let body = json!({"refresh_token": pair["refresh_token"]});
    app.anonymous().post(LOGOUT, body).await.succeeded(204);
    assert!(!is_alive(&app, &pair).await);
}

async fn an_unknown_refresh_token_is_answered_alike(app: TestApp) {
    for unknown in ["", "nonsense", "uhr_00", "fake-access-token-1"] {
        let body = json!({"refresh_token": unknown});
        app.anonymous().post(LOGOUT, body).await.succeeded(204);
    }
}

async fn without_any_token_nobody_is_signed_out(app: TestApp) {
    let client = app.anonymous();
    client
        .post_nothing(LOGOUT)
        .await
        .refused(401, "not_authenticated");
    client
        .post(LOGOUT, json!({}))
        .await
        .refused(401, "not_authenticated");
    let nulled = client.post(LOGOUT, json!({"refresh_token": null})).await;
    nulled.refused(401, "not_authenticated");
    app.with_token("nonsense")
        .post_nothing(LOGOUT)
        .await
        .refused(401, "invalid_token");
}

async fn signing_out_everywhere_ends_every_session_and_reset(app: TestApp) {
    let (user, bystander) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&bystander).await;
    let pairs = [app.sign_in(&user).await, app.sign_in(&user).await];
    let theirs = app.sign_in(&bystander).await;
    let admin = app.as_admin().await;
    let reset = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let reset = reset.succeeded(201);
    let answer = client(&app, &pairs[0])
        .post_nothing("/api/v1/auth/logout-all")
        .await;
    answer.succeeded(204);
    for pair in &pairs {
        assert!(!is_alive(&app, pair).await && !refreshes(&app, pair).await);
    }
    assert!(is_alive(&app, &theirs).await);
    let body = json!({"token": reset["token"], "new_password": "walnut-harbour-quartz-3"});
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/reset", body)
        .await;
    answer.refused(422, "token_invalid");
    assert_eq!(
        app.event(user.id, EventKind::SessionAllEnded).await.actor,
        Actor::User(user.id)
    );
    assert!(is_alive(&app, &app.sign_in(&user).await).await);
}

on_every_store!(
    the_session_of_the_access_token_ends,
    with_an_access_token_the_body_is_ignored,
    a_refresh_token_alone_ends_its_session,
    a_spent_refresh_token_ends_its_session_too,
    an_unknown_refresh_token_is_answered_alike,
    without_any_token_nobody_is_signed_out,
    signing_out_everywhere_ends_every_session_and_reset,
);

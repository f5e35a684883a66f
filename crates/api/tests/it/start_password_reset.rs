//! `POST /api/v1/users/{id}/password-reset`

use serde_json::json;
use userhub_api::ApiSettings;
use userhub_domain::{
    audit::{Actor, EventKind},
    policy::Policy,
};
use userhub_testkit::{UserBuilder, a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{TestApp, path_of, text},
};

async fn the_token_is_shown_once(app: TestApp) {
    let (admin, user) = (an_admin(), a_user());
    app.add(&admin).await;
    app.add(&user).await;
    let client = app.as_user(&admin).await;
    let answer = client
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let ticket = answer.succeeded(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(ticket["expires_at"], "2026-01-01T01:00:00.000000Z");
    assert_eq!(ticket["url"], json!(null));
    let token = text(&ticket, "token");
    assert!(token.starts_with("uhp_") && token.len() > 40, "{token}");
    let event = app.event(user.id, EventKind::PasswordResetRequested).await;
    assert_eq!(event.actor, Actor::User(admin.id));
    // Nothing has changed for the user yet.
    app.sign_in(&user).await;
    assert_eq!(
        app.stored(user.id).await.expect("stored").version,
        user.version
    );
    let me = client.get(&path_of(&user)).await;
    assert!(!me.text.contains(token));
}

async fn a_token_is_for_nothing_else(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let ticket = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let ticket = ticket.succeeded(201);
    let token = text(&ticket, "token");
    app.with_token(token)
        .get("/api/v1/auth/me")
        .await
        .refused(401, "invalid_token");
    let body = json!({"refresh_token": token});
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.refused(401, "invalid_refresh_token");
}

async fn only_the_living_get_one(app: TestApp) {
    let deleted = UserBuilder::new().deleted().build();
    app.add(&deleted).await;
    let admin = app.as_admin().await;
    let answer = admin
        .post_nothing(&format!("{}/password-reset", path_of(&deleted)))
        .await;
    answer.refused(409, "user_deleted");
    for id in ["0190ffff-0000-7000-8000-000000000000", "nonsense"] {
        let answer = admin
            .post_nothing(&format!("/api/v1/users/{id}/password-reset"))
            .await;
        answer.refused(404, "user_not_found");
    }
    assert!(app.kinds_about(deleted.id).await.is_empty());
}

async fn an_administrator_sets_no_password(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    for (path, password) in [
        (&*path_of(&user), json!("walnut-harbour-quartz-3")),
        (&path_of(&user), json!(null)),
        ("/api/v1/users/me", json!("walnut-harbour-quartz-3")),
    ] {
        let answer = admin.patch(path, json!({"password": password})).await;
        answer.violates(&[("password", "not_allowed")]);
        assert!(
            answer.text.contains("/api/v1/auth/password/change"),
            "it says where"
        );
    }
    app.sign_in(&user).await;
}

on_every_store!(
    the_token_is_shown_once,
    a_token_is_for_nothing_else,
    only_the_living_get_one,
    an_administrator_sets_no_password,
);

#[tokio::test]
async fn a_configured_page_gets_a_link() {
    let settings = ApiSettings {
        reset_password_link: Some("https://app.example.org/reset#{token}".to_owned()),
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let ticket = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let ticket = ticket.succeeded(201);
    let link = format!("https://app.example.org/reset#{}", text(&ticket, "token"));
    assert_eq!(ticket["url"], link);
}

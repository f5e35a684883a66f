//! `GET /api/v1/users/{id}/sessions` and `POST /api/v1/users/{id}/logout`

use serde_json::json;
use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::{UserBuilder, a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{TestApp, path_of, text},
};

async fn an_administrator_sees_where_somebody_is_signed_in(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let path = format!("{}/sessions", path_of(&user));
    assert_eq!(admin.get(&path).await.succeeded(200), json!({"items": []}));
    app.sign_in(&user).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    app.sign_in(&user).await;
    let list = admin.get(&path).await.succeeded(200);
    let items = list["items"].as_array().expect("a list");
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["created_at"], "2026-01-01T00:01:00.000000Z");
    assert!(
        items
            .iter()
            .all(|item| item["current"] == false && item["address"] == "127.0.0.1")
    );
}

async fn an_administrator_signs_somebody_out_everywhere(app: TestApp) {
    let (admin, user) = (an_admin(), a_user());
    app.add(&admin).await;
    app.add(&user).await;
    let pairs = [app.sign_in(&user).await, app.sign_in(&user).await];
    let client = app.as_user(&admin).await;
    for _ in 0..2 {
        client
            .post_nothing(&format!("{}/logout", path_of(&user)))
            .await
            .succeeded(204);
    }
    for pair in &pairs {
        let own = app.with_token(text(pair, "access_token"));
        own.get("/api/v1/auth/me")
            .await
            .refused(401, "invalid_token");
    }
    let list = client
        .get(&format!("{}/sessions", path_of(&user)))
        .await
        .succeeded(200);
    assert_eq!(list, json!({"items": []}));
    assert_eq!(
        app.stored(user.id).await.expect("stored").version,
        user.version
    );
    app.sign_in(&user).await;
    let events = app.events_about(user.id).await;
    let ended = events
        .iter()
        .filter(|event| event.kind == EventKind::SessionAllEnded);
    assert!(ended.clone().count() >= 1);
    assert!(
        ended
            .clone()
            .all(|event| event.actor == Actor::User(admin.id))
    );
}

async fn the_deleted_have_no_sessions_and_the_unknown_are_not_found(app: TestApp) {
    let deleted = UserBuilder::new().deleted().build();
    app.add(&deleted).await;
    let admin = app.as_admin().await;
    let list = admin
        .get(&format!("{}/sessions", path_of(&deleted)))
        .await
        .succeeded(200);
    assert_eq!(list, json!({"items": []}));
    for id in ["0190ffff-0000-7000-8000-000000000000", "nonsense", "me"] {
        let answer = admin.get(&format!("/api/v1/users/{id}/sessions")).await;
        answer.refused(404, "user_not_found");
        let answer = admin
            .post_nothing(&format!("/api/v1/users/{id}/logout"))
            .await;
        answer.refused(404, "user_not_found");
    }
}

on_every_store!(
    an_administrator_sees_where_somebody_is_signed_in,
    an_administrator_signs_somebody_out_everywhere,
    the_deleted_have_no_sessions_and_the_unknown_are_not_found,
);

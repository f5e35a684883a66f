//! `GET /api/v1/auth/sessions` and `DELETE /api/v1/auth/sessions/{id}`

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use userhub_domain::audit::EventKind;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    test_app::{PASSWORD, TestApp, text},
};

const SESSIONS: &str = "/api/v1/auth/sessions";

async fn sessions(app: &TestApp, pair: &Value) -> Vec<Value> {
    let client = app.with_token(text(pair, "access_token"));
    let list = client.get(SESSIONS).await.succeeded(200);
    list["items"].as_array().expect("a list").clone()
}

async fn devices_are_told_apart(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.anonymous();
    let name = user.username.as_ref().expect("a name").as_str();
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .header("User-Agent", "Telephone/1")
        .json(&json!({"username": name, "password": PASSWORD}));
    client.send(request).await.succeeded(200);
    app.clock.advance(TimeDelta::minutes(1));
    let own = app.sign_in(&user).await;
    let items = sessions(&app, &own).await;
    let told = |item: &Value| (item["user_agent"].clone(), item["current"].clone());
    assert_eq!(told(&items[0]), (Value::Null, json!(true)));
    assert_eq!(told(&items[1]), (json!("Telephone/1"), json!(false)));
    assert_eq!(items[1]["address"], "127.0.0.1");
    assert_eq!(items[1]["created_at"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(items[1]["expires_at"], "2026-01-08T00:00:00.000000Z");
}

async fn only_the_own_and_living_are_listed(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    app.sign_in(&other).await;
    app.sign_in(&user).await;
    app.clock.advance(TimeDelta::days(7));
    let own = app.sign_in(&user).await;
    assert_eq!(sessions(&app, &own).await.len(), 1);
}

async fn one_of_ones_own_can_be_ended(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let lost = app.sign_in(&user).await;
    app.clock.advance(TimeDelta::minutes(1));
    let own = app.sign_in(&user).await;
    let items = sessions(&app, &own).await;
    let client = app.with_token(text(&own, "access_token"));
    let path = format!("{SESSIONS}/{}", text(&items[1], "id"));
    client.delete(&path).await.succeeded(204);
    client.delete(&path).await.refused(404, "session_not_found");
    let ended = app.with_token(text(&lost, "access_token"));
    ended.get(SESSIONS).await.refused(401, "invalid_token");
    let body = json!({"refresh_token": lost["refresh_token"]});
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.refused(401, "invalid_refresh_token");
    assert_eq!(sessions(&app, &own).await.len(), 1);
    let event = app.event(user.id, EventKind::SessionEnded).await;
    assert_eq!(
        event.session_id.map(|id| id.to_string()).as_deref(),
        items[1]["id"].as_str()
    );
    client
        .delete(&format!("{SESSIONS}/{}", text(&items[0], "id")))
        .await
        .succeeded(204);
    client.get(SESSIONS).await.refused(401, "invalid_token");
}

async fn somebody_elses_looks_like_none(app: TestApp) {
    let (user, victim) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&victim).await;
    let theirs = app.sign_in(&victim).await;
    let id = text(&sessions(&app, &theirs).await[0], "id").to_owned();
    let client = app.as_user(&user).await;
    for id in [&*id, "0190ffff-0000-7000-8000-000000000000", "nonsense"] {
        let answer = client.delete(&format!("{SESSIONS}/{id}")).await;
        answer.refused(404, "session_not_found");
    }
    assert_eq!(sessions(&app, &theirs).await.len(), 1);
}

on_every_store!(
    devices_are_told_apart,
    only_the_own_and_living_are_listed,
    one_of_ones_own_can_be_ended,
    somebody_elses_looks_like_none,
);

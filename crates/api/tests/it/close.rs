//! `DELETE /api/v1/users/me`

use serde_json::json;
use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::{a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{PASSWORD, TestApp, path_of, text},
};

const ME: &str = "/api/v1/users/me";

async fn whoever_closes_the_account_is_gone_and_can_be_restored(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let (own, other) = (app.sign_in(&user).await, app.sign_in(&user).await);
    app.with_token(text(&own, "access_token"))
        .delete(ME)
        .await
        .succeeded(204);
    for pair in [&own, &other] {
        let client = app.with_token(text(pair, "access_token"));
        client.get(ME).await.refused(401, "invalid_token");
    }
    let name = user.username.as_ref().expect("a name").as_str();
    let login = json!({"username": name, "password": PASSWORD});
    let answer = app
        .anonymous()
        .post("/api/v1/auth/login", login.clone())
        .await;
    answer.refused(401, "invalid_credentials");
    assert_eq!(
        app.event(user.id, EventKind::UserClosed).await.actor,
        Actor::User(user.id)
    );
    let admin = app.as_admin().await;
    admin
        .post_nothing(&format!("{}/restore", path_of(&user)))
        .await
        .succeeded(200);
    app.anonymous()
        .post("/api/v1/auth/login", login)
        .await
        .succeeded(200);
}

async fn the_last_administrator_stays(app: TestApp) {
    let admin = an_admin();
    app.add(&admin).await;
    let client = app.as_user(&admin).await;
    client.delete(ME).await.refused(409, "last_admin");
    client.get(ME).await.succeeded(200);
    app.add(&an_admin()).await;
    client.delete(ME).await.succeeded(204);
}

on_every_store!(
    whoever_closes_the_account_is_gone_and_can_be_restored,
    the_last_administrator_stays,
);

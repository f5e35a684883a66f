//! `POST /api/v1/auth/token`

use reqwest::Method;
use serde_json::json;
use userhub_domain::users::User;
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{Answered, PASSWORD, TestApp, text},
};

const TOKEN: &str = "/api/v1/auth/token";

async fn ask(app: &TestApp, form: String) -> Answered {
    let client = app.anonymous();
    let request = client
        .request(Method::POST, TOKEN)
        .header(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=UTF-8",
        )
        .body(form);
    client.send(request).await
}

fn password_grant(user: &User) -> String {
    let name = user.username.as_ref().expect("a name");
    format!("grant_type=password&username={name}&password={PASSWORD}")
}

async fn a_password_gets_tokens(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let answer = ask(&app, password_grant(&user)).await;
    let pair = answer.succeeded(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(pair["user"]["id"], user.id.to_string());
    let client = app.with_token(text(&pair, "access_token"));
    client.get("/api/v1/auth/me").await.succeeded(200);
    let email = user
        .email
        .as_ref()
        .expect("an address")
        .as_str()
        .replace('@', "%40");
    let form = format!(
        "grant_type=password&username={email}&password={PASSWORD}&scope=a+b&client_id=x&client_secret=y"
    );
    ask(&app, form).await.succeeded(200);
    assert_eq!(app.kinds_about(user.id).await, ["session.started"; 2]);
}

async fn a_refresh_token_gets_the_next_ones(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let first = ask(&app, password_grant(&user)).await.succeeded(200);
    let form = format!(
        "grant_type=refresh_token&refresh_token={}",
        text(&first, "refresh_token")
    );
    let second = ask(&app, form.clone()).await.succeeded(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let body = json!({"refresh_token": second["refresh_token"]});
    app.anonymous()
        .post("/api/v1/auth/refresh", body)
        .await
        .succeeded(200);
    let answer = ask(&app, form).await;
    answer.refused(400, "invalid_refresh_token");
    assert_eq!(answer.json()["error"], "invalid_grant");
}

async fn bad_credentials_are_an_invalid_grant(app: TestApp) {
    let (suspended, deleted) = (
        UserBuilder::new().suspended().build(),
        UserBuilder::new().deleted().build(),
    );
    app.add(&suspended).await;
    app.add(&deleted).await;
    let nobody = "grant_type=password&username=nobody&password=x".to_owned();
    for form in [password_grant(&suspended), password_grant(&deleted), nobody] {
        let answer = ask(&app, form).await;
        answer.refused(400, "invalid_credentials");
        assert_eq!(answer.json()["error"], "invalid_grant");
    }
}

async fn what_the_form_lacks_is_an_invalid_request(app: TestApp) {
    for (form, field, code) in [
        ("", "grant_type", "required"),
        ("grant_type=password&password=x", "username", "required"),
        ("grant_type=password&username=x", "password", "required"),
        ("grant_type=refresh_token", "refresh_token", "required"),
        (
            "grant_type=password&username=x&username=y&password=z",
            "username",
            "not_allowed",
        ),
    ] {
        let answer = ask(&app, form.to_owned()).await;
        assert_eq!(answer.status.as_u16(), 400, "{form}: {}", answer.text);
        assert_eq!(answer.json()["error"], "invalid_request", "{form}");
        assert!(
            answer
                .errors()
                .contains(&(field.to_owned(), code.to_owned())),
            "{}",
            answer.text
        );
    }
}

async fn other_grants_are_not_known(app: TestApp) {
    let form = "grant_type=client_credentials&client_id=x&client_secret=y";
    let answer = ask(&app, form.to_owned()).await;
    answer.refused(400, "validation_failed");
    assert_eq!(answer.json()["error"], "unsupported_grant_type");
    assert!(answer.json()["error_description"].is_string());
}

async fn only_a_form_is_read(app: TestApp) {
    let body = json!({"grant_type": "password", "username": "a", "password": "b"});
    let answer = app.anonymous().post(TOKEN, body).await;
    answer.refused(415, "unsupported_media_type");
}

on_every_store!(
    a_password_gets_tokens,
    a_refresh_token_gets_the_next_ones,
    bad_credentials_are_an_invalid_grant,
    what_the_form_lacks_is_an_invalid_request,
    other_grants_are_not_known,
    only_a_form_is_read,
);

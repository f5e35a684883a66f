//! The token endpoint speaks RFC 6749 and problems at once.

use reqwest::{Method, StatusCode};
use userhub_testkit::a_user;

use crate::test_app::{Answered, PASSWORD, TestApp};

async fn token(app: &TestApp, form: &'static str) -> Answered {
    let client = app.anonymous();
    let request = client
        .request(Method::POST, "/api/v1/auth/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    client.send(request).await
}

#[tokio::test]
async fn failures_are_told_in_both_ways() {
    let app = TestApp::new().await;
    for (form, error, code) in [
        (
            "grant_type=password&username=nobody&password=x",
            "invalid_grant",
            "invalid_credentials",
        ),
        (
            "grant_type=refresh_token&refresh_token=x",
            "invalid_grant",
            "invalid_refresh_token",
        ),
        (
            "grant_type=client_credentials",
            "unsupported_grant_type",
            "validation_failed",
        ),
        (
            "username=a&password=b",
            "invalid_request",
            "validation_failed",
        ),
        (
            "grant_type=password&grant_type=password&username=a&password=b",
            "invalid_request",
            "validation_failed",
        ),
    ] {
        let answer = token(&app, form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert_eq!(
            (answer.json()["error"].as_str(), &*answer.code()),
            (Some(error), code),
            "{form}"
        );
        assert!(answer.json()["error_description"].is_string());
    }
}

#[tokio::test]
async fn what_clients_send_besides_is_ignored() {
    let app = TestApp::new().await;
    let user = a_user();
    app.add(&user).await;
    let name = user.username.as_ref().expect("a name").as_str();
    let form = format!(
        "grant_type=password&username={name}&password={PASSWORD}&scope=&client_id=x&client_secret=y"
    );
    let answer = token(&app, Box::leak(form.into_boxed_str())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json()["token_type"]
            .as_str()
            .map(str::to_lowercase)
            .as_deref(),
        Some("bearer")
    );
}

//! Bodies are judged in an order: who is calling, what type, how large, whether
//! it can be read, whether it fits.

use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use userhub_testkit::a_user;

use crate::test_app::{Answered, TestApp};

const LOGIN: &str = "/api/v1/auth/login";

async fn login_with(app: &TestApp, content_type: Option<&str>, body: Vec<u8>) -> Answered {
    let client = app.anonymous();
    let mut request = client.request(Method::POST, LOGIN).body(body);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    client.send(request).await
}

#[tokio::test]
async fn only_json_is_read() {
    let app = TestApp::new().await;
    let body = || br#"{"identifier":"a","password":"b"}"#.to_vec();
    for other in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("application/json; charset=latin1"),
        Some("application/merge-patch+json"),
    ] {
        let answer = login_with(&app, other, body()).await;
        assert_eq!(answer.code(), "unsupported_media_type", "{other:?}");
    }
    for good in ["application/json", "Application/JSON; charset=UTF-8"] {
        let answer = login_with(&app, Some(good), body()).await;
        assert_eq!(answer.code(), "invalid_credentials", "{good}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_400_and_what_does_not_fit_a_422() {
    let app = TestApp::new().await;
    let deep = "[".repeat(100_000);
    for bad in [
        "",
        "{",
        "NaN",
        "{} x",
        "\u{feff}{}",
        &deep,
        &"9".repeat(5000),
        r#"{"password":"a","password":"b"}"#,
    ] {
        let answer = login_with(&app, Some("application/json"), bad.into()).await;
        assert_eq!(
            answer.code(),
            "malformed_body",
            "{}",
            &bad[..bad.len().min(30)]
        );
    }
    for bad in [
        "null",
        "1",
        "[]",
        "\"x\"",
        "{}",
        r#"{"identifier":1,"password":[]}"#,
    ] {
        let answer = login_with(&app, Some("application/json"), bad.into()).await;
        assert_eq!(answer.code(), "validation_failed", "{bad}");
    }
}

#[tokio::test]
async fn every_violation_is_told_at_once_and_no_value() {
    let app = TestApp::new().await;
    let body =
        json!({"username": 7, "email": "nonsense", "role": "admin-sesame", "password": "short"});
    let answer = app.anonymous().post("/api/v1/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = [
        ("email", "invalid_format"),
        ("password", "too_short"),
        ("role", "unknown_member"),
        ("username", "invalid_format"),
    ];
    assert_eq!(
        answer.errors(),
        expected.map(|(field, code)| (field.to_owned(), code.to_owned()))
    );
    assert!(!answer.text.contains("sesame"));
}

#[tokio::test]
async fn who_may_not_call_learns_that_first() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let request = client
        .request(Method::PATCH, "/api/v1/users/nonsense")
        .body("{");
    assert_eq!(client.send(request).await.code(), "not_authenticated");
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let request = client.request(Method::POST, "/api/v1/users").body("{");
    assert_eq!(client.send(request).await.code(), "forbidden");
}

#[tokio::test]
async fn large_bodies_are_refused_with_length_and_in_chunks() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let size = 1024 * 1024 + 1;
    let answer = login_with(&app, Some("application/json"), vec![b' '; size]).await;
    assert_eq!(answer.code(), "body_too_large");
    assert_eq!(client.get("/health/live").await.status, StatusCode::OK);
}

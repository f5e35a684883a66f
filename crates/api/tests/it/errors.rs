//! Every error has one form, whatever made it.

use reqwest::{Method, StatusCode};
use std::time::Duration;
use userhub_api::ApiSettings;
use userhub_domain::policy::Policy;
use userhub_testkit::a_user;

use crate::test_app::TestApp;

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_apart() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for path in [
        "/nowhere",
        "/api/v1/nowhere",
        "/api/v2/auth/me",
        "/api/v1",
        "/docs/nothing.js",
    ] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "not_found".to_owned()),
            "{path}"
        );
    }
    for (method, path) in [
        (Method::POST, "/api/v1/auth/me"),
        (Method::TRACE, "/api/v1/auth/me"),
        (Method::DELETE, "/openapi.json"),
        (Method::PUT, "/docs/"),
        (
            Method::from_bytes(b"BREW").expect("a method"),
            "/api/v1/auth/settings",
        ),
    ] {
        let answer = client.send(client.request(method, path)).await;
        assert_eq!(answer.code(), "method_not_allowed", "{path}");
        assert!(
            answer.header("allow").contains("GET, HEAD"),
            "{path}: {}",
            answer.header("allow")
        );
    }
}

#[tokio::test]
async fn a_method_cannot_be_smuggled_in() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let request = client
        .request(Method::POST, "/api/v1/auth/settings?_method=GET")
        .header("X-HTTP-Method-Override", "GET");
    assert_eq!(
        client.send(request).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_process_lives() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for _ in 0..3 {
        let answer = client.get("/test/panic").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (500, "internal".to_owned())
        );
        assert!(!answer.text.contains("secret"));
    }
    assert_eq!(client.get("/health/live").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_went_wrong_inside_stays_inside() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/test/internal").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text.contains("secret"), "{}", answer.text);
}

#[tokio::test]
async fn no_answer_in_time_is_a_503() {
    let settings = ApiSettings {
        request_timeout: Duration::from_millis(50),
        cors_origins: vec!["https://app.example.org".to_owned()],
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let client = app.anonymous();
    let request = client
        .request(Method::GET, "/test/slow")
        .header("Origin", "https://app.example.org");
    let answer = client.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (503, "overloaded".to_owned())
    );
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.org"
    );
}

#[tokio::test]
async fn sane_request_ids_are_taken_and_others_replaced() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for (sent, is_taken) in [
        ("trace-1.A_b", true),
        ("a b", false),
        ("\"x\"", false),
        (&*"x".repeat(65), false),
    ] {
        let request = client
            .request(Method::GET, "/nowhere")
            .header("X-Request-Id", sent);
        let answer = client.send(request).await;
        assert_eq!(answer.header("x-request-id") == sent, is_taken, "{sent}");
    }
}

#[tokio::test]
async fn callers_without_a_valid_token_learn_how_to_authenticate() {
    let app = TestApp::new().await;
    let anonymous = app
        .anonymous()
        .get("/api/v1/auth/me?access_token=fake-access-token-1")
        .await;
    assert_eq!(
        (anonymous.status.as_u16(), anonymous.code()),
        (401, "not_authenticated".to_owned())
    );
    assert_eq!(anonymous.header("www-authenticate"), "Bearer");
    let invalid = app.with_token("nonsense").get("/api/v1/auth/me").await;
    assert_eq!(
        (invalid.status.as_u16(), invalid.code()),
        (401, "invalid_token".to_owned())
    );
    assert_eq!(
        invalid.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test]
async fn whoever_signed_in_sees_the_own_account() {
    let app = TestApp::new().await;
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    for path in ["/api/v1/auth/me", "/api/v1/auth/me/"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.json()["id"], user.id.to_string());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    app.clock.advance(chrono::TimeDelta::minutes(15));
    assert_eq!(client.get("/api/v1/auth/me").await.code(), "invalid_token");
}

#[tokio::test]
async fn a_store_that_fails_is_a_503() {
    let app = TestApp::new().await;
    let client = app.as_admin().await;
    app.access_tokens.break_down(true);
    let answer = client.get("/api/v1/auth/me").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (503, "storage_unavailable".to_owned())
    );
    assert!(!answer.text.contains("the test broke it"));
}

#[tokio::test]
async fn strict_transport_security_is_a_choice() {
    for hsts in [false, true] {
        let settings = ApiSettings {
            hsts,
            ..ApiSettings::default()
        };
        let app = TestApp::with(settings, Policy::default()).await;
        let answer = app.anonymous().get("/health/live").await;
        assert_eq!(
            answer.headers.contains_key("strict-transport-security"),
            hsts
        );
        assert!(!answer.headers.contains_key("server"));
    }
}

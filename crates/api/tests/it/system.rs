//! What stands beside the API.

use reqwest::{Method, StatusCode};
use userhub_api::{ApiSettings, http::CATALOGUE};
use userhub_domain::policy::Policy;
use userhub_testkit::FaultPoint;

use crate::test_app::TestApp;

#[tokio::test]
async fn life_does_not_depend_on_the_store_and_readiness_does() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
    }
    app.memory().fail_next(FaultPoint::Begin);
    assert_eq!(
        client.get("/health/ready").await.code(),
        "storage_unavailable"
    );
    assert_eq!(client.get("/health/live").await.status, StatusCode::OK);
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let answer = client
        .send(client.request(Method::HEAD, "/openapi.json"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.is_empty());
}

#[tokio::test]
async fn behind_a_proxy_that_cuts_a_path_off_the_documentation_is_found_by_the_public_url() {
    let settings = ApiSettings {
        public_url: Some("https://example.org/hub".to_owned()),
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let client = app.anonymous();
    for path in ["/docs", "/docs/"] {
        let page = client.get(path).await.text;
        assert!(
            page.contains(" src=\"/hub/docs/swagger-ui-bundle.js\""),
            "{page}"
        );
        assert!(
            page.contains(" href=\"/hub/docs/swagger-ui.css\""),
            "{page}"
        );
    }
    let script = client.get("/docs/swagger-initializer.js").await.text;
    assert!(script.contains("\"/hub/openapi.json\""), "{script}");
}

#[tokio::test]
async fn the_documentation_is_served_from_here() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let answer = client.get("/").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::FOUND, "/docs/")
    );
    assert_eq!(
        client.get("/docs").await.text,
        client.get("/docs/").await.text
    );
    let index = client.get("/docs/?url=https://evil.example/x.json").await;
    assert!(index.text.contains("swagger-initializer.js"));
    assert!(
        !index.text.contains("https://") && !index.text.contains("evil"),
        "{}",
        index.text
    );
    let policy = index.header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("script-src"), "{policy}");
    let script = client
        .get("/docs/swagger-initializer.js?configUrl=https://evil.example")
        .await;
    assert!(
        script.text.contains("\"queryConfigEnabled\": false"),
        "{}",
        script.text
    );
    assert!(script.text.contains("\"/openapi.json\"") && !script.text.contains("evil"));
    for file in [
        "swagger-ui.css",
        "swagger-ui-bundle.js",
        "swagger-ui-standalone-preset.js",
        "index.css",
    ] {
        assert_eq!(
            client.get(&format!("/docs/{file}")).await.status,
            StatusCode::OK,
            "{file}"
        );
    }
}

#[tokio::test]
async fn every_code_has_a_page() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    for entry in CATALOGUE {
        let page = client.get(&format!("/problems/{}", entry.code)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains(entry.code) && page.text.contains(entry.title));
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
    assert_eq!(client.get("/problems/nothing").await.code(), "not_found");
}

#[tokio::test]
async fn keys_are_published_for_verification_only() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    for key in answer.json()["keys"].as_array().expect("a list") {
        assert_eq!(key["use"], "sig");
        assert!(key.get("d").is_none());
    }
}

#[tokio::test]
async fn metrics_are_text() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/metrics").await;
    assert_eq!(answer.text, "userhub_up 1\n");
    assert!(answer.header("content-type").starts_with("text/plain"));
}

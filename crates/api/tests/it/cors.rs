//! Which pages may call.

use reqwest::{Method, StatusCode};
use userhub_api::ApiSettings;
use userhub_domain::policy::Policy;

use crate::test_app::{Answered, TestApp};

const OURS: &str = "https://app.example.org";
const SETTINGS: &str = "/api/v1/auth/settings";

async fn app() -> TestApp {
    let settings = ApiSettings {
        cors_origins: vec![OURS.to_owned()],
        ..ApiSettings::default()
    };
    TestApp::with(settings, Policy::default()).await
}

async fn preflight(app: &TestApp, origin: &str) -> Answered {
    let client = app.anonymous();
    let request = client
        .request(Method::OPTIONS, "/api/v1/auth/me")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "authorization, if-match");
    client.send(request).await
}

#[tokio::test]
async fn configured_origins_may_read_answers_and_errors() {
    let app = app().await;
    let client = app.anonymous();
    for path in [SETTINGS, "/api/v1/auth/me", "/nowhere", "/test/panic"] {
        let answer = client
            .send(client.request(Method::GET, path).header("Origin", OURS))
            .await;
        assert_eq!(answer.header("access-control-allow-origin"), OURS, "{path}");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for name in [
            "etag",
            "location",
            "x-request-id",
            "retry-after",
            "deprecation",
        ] {
            assert!(exposed.contains(name), "{path}: {name}");
        }
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
    }
    let answer = preflight(&app, OURS).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), OURS);
}

#[tokio::test]
async fn other_origins_may_not() {
    let app = app().await;
    let client = app.anonymous();
    for origin in [
        "https://evil.example",
        "https://app.example.org.evil.example",
        "null",
        "http://localhost:3000",
    ] {
        let answer = client
            .send(
                client
                    .request(Method::GET, SETTINGS)
                    .header("Origin", origin),
            )
            .await;
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{origin}"
        );
        assert!(
            !preflight(&app, origin)
                .await
                .headers
                .contains_key("access-control-allow-origin")
        );
    }
}

#[tokio::test]
async fn options_without_a_preflight_lists_the_methods() {
    let app = app().await;
    let client = app.anonymous();
    let answer = client.send(client.request(Method::OPTIONS, SETTINGS)).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (StatusCode::NO_CONTENT, "GET, HEAD, OPTIONS")
    );
}

//! The service, asked without a socket, over fakes that cost no time.
#![cfg(test)]

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use userhub_testkit::TestServices;

const PASSPHRASE: &str = "three plums in a bowl";

fn app() -> Router {
    embed_axum::app(TestServices::new().services)
}

async fn ask(app: &Router, request: Request<Body>) -> (u16, Value) {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body");
    let json = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    (status, json)
}

async fn post(app: &Router, path: &str, body: Value) -> (u16, Value) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()));
    ask(app, request.expect("a request")).await
}

async fn me(app: &Router, token: &str) -> (u16, Value) {
    let request = Request::get("/me").header(header::AUTHORIZATION, format!("Bearer {token}"));
    ask(app, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn somebody_joins_enters_and_is_known() {
    let app = app();
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    let (status, member) = post(&app, "/join", key).await;
    assert_eq!((status, &member["handle"]), (201, &json!("ann")));

    // Handles are the same in any case.
    let key = json!({ "handle": "ANN", "passphrase": PASSPHRASE });
    let (status, ticket) = post(&app, "/enter", key).await;
    assert_eq!(status, 200);
    let token = ticket["token"].as_str().expect("a token");
    assert_eq!(me(&app, token).await, (200, member));
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let app = app();
    let key = json!({ "handle": "no blanks", "passphrase": "short" });
    let (status, trouble) = post(&app, "/join", key).await;
    assert_eq!(
        (status, &trouble["trouble"]),
        (422, &json!("validation_failed"))
    );
    assert!(trouble["about"]["handle"].is_string(), "{trouble}");
    assert!(trouble["about"]["passphrase"].is_string(), "{trouble}");
}

#[tokio::test]
async fn a_handle_has_one_owner() {
    let app = app();
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    assert_eq!(post(&app, "/join", key.clone()).await.0, 201);
    let (status, trouble) = post(&app, "/join", key).await;
    assert_eq!(
        (status, &trouble["trouble"]),
        (409, &json!("username_taken"))
    );
    assert!(trouble["about"]["handle"].is_string(), "{trouble}");
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let app = app();
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    assert_eq!(post(&app, "/join", key).await.0, 201);
    for handle in ["ann", "bob"] {
        let key = json!({ "handle": handle, "passphrase": "another one of them" });
        let (status, trouble) = post(&app, "/enter", key).await;
        assert_eq!(
            (status, &trouble["trouble"]),
            (401, &json!("invalid_credentials"))
        );
    }
    assert_eq!(me(&app, "forged").await.0, 401);
    let nobody = Request::get("/me").body(Body::empty()).expect("a request");
    assert_eq!(ask(&app, nobody).await.0, 401);
}

//! The service, asked without a socket, over fakes that cost no time.
#![cfg(test)]

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::connect_info::MockConnectInfo,
    http::{Request, header},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use userhub_testkit::TestServices;

const PASSPHRASE: &str = "three plums in a bowl";

fn app() -> Router {
    app_of(&TestServices::new())
}

/// As for somebody at this address.
fn app_of(test: &TestServices) -> Router {
    let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
    embed_axum::app(test.services.clone()).layer(MockConnectInfo(peer))
}

async fn answer(app: &Router, request: Request<Body>) -> Response {
    app.clone().oneshot(request).await.expect("an answer")
}

async fn ask(app: &Router, request: Request<Body>) -> (u16, Value) {
    let response = answer(app, request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body");
    let json = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    (status, json)
}

fn posted(path: &str, body: impl ToString) -> Request<Body> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()));
    request.expect("a request")
}

async fn post(app: &Router, path: &str, body: Value) -> (u16, Value) {
    ask(app, posted(path, body)).await
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
    assert_eq!(me(&app, token).await, (200, member.clone()));

    let renewal = json!({ "renewal": ticket["renewal"] });
    let (status, next) = post(&app, "/renew", renewal).await;
    assert_eq!(status, 200);
    assert_ne!(next["renewal"], ticket["renewal"]);
    let token = next["token"].as_str().expect("a token");
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

#[tokio::test]
async fn who_guesses_is_told_to_wait() {
    let test = TestServices::new();
    let app = app_of(&test);
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    assert_eq!(post(&app, "/join", key).await.0, 201);
    let address = test.store.events()[0].origin.address;
    assert_eq!(address, Some([192, 0, 2, 1].into()));

    // One client that tries many accounts: 500 guesses are free.
    for guess in 0..500 {
        let key = json!({ "handle": format!("user{guess}"), "passphrase": "a guess" });
        assert_eq!(post(&app, "/enter", key).await.0, 401);
    }
    let key = json!({ "handle": "bob", "passphrase": "a guess" });
    let response = answer(&app, posted("/enter", key)).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn answers_say_how_to_go_on() {
    let test = TestServices::new();
    let app = app_of(&test);
    let nobody = Request::get("/me").body(Body::empty()).expect("a request");
    let response = answer(&app, nobody).await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");

    test.store.fail_commit();
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    let response = answer(&app, posted("/join", &key)).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    assert_eq!(post(&app, "/join", key).await.0, 201);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_the_same_shape() {
    let app = app();
    for (path, body, status) in [
        ("/join", "{", 400),
        ("/join", "[1]", 422),
        ("/renew", "{}", 422),
    ] {
        let trouble = json!({ "trouble": "unreadable", "about": null });
        assert_eq!(ask(&app, posted(path, body)).await, (status, trouble));
    }
}

#[tokio::test]
async fn a_scheme_is_the_same_in_any_case() {
    let app = app();
    for (header, trouble) in [
        ("bearer forged", "invalid_token"),
        ("Basic YTpi", "not_authenticated"),
    ] {
        let request = Request::get("/me").header(header::AUTHORIZATION, header);
        let request = request.body(Body::empty()).expect("a request");
        assert_eq!(ask(&app, request).await.1["trouble"], trouble);
    }
}

#[tokio::test]
async fn without_an_address_nobody_is_let_guess() {
    let app = embed_axum::app(TestServices::new().services);
    let key = json!({ "handle": "ann", "passphrase": PASSPHRASE });
    assert_eq!(post(&app, "/enter", key).await.0, 500);
}

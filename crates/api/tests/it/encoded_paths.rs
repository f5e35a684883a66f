//! Paths that are percent-encoded where they need not be, or must be.

use actix_web::web;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    host::{Host, header, problem},
    test_app::{PASSWORD, TestApp},
};

async fn mounted_at(scope: &'static str) -> Host {
    Host::serving(TestApp::new().await, None, move |state, config| {
        config.service(web::scope(scope).configure(userhub_api::configure(state)));
    })
    .await
}

async fn registered(host: &Host, path: &str) -> Response {
    let body = json!({"username": "ann", "email": "ann@example.org", "password": PASSWORD});
    host.post(path, body).await
}

#[tokio::test]
async fn an_encoded_letter_changes_nothing() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let body = json!({"username": "ann", "email": "ann@example.org", "password": PASSWORD});
    client.post("/api/v1/auth/register", body).await;
    for path in [
        "/%61pi/v1/auth/login",
        "/api/v1/auth/%6Cogin",
        "/%61pi/v1/auth/login/",
    ] {
        let body = json!({"identifier": "ann", "password": PASSWORD});
        let answer = client.post(path, body).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let answer = client.send(client.request(Method::PUT, path)).await;
        assert_eq!(answer.code(), "method_not_allowed", "{path}");
        assert_eq!(answer.header("allow"), "POST, OPTIONS", "{path}");
        let answer = client.send(client.request(Method::OPTIONS, path)).await;
        assert_eq!(answer.status, 204, "{path}");
    }
}

#[tokio::test]
async fn below_any_prefix_methods_slashes_and_links_are_as_ever() {
    for (scope, mount) in [
        ("/accounts", "/%61ccounts"),
        ("/für kunden", "/f%C3%BCr%20kunden"),
        ("/of/{tenant}", "/of/%0d%0aX-Own:%20a"),
        ("/of/{tenant}", "/of/a%2Fb%25"),
        ("/of/{tenant}", "/of/%ff"),
    ] {
        let host = mounted_at(scope).await;
        let path = format!("{mount}/api/v1/auth/register/");
        let made = registered(&host, &path).await;
        assert_eq!(made.status(), 201, "{mount}");
        assert_eq!(header(&made, "cache-control"), "no-store", "{mount}");
        let location = header(&made, "location").to_owned();
        let users = format!("{mount}/api/v1/users/");
        assert!(location.starts_with(&users), "{location}");
        problem(host.get(&location, "").await, 401, "not_authenticated").await;

        let options = host.send(Method::OPTIONS, &path, "", Value::Null).await;
        assert_eq!(options.status(), 204, "{mount}");
        let wrong = host.send(Method::PUT, &path, "", Value::Null).await;
        assert_eq!(header(&wrong, "allow"), "POST, OPTIONS", "{mount}");
        let wrong = problem(wrong, 405, "method_not_allowed").await;
        let kind = wrong["type"].as_str().expect("a type");
        assert_eq!(host.get(kind, "").await.status(), 200, "{kind}");

        let docs = host.get(mount, "").await;
        assert_eq!(header(&docs, "location"), format!("{mount}/docs/"));
        let script = format!("{mount}/docs/swagger-initializer.js");
        let script = host.get(&script, "").await.text().await.expect("text");
        let document = format!("{mount}/openapi.json");
        assert!(script.contains(&document), "{script}");
        let document = host.get(&document, "").await;
        let document: Value = document.json().await.expect("JSON");
        let login = format!("{mount}/api/v1/auth/login");
        assert!(document["paths"][login].is_object(), "{mount}");
    }
}

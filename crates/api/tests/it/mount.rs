//! UserHub in a scope of somebody else's application.

use actix_web::{HttpResponse, middleware::from_fn, web};
use reqwest::Method;
use serde_json::{Value, json};
use userhub_api::http::{Caller, MayRead, OptionalCaller, observe};
use userhub_domain::caller::Admin;
use userhub_testkit::a_user;

use crate::{
    host::{Host, header, problem},
    test_app::{PASSWORD, TestApp},
};

/// Below a scope with a placeholder, because that is the hardest.
const MOUNT: &str = "/of/acme/accounts";

async fn report(Caller(_admin): Caller<Admin>) -> &'static str {
    "for administrators"
}

async fn greet(Caller(caller): Caller<MayRead>) -> String {
    format!("hello {}", caller.id())
}

async fn perhaps(OptionalCaller(caller): OptionalCaller) -> String {
    caller.is_some().to_string()
}

async fn echo(body: web::Json<Value>) -> HttpResponse {
    HttpResponse::Ok().json(body.into_inner())
}

async fn new() -> Host {
    Host::serving(TestApp::new().await, None, |state, config| {
        let accounts = web::scope("/accounts").configure(userhub_api::configure(state));
        let observed = web::scope("/observed")
            .route("/report", web::get().to(report))
            .wrap(from_fn(observe));
        config
            .service(web::scope("/of/{tenant}").service(accounts))
            .service(observed)
            .route("/report", web::get().to(report))
            .route("/greet", web::get().to(greet))
            .route("/perhaps", web::get().to(perhaps))
            .route("/echo", web::post().to(echo))
            .route("/big/", web::get().to(HttpResponse::Ok));
    })
    .await
}

#[tokio::test]
async fn somebody_registers_and_signs_in_below_the_mount_point() {
    let host = new().await;
    let body = json!({"username": "ann", "email": "ann@example.org", "password": PASSWORD});
    let path = format!("{MOUNT}/api/v1/auth/register");
    let made = host.post(&path, body).await;
    assert_eq!(made.status(), 201);
    assert_eq!(header(&made, "cache-control"), "no-store");
    assert!(!header(&made, "x-request-id").is_empty());
    let location = header(&made, "location").to_owned();
    assert!(
        location.starts_with(&format!("{MOUNT}/api/v1/users/")),
        "{location}"
    );
    let body = json!({"identifier": "ann", "password": PASSWORD});
    let path = format!("{MOUNT}/api/v1/auth/login/");
    let pair: Value = host.post(&path, body).await.json().await.expect("JSON");
    let token = pair["access_token"].as_str().expect("a token");
    assert_eq!(host.get(&location, token).await.status(), 200);
    let me = format!("{MOUNT}/api/v1/users/me");
    let head = host.send(Method::HEAD, &me, token, Value::Null).await;
    assert_eq!(head.status(), 200);
}

#[tokio::test]
async fn what_is_wrong_below_the_mount_point_is_a_problem_that_leads_to_its_page() {
    let host = new().await;
    let lost = host.get(&format!("{MOUNT}/nowhere"), "").await;
    let refusal = problem(lost, 404, "not_found").await;
    let kind = refusal["type"].as_str().expect("a type");
    assert_eq!(kind, format!("{MOUNT}/problems/not_found"));
    assert_ne!(refusal["request_id"], "");
    assert_eq!(host.get(kind, "").await.status(), 200);
    let path = format!("{MOUNT}/api/v1/users/me");
    let wrong = host.post(&path, json!({})).await;
    assert!(header(&wrong, "allow").contains("GET"), "{wrong:?}");
    problem(wrong, 405, "method_not_allowed").await;
    problem(host.get(&path, "").await, 401, "not_authenticated").await;
    let path = format!("{MOUNT}/api/v1/auth/login");
    problem(host.post(&path, json!([])).await, 422, "validation_failed").await;
}

#[tokio::test]
async fn the_documentation_moves_along() {
    let host = new().await;
    for path in ["", "/"] {
        let redirect = host.get(&format!("{MOUNT}{path}"), "").await;
        assert_eq!(redirect.status(), 302, "{path}");
        assert_eq!(header(&redirect, "location"), format!("{MOUNT}/docs/"));
    }
    for path in ["/docs", "/docs/"] {
        let page = host.get(&format!("{MOUNT}{path}"), "").await;
        assert_eq!(page.status(), 200, "{path}");
    }
    let script = format!("{MOUNT}/docs/swagger-initializer.js");
    let script = host.get(&script, "").await.text().await.expect("text");
    assert!(
        script.contains(&format!("{MOUNT}/openapi.json")),
        "{script}"
    );
    let document = host.get(&format!("{MOUNT}/openapi.json"), "").await;
    let document: Value = document.json().await.expect("JSON");
    assert_eq!(document, host.app.state.document.mounted_at(MOUNT));
    assert!(document["paths"][format!("{MOUNT}/api/v1/auth/login")].is_object());
}

#[tokio::test]
async fn the_pages_of_mailed_links_move_along() {
    let host = new().await;
    for path in ["verify-email", "assets/account.js", "assets/account.css"] {
        let page = host.get(&format!("{MOUNT}/{path}"), "").await;
        assert_eq!(page.status(), 200, "{path}");
    }
    let page = format!("{MOUNT}/reset-password");
    let page = host.get(&page, "").await.text().await.expect("text");
    for link in ["assets/account.js", "api/v1/auth/password/reset"] {
        assert!(page.contains(&format!("=\"{link}\"")), "{link}");
    }
}

#[tokio::test]
async fn the_hosts_own_routes_keep_their_manners() {
    let host = new().await;
    let lost = host.get("/nowhere", "").await;
    assert_eq!(lost.status(), 404);
    for name in ["x-request-id", "x-content-type-options", "content-type"] {
        assert_eq!(header(&lost, name), "", "{name}");
    }
    // Their JSON, their errors, their slashes.
    let url = format!("http://{}/echo", host.address);
    let broken = host
        .app
        .http
        .post(url)
        .header("content-type", "application/json");
    let broken = broken.body("{").send().await.expect("an answer");
    assert_eq!(broken.status(), 400);
    assert_ne!(header(&broken, "content-type"), "application/problem+json");
    let whole = host.post("/echo", json!({"unknown": [1]})).await;
    assert_eq!(
        whole.json::<Value>().await.expect("JSON"),
        json!({"unknown": [1]})
    );
    assert_eq!(host.get("/big/", "").await.status(), 200);
    assert_eq!(host.get("/big", "").await.status(), 404);
}

#[tokio::test]
async fn the_guards_work_on_the_hosts_own_routes() {
    let host = new().await;
    let ann = a_user();
    host.app.add(&ann).await;
    let user = host.app.as_user(&ann).await.token.expect("a token");
    let admin = host.app.as_admin().await.token.expect("a token");

    problem(host.get("/report", "").await, 401, "not_authenticated").await;
    problem(host.get("/report", "forged").await, 401, "invalid_token").await;
    problem(host.get("/report", &user).await, 403, "forbidden").await;
    assert_eq!(host.get("/report", &admin).await.status(), 200);

    problem(host.get("/greet", "").await, 401, "not_authenticated").await;
    let greeted = host.get("/greet", &user).await.text().await;
    assert_eq!(greeted.expect("text"), format!("hello {}", ann.id));

    for (token, known) in [("", "false"), (&*user, "true")] {
        let answer = host.get("/perhaps", token).await.text().await;
        assert_eq!(answer.expect("text"), known);
    }
    let refused = host.get("/observed/report", &user).await;
    let id = header(&refused, "x-request-id").to_owned();
    let refused = problem(refused, 403, "forbidden").await;
    assert_eq!(refused["request_id"], id);
}

#[tokio::test]
async fn the_document_becomes_a_part_of_the_hosts() {
    let app = TestApp::new().await;
    let document = &app.state.document;
    let mut host = json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "1" },
        "paths": { "/orders": {} },
        "components": { "schemas": { "Order": {} } },
    });
    document.merge_into(&mut host, "/accounts").expect("merged");
    assert_eq!(host["info"]["title"], "Shop");
    assert!(host["paths"]["/orders"].is_object());
    assert!(host["paths"]["/accounts/api/v1/auth/login"]["post"].is_object());
    assert!(host["components"]["schemas"]["Order"].is_object());
    assert_eq!(
        host["components"]["schemas"]["Problem"],
        document.value()["components"]["schemas"]["Problem"]
    );
    let flow = &host["components"]["securitySchemes"]["oauth2"]["flows"]["password"];
    assert_eq!(flow["tokenUrl"], "/accounts/api/v1/auth/token");

    let mut other = json!({ "components": { "schemas": { "User": { "type": "string" } } } });
    let before = other.clone();
    let error = document
        .merge_into(&mut other, "")
        .expect_err("two of a name");
    assert!(error.to_string().contains("User"), "{error}");
    assert_eq!(other, before);
}

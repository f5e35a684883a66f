//! Who may call what, for every operation of the document.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use userhub_testkit::a_user;

use crate::test_app::{Client, TestApp};

const SOMEBODY: &str = "0190ffff-0000-7000-8000-000000000000";

/// The operations that only administrators have.
const FOR_ADMINS: [&str; 10] = [
    "createUser",
    "deleteUser",
    "listAuditEvents",
    "listUserSessions",
    "listUsers",
    "logoutUser",
    "purgeUser",
    "restoreUser",
    "startPasswordReset",
    "resetUserMfa",
];

struct Operation {
    id: String,
    method: Method,
    path: String,
    is_public: bool,
}

fn operations(app: &TestApp) -> Vec<Operation> {
    let paths = app.state.document.value()["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with("/api/")) {
        for (method, operation) in item.as_object().expect("methods") {
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path
                    .replace("{id}", SOMEBODY)
                    .replace("{username}", "somebody-else")
                    .replace("{email}", "somebody@else.example"),
                is_public: operation["security"] == Value::Array(Vec::new()),
            });
        }
    }
    all
}

fn request(client: &Client<'_>, operation: &Operation) -> RequestBuilder {
    let request = client.request(operation.method.clone(), &operation.path);
    if matches!(operation.method, Method::POST | Method::PATCH | Method::PUT) {
        return request.json(&json!({}));
    }
    request
}

#[tokio::test]
async fn only_what_is_public_answers_without_a_token() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    let liar = app.with_token("nonsense");
    for operation in operations(&app).iter().filter(|operation| !operation.is_public) {
        let answer = nobody.send(request(&nobody, operation)).await;
        assert_eq!(answer.code(), "not_authenticated", "{}", operation.id);
        let answer = liar.send(request(&liar, operation)).await;
        assert_eq!(answer.code(), "invalid_token", "{}", operation.id);
    }
}

#[tokio::test]
async fn the_public_list_is_short() {
    let app = TestApp::new().await;
    let mut public: Vec<_> = operations(&app)
        .into_iter()
        .filter(|operation| operation.is_public)
        .map(|operation| operation.id)
        .collect();
    public.sort();
    let expected =
        ["getSettings", "issueToken", "login", "logout", "refresh", "register", "resetPassword"];
    assert_eq!(public, expected);
}

#[tokio::test]
async fn what_administrators_do_is_refused_to_others_before_anything_is_looked_up() {
    let app = TestApp::new().await;
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    for operation in operations(&app) {
        if FOR_ADMINS.contains(&operation.id.as_str()) {
            let answer = client.send(request(&client, &operation)).await;
            assert_eq!(answer.code(), "forbidden", "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn somebody_else_looks_like_nobody() {
    let app = TestApp::new().await;
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    for id in [other.id.to_string(), SOMEBODY.to_owned(), "nonsense".to_owned()] {
        let path = format!("/api/v1/users/{id}");
        let body = json!({ "first_name": "Mallory" });
        for answer in [client.get(&path).await, client.patch(&path, body).await] {
            assert_eq!(answer.code(), "user_not_found", "{id}");
        }
        let answer = client.delete(&format!("/api/v1/auth/sessions/{id}")).await;
        assert_eq!(answer.code(), "session_not_found", "{id}");
    }
}

//! What keys may do, for every operation of the document.

use serde_json::json;
use userhub_testkit::{a_user, an_admin};

use crate::{
    backend::on_every_store,
    operations::{NOBODY, Operation, operations},
    test_app::{Answered, Client, TestApp},
};

/// What a key with the scope `read` is for.
const READS: [&str; 5] = [
    "getMe",
    "getUser",
    "getUserByEmail",
    "getUserByUsername",
    "me",
];

/// What a key with the scope `write` is for.
const WRITES: [&str; 4] = ["replaceMe", "replaceUser", "updateMe", "updateUser"];

/// The same, where its owner is an administrator.
const ADMIN_READS: [&str; 3] = ["listAuditEvents", "listUserSessions", "listUsers"];

/// What people do about their account in person.
const IN_PERSON: [&str; 15] = [
    "changeEmail",
    "changePassword",
    "confirmTotp",
    "createApiKey",
    "deleteMe",
    "disableTotp",
    "endSession",
    "enrolTotp",
    "getMfa",
    "listApiKeys",
    "listSessions",
    "logout",
    "logoutAll",
    "renewRecoveryCodes",
    "revokeApiKey",
];

/// What a key is told, judged before anything else of the request.
fn expected(operation: &Operation, scope: &str, is_admin: bool) -> Option<&'static str> {
    let id = operation.id.as_str();
    let may = |allowed: bool| if allowed { None } else { Some("forbidden") };
    if operation.is_for_admins() {
        let needed = if ADMIN_READS.contains(&id) {
            "read"
        } else {
            "write"
        };
        may(is_admin && scope == needed)
    } else if READS.contains(&id) {
        may(scope == "read")
    } else if WRITES.contains(&id) {
        may(scope == "write")
    } else {
        assert!(IN_PERSON.contains(&id), "{id} belongs on one of the lists");
        Some("session_required")
    }
}

fn check(answer: &Answered, what: &str, expected: Option<&str>) {
    match expected {
        Some(code) => {
            let found = (answer.status.as_u16(), answer.code());
            assert_eq!(found, (403, code.to_owned()), "{what}: {}", answer.text);
        }
        None => assert!(
            ![401, 403].contains(&answer.status.as_u16()),
            "{what}: {}",
            answer.text
        ),
    }
}

async fn try_everything(app: &TestApp, key: &Client<'_>, scope: &str, is_admin: bool) {
    for operation in operations(&app.state.document) {
        if operation.is_public && operation.id != "logout" {
            continue;
        }
        let expected = expected(&operation, scope, is_admin);
        let what = format!("{} with {scope}", operation.id);
        let answer = key.send(operation.request(key, NOBODY)).await;
        check(&answer, &what, expected);
        if expected.is_some() {
            // Whatever else is wrong with the request.
            for (id, content_type, body) in [
                ("nonsense", "application/json", "{"),
                (NOBODY, "text/plain", "x"),
            ] {
                let request = operation.sending(key, (id, content_type), body);
                check(&key.send(request).await, &what, expected);
            }
        }
    }
}

async fn each_operation_takes_the_scope_it_needs(app: TestApp) {
    for (user, is_admin) in [(a_user(), false), (an_admin(), true)] {
        app.add(&user).await;
        for scope in ["read", "write"] {
            let key = app.as_new_key(&user, &[scope]).await;
            try_everything(&app, &key, scope, is_admin).await;
        }
    }
}

async fn a_key_does_what_its_owner_may_and_no_more(app: TestApp) {
    let (user, admin) = (a_user(), an_admin());
    app.add(&user).await;
    app.add(&admin).await;
    let both = ["read", "write"];
    let program = app.as_new_key(&user, &both).await;
    let body = json!({ "first_name": "Ann" });
    let changed = program.patch("/api/v1/users/me", body).await;
    assert_eq!(changed.succeeded(200)["first_name"], "Ann");
    program.get("/api/v1/users").await.refused(403, "forbidden");
    let path = crate::test_app::path_of(&admin);
    program.get(&path).await.refused(404, "user_not_found");

    let program = app.as_new_key(&admin, &both).await;
    program.get("/api/v1/users").await.succeeded(200);
    let path = crate::test_app::path_of(&user);
    let body = json!({ "role": "admin" });
    program.patch(&path, body).await.succeeded(200);
    // A role that is taken away is taken from the keys.
    let body = json!({ "role": "user" });
    let path = crate::test_app::path_of(&admin);
    let other = app.as_user(&user).await;
    other.patch(&path, body).await.succeeded(200);
    program.get("/api/v1/users").await.refused(403, "forbidden");
}

on_every_store!(
    each_operation_takes_the_scope_it_needs,
    a_key_does_what_its_owner_may_and_no_more,
);

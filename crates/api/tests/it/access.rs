//! Who may call what, for every operation of the document.

use serde_json::json;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    operations::{NOBODY, Operation, operations},
    test_app::{TestApp, path_of, text},
};

/// What everybody who has signed in does with their own account.
const FOR_ONESELF: [&str; 23] = [
    "changeEmail",
    "changePassword",
    "confirmTotp",
    "createApiKey",
    "deleteMe",
    "disableTotp",
    "endSession",
    "enrolTotp",
    "getMe",
    "getMfa",
    "getUser",
    "getUserByEmail",
    "getUserByUsername",
    "listApiKeys",
    "listSessions",
    "logoutAll",
    "me",
    "renewRecoveryCodes",
    "replaceMe",
    "replaceUser",
    "revokeApiKey",
    "updateMe",
    "updateUser",
];

/// What nobody has to sign in for. Signing out takes one of two tokens.
const PUBLIC: [&str; 11] = [
    "forgotPassword",
    "getSettings",
    "issueToken",
    "login",
    "logout",
    "refresh",
    "register",
    "requestVerification",
    "resetPassword",
    "verifyEmail",
    "verifyMfa",
];

#[tokio::test]
async fn every_operation_is_public_for_oneself_or_for_administrators() {
    let app = TestApp::new().await;
    for operation in operations(&app.state.document) {
        let id = operation.id.as_str();
        assert_eq!(operation.is_public, PUBLIC.contains(&id), "{id}");
        let is_placed = operation.is_public || FOR_ONESELF.contains(&id);
        assert_ne!(
            is_placed,
            operation.is_for_admins(),
            "{id} belongs on one of the lists"
        );
    }
}

fn secured(app: &TestApp) -> impl Iterator<Item = Operation> {
    operations(&app.state.document)
        .into_iter()
        .filter(|operation| !operation.is_public)
}

async fn only_an_access_token_in_the_header_lets_anybody_in(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let admin = app.as_admin().await;
    let path = format!("{}/password-reset", path_of(&user));
    let ticket = admin.post_nothing(&path).await.succeeded(201);
    let access = text(&pair, "access_token");
    for operation in secured(&app) {
        let id = operation.id.as_str();
        let nobody = app.anonymous();
        let answer = nobody.send(operation.request(&nobody, NOBODY)).await;
        answer.refused(401, "not_authenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{id}");

        let path = format!("{}?access_token={access}", operation.path(NOBODY));
        let request = nobody.request(operation.method.clone(), &path);
        nobody.send(request).await.refused(401, "not_authenticated");
        let basic = operation
            .request(&nobody, NOBODY)
            .header("Authorization", "Basic YWRtaW46YWRtaW4=");
        nobody.send(basic).await.refused(401, "not_authenticated");

        for bad in [
            "nonsense",
            text(&pair, "refresh_token"),
            text(&ticket, "token"),
            "a.b.c",
        ] {
            let liar = app.with_token(bad);
            let answer = liar.send(operation.request(&liar, NOBODY)).await;
            answer.refused(401, "invalid_token");
            assert!(
                answer.header("www-authenticate").contains("invalid_token"),
                "{id}"
            );
        }
    }
    app.with_token(access)
        .get("/api/v1/auth/me")
        .await
        .succeeded(200);
}

async fn what_administrators_do_is_refused_to_others_before_anything_is_looked_at(app: TestApp) {
    let (user, target) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&target).await;
    let theirs = app.sign_in(&target).await;
    let before = app.stored(target.id).await;
    let client = app.as_user(&user).await;
    for operation in secured(&app).filter(Operation::is_for_admins) {
        for id in [
            &*target.id.to_string(),
            &*user.id.to_string(),
            NOBODY,
            "nonsense",
            "%00",
        ] {
            let answer = client.send(operation.request(&client, id)).await;
            answer.refused(403, "forbidden");
            for (content_type, body) in [("application/json", "{"), ("text/plain", "x")] {
                let request = operation.sending(&client, (id, content_type), body);
                client.send(request).await.refused(403, "forbidden");
            }
        }
        let path = format!("{}?limit=nonsense&kind=nonsense", operation.path(NOBODY));
        let request = client.request(operation.method.clone(), &path);
        client.send(request).await.refused(403, "forbidden");
    }
    assert_eq!(app.stored(target.id).await, before);
    assert_eq!(app.kinds_about(target.id).await, ["session.started"]);
    let client = app.with_token(text(&theirs, "access_token"));
    client.get("/api/v1/auth/me").await.succeeded(200);
}

async fn somebody_else_looks_like_nobody(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    app.add(&user).await;
    app.add(&other).await;
    let client = app.as_user(&user).await;
    for id in [&*other.id.to_string(), NOBODY, "nonsense"] {
        let path = format!("/api/v1/users/{id}");
        let body = json!({ "first_name": "Mallory" });
        client.get(&path).await.refused(404, "user_not_found");
        client
            .patch(&path, body.clone())
            .await
            .refused(404, "user_not_found");
        client.put(&path, body).await.refused(404, "user_not_found");
        let answer = client.delete(&format!("/api/v1/auth/sessions/{id}")).await;
        answer.refused(404, "session_not_found");
    }
    assert_eq!(app.stored(other.id).await, Some(other));
}

on_every_store!(
    only_an_access_token_in_the_header_lets_anybody_in,
    what_administrators_do_is_refused_to_others_before_anything_is_looked_at,
    somebody_else_looks_like_nobody,
);

//! The examples of the document work as they stand.

use reqwest::Method;
use serde_json::{Value, json};
use userhub_domain::mail::MailKind;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    operations::{Operation, operations},
    test_app::{Client, TestApp, path_of, text},
};

fn example(app: &TestApp, id: &str) -> Value {
    let all = operations(&app.state.document);
    let operation = all.iter().find(|operation: &&Operation| operation.id == id);
    let schema = operation.and_then(|operation| operation.body.as_ref());
    schema.expect("an operation with a body")["example"].clone()
}

async fn post(client: &Client<'_>, id: &str, path: &str, status: u16) -> Value {
    let body = example(client.app, id);
    client
        .post(&format!("/api/v1{path}"), body)
        .await
        .succeeded(status)
}

async fn one_after_the_other_they_succeed(app: TestApp) {
    let anonymous = app.anonymous();
    let registered = post(&anonymous, "register", "/auth/register", 201).await;
    let pair = post(&anonymous, "login", "/auth/login", 200).await;
    assert_eq!(pair["user"]["id"], registered["id"]);
    let alice = app.with_token(text(&pair, "access_token"));
    let body = example(&app, "updateMe");
    alice.patch("/api/v1/users/me", body).await.succeeded(200);
    let body = example(&app, "replaceMe");
    alice.put("/api/v1/users/me", body).await.succeeded(200);
    post(&alice, "enrolTotp", "/auth/mfa/totp", 201).await;
    let created = post(&alice, "createApiKey", "/auth/api-keys", 201).await;
    let key = app.with_token(text(&created, "key"));
    key.get("/api/v1/auth/me").await.succeeded(200);
    post(&alice, "changeEmail", "/auth/email/change", 200).await;
    post(&alice, "changePassword", "/auth/password/change", 204).await;
    post(&anonymous, "logout", "/auth/logout", 204).await;
    post(&anonymous, "forgotPassword", "/auth/password/forgot", 202).await;
    let path = "/auth/email/verification";
    post(&anonymous, "requestVerification", path, 202).await;

    let admin = app.as_admin().await;
    post(&admin, "createUser", "/users", 201).await;
    let user = a_user();
    app.add(&user).await;
    for id in ["updateUser", "replaceUser"] {
        admin
            .patch(&path_of(&user), example(&app, id))
            .await
            .succeeded(200);
    }
}

async fn the_form_signs_in(app: TestApp) {
    let anonymous = app.anonymous();
    post(&anonymous, "register", "/auth/register", 201).await;
    let pointer = "/components/schemas/TokenRequest/example";
    let form = app
        .state
        .document
        .value()
        .pointer(pointer)
        .expect("an example");
    let pairs = form.as_object().expect("members").iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={}", value.as_str().expect("a text")))
        .collect();
    let request = anonymous
        .request(Method::POST, "/api/v1/auth/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(pairs.join("&"));
    anonymous.send(request).await.succeeded(200);
}

/// Tokens of examples are nobody's, but they look like real ones.
async fn tokens_have_their_form(app: TestApp) {
    let user = a_user();
    let email = user.email.as_ref().expect("an address");
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let admin = app.as_admin().await;
    let ticket = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let ticket = ticket.succeeded(201);
    let shape = |value: &Value| {
        let text = value.as_str().expect("a text");
        (
            text.len(),
            text.split_once('_').map(|(prefix, _)| prefix.to_owned()),
        )
    };
    let protected = a_user();
    app.add_with_factor(&protected).await;
    let challenge = json!(app.challenge(&protected).await);
    let step = example(&app, "verifyMfa");
    assert_eq!(shape(&step["mfa_token"]), shape(&challenge));
    let answer = app.anonymous().post("/api/v1/auth/mfa/verify", step).await;
    answer.refused(401, "invalid_mfa_token");
    let refresh = example(&app, "refresh");
    assert_eq!(
        shape(&refresh["refresh_token"]),
        shape(&pair["refresh_token"])
    );
    let reset = example(&app, "resetPassword");
    assert_eq!(shape(&reset["token"]), shape(&ticket["token"]));
    let answer = app.anonymous().post("/api/v1/auth/refresh", refresh).await;
    answer.refused(401, "invalid_refresh_token");
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/reset", reset)
        .await;
    answer.refused(422, "token_invalid");
    app.ask_again(email.as_str()).await.succeeded(202);
    let mailed = app.mailed_token(MailKind::VerifyEmail).await;
    let verify = example(&app, "verifyEmail");
    assert_eq!(shape(&verify["token"]), shape(&mailed.into()));
    let answer = app
        .anonymous()
        .post("/api/v1/auth/email/verify", verify)
        .await;
    answer.refused(422, "token_invalid");
    assert_eq!(
        example(&app, "logout").as_object().map(|all| all.len()),
        Some(1)
    );
    assert_ne!(example(&app, "logout"), json!(null));
}

on_every_store!(
    one_after_the_other_they_succeed,
    the_form_signs_in,
    tokens_have_their_form,
);

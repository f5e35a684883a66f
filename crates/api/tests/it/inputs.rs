//! What every operation of the document must refuse, whatever it does.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use userhub_domain::users::User;
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    operations::{Operation, operations},
    test_app::{Answered, Client, TestApp},
};

/// Members whose text is compared, or hashed, and never stored or looked up as it is.
const OPAQUE: [&str; 6] = [
    "current_password",
    "mfa_token",
    "new_password",
    "password",
    "refresh_token",
    "token",
];

async fn somebody(app: &TestApp) -> (User, Client<'_>) {
    let user = a_user();
    app.add(&user).await;
    (user, app.as_admin().await)
}

fn with_bodies(app: &TestApp) -> Vec<(Operation, Value)> {
    operations(&app.state.document)
        .into_iter()
        .filter_map(|operation| operation.body.clone().map(|schema| (operation, schema)))
        .collect()
}

/// Signing out reads its body only where nobody is signed in.
fn caller<'a>(operation: &Operation, admin: &Client<'a>) -> Client<'a> {
    match operation.id.as_str() {
        "logout" => admin.app.anonymous(),
        _ => admin.clone(),
    }
}

async fn bodies_of_other_types_are_not_read(app: TestApp) {
    let (user, admin) = somebody(&app).await;
    for (operation, schema) in with_bodies(&app) {
        let client = caller(&operation, &admin);
        let example = schema["example"].to_string();
        for other in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/problem+json",
            "*/*",
            "",
        ] {
            let target = (&*user.id.to_string(), other);
            let answer = client
                .send(operation.sending(&client, target, example.clone()))
                .await;
            answer.refused(415, "unsupported_media_type");
        }
        let request = client.request(
            operation.method.clone(),
            &operation.path(&user.id.to_string()),
        );
        let answer = client.send(request.body(example)).await;
        answer.refused(415, "unsupported_media_type");
    }
    assert_eq!(app.stored(user.id).await, Some(user));
}

async fn what_is_no_json_object_of_known_members_is_refused(app: TestApp) {
    let (user, admin) = somebody(&app).await;
    let id = user.id.to_string();
    let deep = "[".repeat(100_000);
    for (operation, _) in with_bodies(&app) {
        let client = caller(&operation, &admin);
        let send = |body: Vec<u8>| {
            client.send(operation.sending(&client, (&id, "application/json"), body))
        };
        for bad in [
            &b" "[..],
            b"{",
            b"{}{}",
            b"NaN",
            b"'x'",
            b"\xef\xbb\xbf{}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":1,\"a\":2}",
            deep.as_bytes(),
        ] {
            send(bad.to_vec()).await.refused(400, "malformed_body");
        }
        for unfit in ["[]", "1", "\"x\"", "null", "true", "[{}]"] {
            send(unfit.into()).await.violates(&[("", "invalid_format")]);
        }
        let answer = send(br#"{"is_superuser": true, "$ne": null}"#.to_vec()).await;
        answer.refused(422, "validation_failed");
        for name in ["$ne", "is_superuser"] {
            assert!(
                answer
                    .errors()
                    .contains(&(name.to_owned(), "unknown_member".to_owned()))
            );
        }
    }
    assert_eq!(app.stored(user.id).await, Some(user));
}

async fn text_that_a_store_cannot_keep_is_refused_alike(app: TestApp) {
    let (user, admin) = somebody(&app).await;
    for (operation, schema) in with_bodies(&app) {
        let client = caller(&operation, &admin);
        let members = schema["properties"].as_object().expect("members").keys();
        for member in members.filter(|member| !OPAQUE.contains(&member.as_str())) {
            for text in [json!("a\0b"), json!({"a": "x\0y"}), json!({"a\0": "xy"})] {
                let body = changed(&schema, member, &text).to_string();
                let target = (&*user.id.to_string(), "application/json");
                let answer = client.send(operation.sending(&client, target, body)).await;
                if operation.id == "login" && text.is_string() {
                    answer.refused(401, "invalid_credentials");
                } else {
                    answer.refused(422, "validation_failed");
                    let errors = answer.errors();
                    let is_named = |name: &str| name.split('.').next() == Some(member);
                    assert!(
                        errors.iter().any(|(name, _)| is_named(name)),
                        "{member}: {errors:?}"
                    );
                }
            }
        }
    }
    assert_eq!(app.stored(user.id).await, Some(user));
}

/// The example of a schema with one member replaced.
fn changed(schema: &Value, member: &str, value: &Value) -> Value {
    let mut body = schema["example"].clone();
    // A sign-in takes one of its three names.
    if ["identifier", "username", "email"].contains(&member)
        && let Some(members) = body.as_object_mut()
    {
        members.remove("identifier");
    }
    body[member] = value.clone();
    body
}

async fn no_text_member_brings_a_store_down(app: TestApp) {
    let (user, admin) = somebody(&app).await;
    for (operation, schema) in with_bodies(&app) {
        let client = caller(&operation, &admin);
        for member in schema["properties"].as_object().expect("members").keys() {
            for odd in [
                "",
                "\0",
                "\u{fffd}\u{10ffff}",
                "' OR 1=1 --",
                "%s%n",
                &"x".repeat(60_000),
            ] {
                let body = changed(&schema, member, &json!(odd)).to_string();
                let target = (&*user.id.to_string(), "application/json");
                let answer = client.send(operation.sending(&client, target, body)).await;
                assert!(
                    answer.status.as_u16() < 500,
                    "{} {member}: {}",
                    operation.id,
                    answer.text
                );
            }
        }
    }
}

async fn odd_parameters_are_refused_alike(app: TestApp) {
    let (_, admin) = somebody(&app).await;
    for operation in operations(&app.state.document) {
        for name in &operation.query {
            for odd in ["%00", "a%00b", "%E2%80%AE"] {
                let answer = admin
                    .get(&format!("{}?{name}={odd}", operation.template))
                    .await;
                answer.refused(422, "validation_failed");
                assert_eq!(answer.errors().len(), 1, "{name}={odd}: {}", answer.text);
                assert_eq!(answer.errors()[0].0, *name);
            }
            let path = format!("{}?{name}=%FF&{name}=%ZZ", operation.template);
            assert!(admin.get(&path).await.status.as_u16() < 500, "{name}");
        }
    }
}

async fn odd_ids_are_not_found(app: TestApp) {
    let (_, admin) = somebody(&app).await;
    let all = operations(&app.state.document);
    for operation in all
        .iter()
        .filter(|operation| operation.template.contains("{id}"))
    {
        for odd in [
            "0",
            "-1",
            "9223372036854775808",
            "null",
            "undefined",
            "%00",
            "%FF",
            "%20",
            "*",
            "..%2Fme",
            "%27%20OR%201=1--",
            "0190ffff-0000-7000-8000-00000000000g",
            "0190ffff%2D0000",
            &"a".repeat(4000),
        ] {
            let answer = admin.send(operation.request(&admin, odd)).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{} {odd}",
                operation.id
            );
            assert!(
                answer.code().ends_with("not_found"),
                "{} {odd}",
                operation.id
            );
        }
    }
}

async fn a_slash_at_the_end_makes_no_difference(app: TestApp) {
    let (user, admin) = somebody(&app).await;
    let told = |answer: &Answered| {
        let mut body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        (answer.status, body)
    };
    for operation in operations(&app.state.document) {
        let path = operation.path(&user.id.to_string());
        let client = if operation.method == Method::GET {
            admin.clone()
        } else {
            app.anonymous()
        };
        let send = |path: String| client.send(client.request(operation.method.clone(), &path));
        let (without, with) = (send(path.clone()).await, send(format!("{path}/")).await);
        assert_eq!(told(&without), told(&with), "{}", operation.id);
    }
}

on_every_store!(
    bodies_of_other_types_are_not_read,
    what_is_no_json_object_of_known_members_is_refused,
    text_that_a_store_cannot_keep_is_refused_alike,
    no_text_member_brings_a_store_down,
    odd_parameters_are_refused_alike,
    odd_ids_are_not_found,
    a_slash_at_the_end_makes_no_difference,
);

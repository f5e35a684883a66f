//! `POST /api/v1/users` with `password_hash`: an account that moves in.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    flows::NEXT,
    test_app::{PASSWORD, TestApp, id_of},
};

const USERS: &str = "/api/v1/users";

/// The letters of the other system are not normalised.
const DECOMPOSED: &str = "cafe\u{301}-terrace-lantern-9";

fn body(app: &TestApp, name: &str, password: &str) -> Value {
    let hash = app.hasher.foreign_hash_of(password);
    json!({ "username": name, "password_hash": hash.expose_secret() })
}

async fn somebody_moves_in_and_the_hash_is_replaced(app: TestApp) {
    let admin = app.as_admin().await;
    for (name, password) in [
        ("mover", PASSWORD),
        ("composer", DECOMPOSED),
        ("short", "abc"),
    ] {
        let answer = admin.post(USERS, body(&app, name, password)).await;
        let user = answer.succeeded(201);
        assert!(!answer.text.contains("foreign$"), "{}", answer.text);
        let id = id_of(&user);
        assert!(app.stored_hash(id).await.starts_with("foreign$"));
        let answer = app.log_in(name, NEXT).await;
        answer.refused(401, "invalid_credentials");
        assert!(app.stored_hash(id).await.starts_with("foreign$"));
        for _ in 0..2 {
            app.log_in(name, password).await.succeeded(200);
            assert!(app.stored_hash(id).await.starts_with("$instant-fake$"));
        }
    }
}

async fn it_stands_in_place_of_a_password(app: TestApp) {
    let admin = app.as_admin().await;
    let mut both = body(&app, "mover", PASSWORD);
    both["password"] = json!(PASSWORD);
    let answer = admin.post(USERS, both).await;
    answer.violates(&[("password_hash", "not_allowed")]);
    let answer = admin.post(USERS, json!({ "username": "mover" })).await;
    answer.violates(&[("password", "required")]);
    let own = json!({ "username": "mover", "password_hash": "x" });
    let answer = app.anonymous().post("/api/v1/auth/register", own).await;
    assert!(
        answer
            .errors()
            .contains(&("password_hash".to_owned(), "unknown_member".to_owned()))
    );
    let user = a_user();
    app.add(&user).await;
    let path = crate::test_app::path_of(&user);
    let answer = admin.patch(&path, json!({ "password_hash": "x" })).await;
    answer.violates(&[("password_hash", "unknown_member")]);
}

async fn what_is_no_known_hash_is_named_and_not_shown(app: TestApp) {
    let admin = app.as_admin().await;
    for (hash, said) in [
        ("$2b$10$secretsecretsecretsecret", "bcrypt"),
        ("{SSHA}secretsecretsecret", ""),
        ("secretsecret", ""),
        ("", ""),
        (&"secret".repeat(10_000), ""),
    ] {
        let body = json!({ "username": "mover", "password_hash": hash });
        let answer = admin.post(USERS, body).await;
        answer.violates(&[("password_hash", "invalid_format")]);
        assert!(answer.text.contains(said), "{}", answer.text);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    for odd in [json!(1), json!(["x"]), json!({"$ne": null})] {
        let body = json!({ "username": "mover", "password_hash": odd });
        admin
            .post(USERS, body)
            .await
            .refused(422, "validation_failed");
    }
}

on_every_store!(
    somebody_moves_in_and_the_hash_is_replaced,
    it_stands_in_place_of_a_password,
    what_is_no_known_hash_is_named_and_not_shown,
);

//! `POST /api/v1/auth/email/verification` and `/verify`: accounts whose
//! addresses must be verified.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use userhub_domain::{
    audit::{Actor, EventKind},
    mail::{Delivery, MailKind},
};
use userhub_testkit::UserBuilder;

use crate::{
    backend::on_every_store,
    flows::{NEXT, hostile_tokens, verifying},
    test_app::{Answered, PASSWORD, TestApp, path_of},
};

const VERIFY: MailKind = MailKind::VerifyEmail;
const ALICE: &str = "alice@example.org";

async fn register(app: &TestApp, body: Value) -> Answered {
    app.anonymous().post("/api/v1/auth/register", body).await
}

async fn alice_registers(app: &TestApp) {
    let body = json!({"email": ALICE, "password": PASSWORD});
    let answer = register(app, body).await;
    answer.succeeded(202);
    assert_eq!((answer.text.as_str(), answer.header("location")), ("", ""));
}

async fn somebody_registers_confirms_and_signs_in(app: TestApp) {
    alice_registers(&app).await;
    // The wrong password tells nothing, the right one what is missing.
    let answer = app.log_in(ALICE, NEXT).await;
    answer.refused(401, "invalid_credentials");
    let answer = app.log_in(ALICE, PASSWORD).await;
    answer.refused(403, "email_not_verified");
    assert!(!answer.text.contains("token\""), "{}", answer.text);
    assert_eq!(app.mails_to(ALICE).await, [VERIFY]);
    let token = app.mailed_token(VERIFY).await;
    let answer = app.verify(token.as_str()).await;
    answer.succeeded(204);
    assert_eq!(answer.text, "");
    let pair = app.log_in(ALICE, PASSWORD).await.succeeded(200);
    assert_eq!(pair["user"]["email_verified"], true);
    let id = crate::test_app::id_of(&pair["user"]);
    let event = app.event(id, EventKind::EmailVerified).await;
    assert_eq!(event.actor, Actor::User(id));
    assert_eq!(event.fields, ["email_verified"]);
    app.verify(token).await.refused(422, "token_invalid");
    // Nothing is left to confirm, and nothing is said about it.
    app.ask_again(ALICE).await.succeeded(202);
    assert_eq!(app.deliver().await, [Delivery::Discarded]);
}

async fn nobody_learns_who_has_an_account(app: TestApp) {
    let body = json!({"email": "olivia@example.org", "username": "olivia", "password": PASSWORD});
    let fresh = register(&app, body.clone()).await;
    fresh.succeeded(202);
    app.verify(app.mailed_token(VERIFY).await)
        .await
        .succeeded(204);
    let body = json!({"email": "Olivia@Example.org", "username": "another", "password": NEXT});
    let known = register(&app, body).await;
    assert_eq!(known.told(), fresh.told());
    let mails = app.mails_to("olivia@example.org").await;
    assert_eq!(mails, [VERIFY, MailKind::AccountExists]);
    app.log_in("another", NEXT)
        .await
        .refused(401, "invalid_credentials");
    app.log_in("olivia", PASSWORD).await.succeeded(200);
    // A taken username is always said, and does not give the address away.
    for email in ["olivia@example.org", "nobody@example.org"] {
        let body = json!({"email": email, "username": "OLIVIA", "password": PASSWORD});
        let answer = register(&app, body).await;
        answer.names(409, "username_taken", &[("username", "username_taken")]);
    }
    assert_eq!(app.mails().await.len(), 2);
}

async fn an_address_must_be_given(app: TestApp) {
    let body = json!({"username": "alice", "password": PASSWORD});
    let answer = register(&app, body).await;
    answer.violates(&[("email", "required")]);
}

async fn the_owner_takes_an_account_back_that_somebody_else_made(app: TestApp) {
    alice_registers(&app).await;
    app.forget(ALICE).await.succeeded(202);
    let verification = app.mailed_token(VERIFY).await;
    let reset = app.mailed_token(MailKind::ResetPassword).await;
    app.reset(reset, NEXT).await.succeeded(204);
    // The reset has proved the address; the first password is dead, and so is
    // the mail of the registration.
    let answer = app.log_in(ALICE, PASSWORD).await;
    answer.refused(401, "invalid_credentials");
    app.verify(verification).await.refused(422, "token_invalid");
    app.log_in(ALICE, NEXT).await.succeeded(200);
}

async fn another_mail_voids_the_one_before(app: TestApp) {
    alice_registers(&app).await;
    let first = app.mailed_token(VERIFY).await;
    let asked = app.ask_again("ALICE@example.org").await;
    asked.succeeded(202);
    assert_eq!(
        asked.told(),
        app.ask_again("nobody@example.org").await.told()
    );
    let second = app.mailed_token(VERIFY).await;
    app.verify(first).await.refused(422, "token_invalid");
    app.verify(second).await.succeeded(204);
}

async fn an_address_is_asked_four_times_in_an_hour(app: TestApp) {
    let user = UserBuilder::new().email(ALICE).build();
    app.add(&user).await;
    for _ in 0..20 {
        app.ask_again(ALICE).await.succeeded(202);
    }
    assert_eq!(app.mails_to(ALICE).await, [VERIFY; 4]);
}

async fn a_token_lasts_a_day(app: TestApp) {
    for (email, seconds, status) in [
        ("early@example.org", 86_399, 204),
        ("late@example.org", 86_400, 422),
    ] {
        let body = json!({"email": email, "password": PASSWORD});
        register(&app, body).await.succeeded(202);
        let token = app.mailed_token(VERIFY).await;
        app.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(app.verify(token).await.status, status, "{email}");
    }
}

async fn of_many_at_once_one_confirms(app: TestApp) {
    let user = UserBuilder::new().email(ALICE).build();
    app.add(&user).await;
    app.ask_again(ALICE).await.succeeded(202);
    let token = app.mailed_token(VERIFY).await;
    let answers = join_all((0..8).map(|_| app.verify(token.as_str()))).await;
    let (done, late): (Vec<_>, Vec<_>) = answers.iter().partition(|one| one.status == 204);
    assert_eq!(done.len(), 1, "{answers:?}");
    late.iter()
        .for_each(|one| one.refused(422, "token_invalid"));
    app.event(user.id, EventKind::EmailVerified).await;
}

async fn a_token_dies_with_its_address_and_its_account(app: TestApp) {
    let admin = UserBuilder::new().admin().verified().build();
    app.add(&admin).await;
    let admin = app.as_user(&admin).await;
    for (number, patch) in [
        json!({"email": "elsewhere@example.org"}),
        json!({"is_active": false}),
        Value::Null,
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("user{number}@example.org");
        let user = UserBuilder::new().email(&email).build();
        app.add(&user).await;
        app.ask_again(&email).await.succeeded(202);
        let token = app.mailed_token(VERIFY).await;
        if patch.is_null() {
            admin.delete(&path_of(&user)).await.succeeded(204);
        } else {
            admin.patch(&path_of(&user), patch).await.succeeded(200);
        }
        app.verify(token).await.refused(422, "token_invalid");
        let stored = app.stored(user.id).await.expect("stored");
        assert!(!stored.email_verified, "{number}");
    }
}

async fn what_is_no_token_confirms_nothing(app: TestApp) {
    alice_registers(&app).await;
    let token = app.mailed_token(VERIFY).await;
    for hostile in hostile_tokens() {
        let answer = app.verify(hostile.clone()).await;
        assert!(
            [400, 422].contains(&answer.status.as_u16()),
            "{hostile}: {}",
            answer.text
        );
    }
    let answer = app
        .anonymous()
        .post("/api/v1/auth/email/verify", json!({}))
        .await;
    answer.violates(&[("token", "required")]);
    let answer = app.log_in(ALICE, PASSWORD).await;
    answer.refused(403, "email_not_verified");
    app.verify(token).await.succeeded(204);
}

async fn opening_a_link_uses_nothing_up(app: TestApp) {
    alice_registers(&app).await;
    let token = app.mailed_token(VERIFY).await;
    let client = app.anonymous();
    for page in ["/verify-email", "/confirm-email", "/reset-password"] {
        for method in ["GET", "HEAD"] {
            let method = method.parse().expect("a method");
            let request = client.request(method, &format!("{page}?token={token}"));
            assert_eq!(client.send(request).await.status, 200, "{page}");
        }
        let body = json!({ "token": token });
        client
            .post(page, body)
            .await
            .refused(405, "method_not_allowed");
    }
    for method in ["GET", "HEAD"] {
        let path = format!("/api/v1/auth/email/verify?token={token}");
        let request = client.request(method.parse().expect("a method"), &path);
        assert_eq!(client.send(request).await.status, 405);
    }
    let answer = app.log_in(ALICE, PASSWORD).await;
    answer.refused(403, "email_not_verified");
    app.verify(token).await.succeeded(204);
}

on_every_store!(under verifying:
    somebody_registers_confirms_and_signs_in,
    nobody_learns_who_has_an_account,
    an_address_must_be_given,
    the_owner_takes_an_account_back_that_somebody_else_made,
    another_mail_voids_the_one_before,
    an_address_is_asked_four_times_in_an_hour,
    a_token_lasts_a_day,
    of_many_at_once_one_confirms,
    a_token_dies_with_its_address_and_its_account,
    what_is_no_token_confirms_nothing,
    opening_a_link_uses_nothing_up,
);

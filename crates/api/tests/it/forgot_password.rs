//! `POST /api/v1/auth/password/forgot`, and what is mailed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;
use userhub_domain::{
    audit::{Actor, EventKind},
    mail::MailKind,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    flows::NEXT,
    test_app::{PASSWORD, TestApp, text},
};

const RESET: MailKind = MailKind::ResetPassword;

async fn a_mail_lets_its_reader_choose_a_new_password(app: TestApp) {
    let user = UserBuilder::new().email("Alice@Example.org").build();
    app.add(&user).await;
    let before = app.sign_in(&user).await;
    let key = json!({"name": "report", "scopes": ["read"], "expires_at": null});
    let client = app.with_token(text(&before, "access_token"));
    let key = client
        .post("/api/v1/auth/api-keys", key)
        .await
        .succeeded(201);
    let program = app.with_token(text(&key, "key"));
    program.get("/api/v1/auth/me").await.succeeded(200);
    let asked = app.forget(" ALICE@example.org").await;
    asked.succeeded(202);
    assert_eq!(asked.text, "");
    let event = app.event(user.id, EventKind::PasswordResetRequested).await;
    assert_eq!((event.actor, event.fields.len()), (Actor::Anonymous, 0));
    // To the address as it is stored, not as it was asked for.
    let mails = app.mails().await;
    let letter = &mails[0];
    assert_eq!((mails.len(), letter.kind), (1, RESET));
    assert_eq!(letter.to.as_str(), "Alice@Example.org");

    let token = app.mailed_token(RESET).await;
    app.reset(token.as_str(), NEXT).await.succeeded(204);
    for ended in [&client, &program] {
        let answer = ended.get("/api/v1/auth/me").await;
        answer.refused(401, "invalid_token");
    }
    let body = json!({"refresh_token": before["refresh_token"]});
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.refused(401, "invalid_refresh_token");
    let answer = app.log_in("alice@example.org", PASSWORD).await;
    answer.refused(401, "invalid_credentials");
    app.log_in("alice@example.org", NEXT).await.succeeded(200);
    // The token reached the mailbox, so the address is its reader's.
    let stored = app.stored(user.id).await.expect("stored");
    assert!(stored.email_verified);
    let kinds = app.kinds_about(user.id).await;
    assert!(kinds.contains(&"email.verified") && kinds.contains(&"password.reset"));
    let mails = app.mails_to("alice@example.org").await;
    assert_eq!(mails, [RESET, MailKind::PasswordChanged]);
}

async fn nothing_tells_whether_there_is_such_an_account(app: TestApp) {
    let known = UserBuilder::new().email("known@example.org").build();
    let suspended = UserBuilder::new()
        .email("suspended@example.org")
        .suspended()
        .build();
    let deleted = UserBuilder::new()
        .email("deleted@example.org")
        .deleted()
        .build();
    for user in [&known, &suspended, &deleted] {
        app.add(user).await;
    }
    for ask in [
        "/api/v1/auth/password/forgot",
        "/api/v1/auth/email/verification",
    ] {
        let mut told = BTreeSet::new();
        for name in ["known", "unknown", "suspended", "deleted"] {
            let body = json!({ "email": format!("{name}@example.org") });
            let answer = app.anonymous().post(ask, body).await;
            answer.succeeded(202);
            told.insert(answer.told());
        }
        assert_eq!(told.len(), 1, "{told:?}");
    }
    let mails = app.mails().await;
    let kinds: Vec<_> = mails
        .iter()
        .map(|one| (one.to.as_str(), one.kind))
        .collect();
    let expected = [
        ("known@example.org", RESET),
        ("known@example.org", MailKind::VerifyEmail),
    ];
    assert_eq!(kinds, expected);
}

async fn an_address_gets_four_mails_in_an_hour_and_nobody_can_tell(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    let mut told = BTreeSet::new();
    for number in 0..20 {
        let spelling = ["alice@example.org", "ALICE@example.org"][number % 2];
        let answer = app.forget(spelling).await;
        answer.succeeded(202);
        told.insert(answer.told());
        app.clock.advance(TimeDelta::minutes(2));
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(app.mails_to("alice@example.org").await, [RESET; 4]);
    // Somebody who waits gets one again.
    app.clock.advance(TimeDelta::hours(3));
    app.forget("alice@example.org").await.succeeded(202);
    assert_eq!(app.mails_to("alice@example.org").await, [RESET; 5]);
}

async fn the_second_mail_voids_the_first(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let first = app.mailed_token(RESET).await;
    app.forget("alice@example.org").await.succeeded(202);
    let second = app.mailed_token(RESET).await;
    let answer = app.reset(first, NEXT).await;
    answer.refused(422, "token_invalid");
    app.reset(second.as_str(), NEXT).await.succeeded(204);
    let answer = app.reset(second, PASSWORD).await;
    answer.refused(422, "token_invalid");
    app.log_in("alice@example.org", NEXT).await.succeeded(200);
}

async fn a_reset_leaves_the_second_factor_and_signs_nobody_in(app: TestApp) {
    let user = UserBuilder::new()
        .email("alice@example.org")
        .with(|record| record.mfa_enabled = true)
        .build();
    app.add(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let token = app.mailed_token(RESET).await;
    let answer = app.reset(token, NEXT).await;
    answer.succeeded(204);
    assert_eq!(answer.text, "");
    let answer = app.log_in("alice@example.org", NEXT).await;
    answer.refused(403, "mfa_required");
    assert!(app.stored(user.id).await.expect("stored").mfa_enabled);
}

async fn people_without_an_address_get_no_mail(app: TestApp) {
    let user = UserBuilder::new().username("alice").no_email().build();
    app.add(&user).await;
    let answer = app.forget("alice").await;
    answer.violates(&[("email", "invalid_format")]);
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/forgot", json!({}))
        .await;
    answer.violates(&[("email", "required")]);
    assert!(app.mails().await.is_empty());
}

async fn only_the_address_itself_is_mailed(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let email = user.email.as_ref().expect("an address").as_str();
    for hostile in [
        format!("{email},mallory@example.net"),
        format!("{email} mallory@example.net"),
        format!("{email}\r\nBcc: mallory@example.net"),
        format!("{email}\0"),
        format!("<{email}>"),
    ] {
        let answer = app.forget(&hostile).await;
        answer.violates(&[("email", "invalid_format")]);
    }
    let body = json!({ "email": [email, "mallory@example.net"] });
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/forgot", body)
        .await;
    answer.refused(422, "validation_failed");
    assert!(app.mails().await.is_empty());
}

on_every_store!(
    a_mail_lets_its_reader_choose_a_new_password,
    nothing_tells_whether_there_is_such_an_account,
    an_address_gets_four_mails_in_an_hour_and_nobody_can_tell,
    the_second_mail_voids_the_first,
    a_reset_leaves_the_second_factor_and_signs_nobody_in,
    people_without_an_address_get_no_mail,
    only_the_address_itself_is_mailed,
);

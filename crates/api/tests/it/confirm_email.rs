//! `POST /api/v1/auth/email/change` where addresses must be verified, and
//! `POST /api/v1/auth/email/verify` for the next address.

use futures_util::future::join_all;
use serde_json::json;
use userhub_domain::{
    audit::EventKind,
    mail::MailKind,
    users::{EmailAddress, User},
};
use userhub_testkit::UserBuilder;

use crate::{
    backend::on_every_store,
    flows::{NEXT, verifying},
    test_app::{Answered, Client, PASSWORD, TestApp},
};

const OLD: &str = "old@example.org";
const NEW: &str = "New@example.org";
const CONFIRM: MailKind = MailKind::ConfirmEmailChange;

async fn verified(app: &TestApp, email: &str) -> User {
    let user = UserBuilder::new().email(email).verified().build();
    app.add(&user).await;
    user
}

async fn ask(client: &Client<'_>, email: &str, password: &str) -> Answered {
    let body = json!({"email": email, "password": password});
    client.post("/api/v1/auth/email/change", body).await
}

async fn the_old_address_stays_until_the_new_one_is_confirmed(app: TestApp) {
    let user = verified(&app, OLD).await;
    let client = app.as_user(&user).await;
    ask(&client, NEW, NEXT).await.refused(403, "wrong_password");
    assert!(app.mails().await.is_empty());
    let answer = ask(&client, NEW, PASSWORD).await;
    answer.succeeded(202);
    assert_eq!(answer.text, "");
    assert_eq!(app.stored(user.id).await.expect("stored").email, user.email);
    app.log_in(OLD, PASSWORD).await.succeeded(200);
    app.log_in(NEW, PASSWORD)
        .await
        .refused(401, "invalid_credentials");
    // The link to the new address, the notice to the old one, without a link.
    let mails = app.mails().await;
    assert_eq!(app.mails_to(NEW).await, [CONFIRM]);
    assert_eq!(app.mails_to(OLD).await, [MailKind::EmailChangeRequested]);
    assert_eq!(mails.iter().filter(|one| one.token.is_some()).count(), 1);

    let token = app.mailed_token(CONFIRM).await;
    app.verify(token.as_str()).await.succeeded(204);
    app.verify(token).await.refused(422, "token_invalid");
    let stored = app.stored(user.id).await.expect("stored");
    let address = stored.email.as_ref().map(EmailAddress::as_str);
    assert_eq!((address, stored.email_verified), (Some(NEW), true));
    app.log_in(NEW, PASSWORD).await.succeeded(200);
    app.log_in(OLD, PASSWORD)
        .await
        .refused(401, "invalid_credentials");
    client.get("/api/v1/auth/me").await.succeeded(200);
    app.event(user.id, EventKind::EmailChangeRequested).await;
    let event = app.event(user.id, EventKind::EmailChanged).await;
    assert_eq!(event.fields, ["email", "email_verified"]);
    let told = app.mails_to(OLD).await;
    assert_eq!(told.last(), Some(&MailKind::EmailChanged));
}

async fn a_later_request_voids_an_earlier_one(app: TestApp) {
    let user = verified(&app, OLD).await;
    let client = app.as_user(&user).await;
    ask(&client, "first@example.org", PASSWORD)
        .await
        .succeeded(202);
    let first = app.mailed_token(CONFIRM).await;
    ask(&client, "second@example.org", PASSWORD)
        .await
        .succeeded(202);
    let second = app.mailed_token(CONFIRM).await;
    app.verify(first).await.refused(422, "token_invalid");
    app.verify(second).await.succeeded(204);
    app.log_in("second@example.org", PASSWORD)
        .await
        .succeeded(200);
}

async fn a_reset_and_another_password_void_it(app: TestApp) {
    for (number, resets) in [(0, true), (1, false)] {
        let old = format!("old{number}@example.org");
        let user = verified(&app, &old).await;
        let client = app.as_user(&user).await;
        ask(&client, NEW, PASSWORD).await.succeeded(202);
        let token = app.mailed_token(CONFIRM).await;
        if resets {
            app.forget(&old).await.succeeded(202);
            let reset = app.mailed_token(MailKind::ResetPassword).await;
            app.reset(reset, NEXT).await.succeeded(204);
        } else {
            let body = json!({"current_password": PASSWORD, "new_password": NEXT});
            let changed = client.post("/api/v1/auth/password/change", body).await;
            changed.succeeded(204);
        }
        app.verify(token).await.refused(422, "token_invalid");
        let stored = app.stored(user.id).await.expect("stored");
        assert_eq!(stored.email, user.email);
    }
}

async fn a_change_kills_what_was_mailed_to_the_old_address(app: TestApp) {
    let user = verified(&app, OLD).await;
    let client = app.as_user(&user).await;
    app.forget(OLD).await.succeeded(202);
    let reset = app.mailed_token(MailKind::ResetPassword).await;
    ask(&client, NEW, PASSWORD).await.succeeded(202);
    let token = app.mailed_token(CONFIRM).await;
    app.verify(token).await.succeeded(204);
    app.reset(reset, NEXT).await.refused(422, "token_invalid");
    app.forget(OLD).await.succeeded(202);
    let kinds = app.mails_to(OLD).await;
    let resets = kinds
        .iter()
        .filter(|kind| **kind == MailKind::ResetPassword);
    assert_eq!(resets.count(), 1, "none to an address that is nobody's");
}

async fn nobody_learns_that_an_address_is_taken(app: TestApp) {
    let other = verified(&app, "other@example.org").await;
    let user = verified(&app, OLD).await;
    let client = app.as_user(&user).await;
    let taken = ask(&client, "Other@example.org", PASSWORD).await;
    let free = ask(&client, "free@example.org", PASSWORD).await;
    free.succeeded(202);
    assert_eq!(taken.told(), free.told());
    assert!(!app.mails_to("other@example.org").await.contains(&CONFIRM));
    // Somebody else was faster: said to whoever reads the mail.
    let token = app.mailed_token(CONFIRM).await;
    verified(&app, "FREE@example.org").await;
    let answer = app.verify(token).await;
    answer.names(409, "email_taken", &[("email", "email_taken")]);
    for one in [&user, &other] {
        let stored = app.stored(one.id).await.expect("stored");
        assert_eq!(stored.email, one.email);
    }
}

async fn of_many_at_once_one_takes_the_address(app: TestApp) {
    let user = verified(&app, OLD).await;
    let client = app.as_user(&user).await;
    ask(&client, NEW, PASSWORD).await.succeeded(202);
    let token = app.mailed_token(CONFIRM).await;
    let answers = join_all((0..8).map(|_| app.verify(token.as_str()))).await;
    let done = answers.iter().filter(|one| one.status == 204).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(
        answers.iter().all(|one| one.status.as_u16() < 500),
        "{answers:?}"
    );
    app.event(user.id, EventKind::EmailChanged).await;
}

async fn an_address_is_asked_four_times_in_an_hour_whoever_asks(app: TestApp) {
    for number in 0..6 {
        let user = verified(&app, &format!("user{number}@example.org")).await;
        let client = app.as_user(&user).await;
        ask(&client, NEW, PASSWORD).await.succeeded(202);
    }
    assert_eq!(app.mails_to(NEW).await, [CONFIRM; 4]);
}

on_every_store!(under verifying:
    the_old_address_stays_until_the_new_one_is_confirmed,
    a_later_request_voids_an_earlier_one,
    a_reset_and_another_password_void_it,
    a_change_kills_what_was_mailed_to_the_old_address,
    nobody_learns_that_an_address_is_taken,
    of_many_at_once_one_takes_the_address,
    an_address_is_asked_four_times_in_an_hour_whoever_asks,
);

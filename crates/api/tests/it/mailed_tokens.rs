//! What a mailed token is good for, and until when.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use userhub_domain::{audit::EventKind, mail::MailKind};
use userhub_testkit::UserBuilder;

use crate::{
    backend::on_every_store,
    flows::{NEXT, hostile_tokens},
    test_app::{PASSWORD, TestApp, path_of},
};

const RESET: MailKind = MailKind::ResetPassword;

async fn a_token_dies_when_account_password_or_address_change(app: TestApp) {
    let admin = app.as_admin().await;
    for number in 0..5 {
        let email = format!("user{number}@example.org");
        let user = UserBuilder::new().email(&email).build();
        app.add(&user).await;
        let client = app.as_user(&user).await;
        app.forget(&email).await.succeeded(202);
        let token = app.mailed_token(RESET).await;
        let changed = match number {
            0 => {
                let body = json!({"current_password": PASSWORD, "new_password": NEXT});
                client.post("/api/v1/auth/password/change", body).await
            }
            1 => {
                let body = json!({"email": "elsewhere@example.org", "password": PASSWORD});
                client.post("/api/v1/auth/email/change", body).await
            }
            2 => {
                let body = json!({ "is_active": false });
                admin.patch(&path_of(&user), body).await
            }
            3 => client.delete("/api/v1/users/me").await,
            _ => client.post_nothing("/api/v1/auth/logout-all").await,
        };
        assert!(changed.status.is_success(), "{number}: {}", changed.text);
        let answer = app.reset(token, "another-plum-orchard").await;
        answer.refused(422, "token_invalid");
        let kinds = app.kinds_about(user.id).await;
        assert!(!kinds.contains(&"password.reset"), "{number}");
    }
}

async fn who_asks_before_a_change_gets_nothing_after_it(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let body = json!({"current_password": PASSWORD, "new_password": NEXT});
    let changed = client.post("/api/v1/auth/password/change", body).await;
    changed.succeeded(204);
    let mails = app.mails_to("alice@example.org").await;
    assert_eq!(mails, [MailKind::PasswordChanged]);
}

async fn a_token_lasts_an_hour_from_its_mail(app: TestApp) {
    for (email, seconds, status) in [
        ("early@example.org", 3599, 204),
        ("late@example.org", 3600, 422),
    ] {
        app.add(&UserBuilder::new().email(email).build()).await;
        app.forget(email).await.succeeded(202);
        // What is sent late is not late already.
        app.clock.advance(TimeDelta::hours(2));
        let token = app.mailed_token(RESET).await;
        app.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(app.reset(token, NEXT).await.status, status, "{email}");
    }
}

async fn of_many_at_once_one_resets(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let token = app.mailed_token(RESET).await;
    let passwords: Vec<_> = (0..8).map(|number| format!("{NEXT}-{number}")).collect();
    let tries = passwords.iter().map(|one| app.reset(token.as_str(), one));
    let answers = join_all(tries).await;
    let mut won = Vec::new();
    for (password, answer) in passwords.iter().zip(&answers) {
        if answer.status == 204 {
            won.push(password);
        } else {
            answer.refused(422, "token_invalid");
        }
    }
    assert_eq!(won.len(), 1, "{answers:?}");
    app.log_in("alice@example.org", won[0]).await.succeeded(200);
    app.event(user.id, EventKind::PasswordReset).await;
}

async fn what_is_no_token_changes_nothing(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let token = app.mailed_token(RESET).await;
    let before = app.stored(user.id).await;
    for hostile in hostile_tokens() {
        let answer = app.reset(hostile.clone(), NEXT).await;
        assert!(
            [400, 422].contains(&answer.status.as_u16()),
            "{hostile}: {}",
            answer.text
        );
    }
    let body = json!({ "new_password": NEXT });
    let answer = app
        .anonymous()
        .post("/api/v1/auth/password/reset", body)
        .await;
    answer.violates(&[("token", "required")]);
    assert_eq!(app.stored(user.id).await, before);
    app.log_in("alice@example.org", PASSWORD)
        .await
        .succeeded(200);
    app.reset(token, NEXT).await.succeeded(204);
}

async fn a_mailed_token_is_for_nothing_else(app: TestApp) {
    let user = UserBuilder::new().email("alice@example.org").build();
    app.add(&user).await;
    app.forget("alice@example.org").await.succeeded(202);
    let reset = app.mailed_token(RESET).await;
    app.ask_again("alice@example.org").await.succeeded(202);
    let verification = app.mailed_token(MailKind::VerifyEmail).await;
    let answer = app.verify(reset.as_str()).await;
    answer.refused(422, "token_invalid");
    let answer = app.reset(verification.as_str(), NEXT).await;
    answer.refused(422, "token_invalid");
    for token in [&reset, &verification] {
        // The same bits under the other prefix are another token.
        let other = |prefix: &str| format!("{prefix}{}", &token[4..]);
        if !token.starts_with("uhp_") {
            let answer = app.reset(other("uhp_"), NEXT).await;
            answer.refused(422, "token_invalid");
        }
        if !token.starts_with("uhv_") {
            app.verify(other("uhv_"))
                .await
                .refused(422, "token_invalid");
        }
        app.verify(other("uhe_"))
            .await
            .refused(422, "token_invalid");
        let answer = app.with_token(token).get("/api/v1/auth/me").await;
        answer.refused(401, "invalid_token");
        let body = json!({ "refresh_token": token });
        let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
        answer.refused(401, "invalid_refresh_token");
    }
    app.verify(verification).await.succeeded(204);
}

async fn tokens_are_long_and_all_different(app: TestApp) {
    let mut tokens = BTreeSet::new();
    for number in 0..8 {
        let email = format!("user{number}@example.org");
        app.add(&UserBuilder::new().email(&email).build()).await;
        app.forget(&email).await.succeeded(202);
        let token = app.mailed_token(RESET).await;
        let digits = token.strip_prefix("uhp_").expect("its prefix");
        assert_eq!(digits.len(), 64, "256 bits");
        assert!(digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        // Nothing of a clock or a counter at either end.
        assert!(tokens.insert(digits[..16].to_owned()) && tokens.insert(digits[48..].to_owned()));
    }
}

on_every_store!(
    a_token_dies_when_account_password_or_address_change,
    who_asks_before_a_change_gets_nothing_after_it,
    a_token_lasts_an_hour_from_its_mail,
    of_many_at_once_one_resets,
    what_is_no_token_changes_nothing,
    a_mailed_token_is_for_nothing_else,
    tokens_are_long_and_all_different,
);

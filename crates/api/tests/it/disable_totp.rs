//! `POST /api/v1/auth/mfa/totp/disable`, `/auth/mfa/recovery-codes` and
//! `DELETE /api/v1/users/{id}/mfa`

use serde_json::json;
use userhub_domain::{
    audit::{Actor, EventKind},
    mail::MailKind,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    factors::{DISABLE, RENEW, STEP, recovery_codes},
    flows::NEXT,
    operations::NOBODY,
    test_app::{PASSWORD, TestApp, path_of, text},
};

async fn it_is_given_up_with_both_factors_and_nothing_less(app: TestApp) {
    let user = a_user();
    let codes = app.add_with_factor(&user).await;
    let pair = app.both_steps(&user).await;
    app.clock.advance(STEP);
    let client = app.with_token(text(&pair, "access_token"));
    let (code, wrong) = (app.code(&user).await, app.wrong_code(&user).await);
    for path in [DISABLE, RENEW] {
        let answer = client.post(path, json!({ "password": PASSWORD })).await;
        answer.violates(&[("code", "required")]);
        let answer = client.post(path, json!({ "code": code })).await;
        answer.violates(&[("password", "required")]);
        let body = json!({ "password": NEXT, "code": code });
        client.post(path, body).await.refused(403, "wrong_password");
        let body = json!({ "password": PASSWORD, "code": wrong });
        client.post(path, body).await.refused(403, "wrong_code");
    }
    app.first_step(&user).await.refused(403, "mfa_required");

    let body = json!({ "password": PASSWORD, "code": code });
    client.post(DISABLE, body.clone()).await.succeeded(204);
    let signed_in = app.first_step(&user).await.succeeded(200);
    assert_eq!(signed_in["user"]["mfa_enabled"], false);
    let status = client.get("/api/v1/auth/mfa").await.succeeded(200);
    let off = json!({"enabled": false, "enabled_at": null, "recovery_codes_left": 0});
    assert_eq!(status, off);
    let answer = client.post(DISABLE, body).await;
    answer.refused(409, "mfa_not_enabled");
    app.event(user.id, EventKind::MfaDisabled).await;
    let address = user.email.as_ref().expect("an address").as_str();
    let mails = app.mails_to(address).await;
    assert!(mails.contains(&MailKind::MfaDisabled), "{mails:?}");

    // What was before is worthless for another app, too.
    app.add_factor(&user).await;
    let challenge = app.challenge(&user).await;
    let answer = app.second_step(challenge, codes[0].clone()).await;
    answer.refused(401, "invalid_credentials");
}

async fn a_recovery_code_is_enough_of_a_second_factor(app: TestApp) {
    let user = a_user();
    let codes = app.add_with_factor(&user).await;
    let pair = app.both_steps(&user).await;
    let client = app.with_token(text(&pair, "access_token"));
    let body = json!({ "password": PASSWORD, "code": codes[3] });
    client.post(DISABLE, body).await.succeeded(204);
    app.first_step(&user).await.succeeded(200);
}

async fn other_recovery_codes_void_all_before(app: TestApp) {
    let user = a_user();
    let before = app.add_with_factor(&user).await;
    let pair = app.both_steps(&user).await;
    app.clock.advance(STEP);
    let client = app.with_token(text(&pair, "access_token"));
    let code = app.code(&user).await;
    let body = json!({ "password": PASSWORD, "code": code });
    let answer = client.post(RENEW, body.clone()).await;
    let renewed = recovery_codes(&answer.succeeded(200));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(renewed.len(), 10);
    assert!(renewed.iter().all(|code| !before.contains(code)));
    // The code of the app was spent by it.
    client.post(RENEW, body).await.refused(403, "wrong_code");
    let challenge = app.challenge(&user).await;
    let answer = app.second_step(challenge.clone(), before[0].clone()).await;
    answer.refused(401, "invalid_credentials");
    app.second_step(challenge, renewed[0].clone())
        .await
        .succeeded(200);
    let address = user.email.as_ref().expect("an address").as_str();
    let mails = app.mails_to(address).await;
    assert!(mails.contains(&MailKind::RecoveryCodesRenewed), "{mails:?}");
}

async fn an_administrator_takes_it_away(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let deleted = UserBuilder::new().deleted().build();
    app.add(&deleted).await;
    let admin = app.as_admin().await;
    let path = format!("{}/mfa", path_of(&user));
    for _ in 0..2 {
        let answer = admin.delete(&path).await;
        answer.succeeded(204);
    }
    app.first_step(&user).await.succeeded(200);
    let event = app.event(user.id, EventKind::MfaReset).await;
    assert!(matches!(event.actor, Actor::User(id) if id != user.id));
    let address = user.email.as_ref().expect("an address").as_str();
    let mails = app.mails_to(address).await;
    assert_eq!(mails, [MailKind::MfaEnabled, MailKind::MfaDisabled]);
    let path = format!("/api/v1/users/{NOBODY}/mfa");
    admin.delete(&path).await.refused(404, "user_not_found");
    let path = format!("{}/mfa", path_of(&deleted));
    admin.delete(&path).await.refused(409, "user_deleted");
}

on_every_store!(
    it_is_given_up_with_both_factors_and_nothing_less,
    a_recovery_code_is_enough_of_a_second_factor,
    other_recovery_codes_void_all_before,
    an_administrator_takes_it_away,
);

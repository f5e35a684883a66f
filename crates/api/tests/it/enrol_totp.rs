//! `GET /api/v1/auth/mfa`, `POST /api/v1/auth/mfa/totp` and `…/confirm`

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::{audit::EventKind, mail::MailKind};
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    factors::{CONFIRM, DISABLE, ENROL, RENEW, hostile_codes, methods_of, recovery_codes},
    test_app::{PASSWORD, TestApp, text},
};

const MFA: &str = "/api/v1/auth/mfa";

async fn once_it_is_confirmed_it_is_asked_for(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let client = app.with_token(text(&pair, "access_token"));
    let off = json!({"enabled": false, "enabled_at": null, "recovery_codes_left": 0});
    assert_eq!(client.get(MFA).await.succeeded(200), off);

    let answer = client.post(ENROL, json!({ "password": PASSWORD })).await;
    let enrolled = answer.succeeded(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let secret = text(&enrolled, "secret");
    assert!(text(&enrolled, "otpauth_uri").starts_with("otpauth://totp/"));
    assert!(text(&enrolled, "otpauth_uri").contains(secret));
    assert!(text(&enrolled, "qr_svg").starts_with("<svg"));
    // Nothing has changed yet.
    assert_eq!(client.get(MFA).await.succeeded(200), off);
    app.sign_in(&user).await;

    let body = json!({ "code": app.wrong_code(&user).await });
    client.post(CONFIRM, body).await.refused(403, "wrong_code");
    let body = json!({ "code": app.code(&user).await });
    let answer = client.post(CONFIRM, body).await;
    let codes = recovery_codes(&answer.succeeded(200));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);

    let status = client.get(MFA).await.succeeded(200);
    assert_eq!(status["enabled"], true);
    assert_eq!(status["recovery_codes_left"], 10);
    let me = client.get("/api/v1/users/me").await.succeeded(200);
    assert_eq!(
        (&me["mfa_enabled"], &me["version"]),
        (&json!(true), &json!(1))
    );
    let answer = app.first_step(&user).await;
    answer.refused(403, "mfa_required");
    let problem = answer.json();
    assert_eq!(problem["mfa_methods"], json!(["totp", "recovery_code"]));
    assert_eq!(problem["expires_in"], 300);
    assert!(text(&problem, "mfa_token").starts_with("uhm_"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.text.contains("access_token"), "{}", answer.text);

    let address = user.email.as_ref().expect("an address").as_str();
    assert_eq!(app.mails_to(address).await, [MailKind::MfaEnabled]);
    app.event(user.id, EventKind::MfaEnabled).await;
}

async fn a_session_stays_what_it_was_started_as(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let client = app.with_token(text(&pair, "access_token"));
    let body = json!({ "password": PASSWORD });
    client.post(ENROL, body).await.succeeded(201);
    let body = json!({ "code": app.code(&user).await });
    client.post(CONFIRM, body).await.succeeded(200);
    let body = json!({ "refresh_token": pair["refresh_token"] });
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    let pair = answer.succeeded(200);
    assert_eq!(methods_of(&app, &pair).await, ["pwd"]);
    app.clock.advance(TimeDelta::minutes(1));
    let pair = app.both_steps(&user).await;
    assert_eq!(methods_of(&app, &pair).await, ["pwd", "otp", "mfa"]);
}

async fn it_takes_the_password(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let answer = client.post(ENROL, json!({})).await;
    answer.violates(&[("password", "required")]);
    for wrong in ["", "walnut-harbour-quartz-3"] {
        let answer = client.post(ENROL, json!({ "password": wrong })).await;
        answer.refused(403, "wrong_password");
    }
    let answer = client.post(CONFIRM, json!({ "code": "123456" })).await;
    answer.refused(409, "mfa_not_enabled");
    app.sign_in(&user).await;
}

async fn the_last_app_that_was_set_up_counts(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({ "password": PASSWORD });
    client.post(ENROL, body.clone()).await.succeeded(201);
    let before = app.code(&user).await;
    client.post(ENROL, body.clone()).await.succeeded(201);
    let answer = client.post(CONFIRM, json!({ "code": before })).await;
    answer.refused(403, "wrong_code");
    let code = json!({ "code": app.code(&user).await });
    client.post(CONFIRM, code.clone()).await.succeeded(200);
    for (path, body) in [(ENROL, body), (CONFIRM, code)] {
        let answer = client.post(path, body).await;
        answer.refused(409, "mfa_already_enabled");
    }
}

async fn without_one_there_is_nothing_to_change(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let body = json!({ "password": PASSWORD, "code": "123456" });
    for path in [DISABLE, RENEW] {
        let answer = client.post(path, body.clone()).await;
        answer.refused(409, "mfa_not_enabled");
    }
}

async fn what_is_no_code_is_refused_at_the_door(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let pair = app.both_steps(&user).await;
    let client = app.with_token(text(&pair, "access_token"));
    let challenge = app.challenge(&user).await;
    for code in hostile_codes() {
        let named = |answer: &crate::test_app::Answered| {
            answer.refused(422, "validation_failed");
            let fields: Vec<_> = answer.errors().into_iter().map(|one| one.0).collect();
            assert_eq!(fields, ["code"], "{code}");
        };
        let body = json!({ "code": code });
        named(&client.post(CONFIRM, body).await);
        let body: Value = json!({ "password": PASSWORD, "code": code });
        named(&client.post(DISABLE, body.clone()).await);
        named(&client.post(RENEW, body).await);
        named(&app.second_step(challenge.clone(), code.clone()).await);
    }
    // None of them was counted as a guess.
    app.clock.advance(crate::factors::STEP);
    let code = app.code(&user).await;
    app.second_step(challenge, code).await.succeeded(200);
}

on_every_store!(
    once_it_is_confirmed_it_is_asked_for,
    a_session_stays_what_it_was_started_as,
    it_takes_the_password,
    the_last_app_that_was_set_up_counts,
    without_one_there_is_nothing_to_change,
    what_is_no_code_is_refused_at_the_door,
);

//! `POST /api/v1/auth/mfa/verify`, and what the first step gives

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use userhub_domain::{audit::EventKind, mail::MailKind};
use userhub_testkit::a_user;

use crate::{
    backend::on_every_store,
    factors::{STEP, create_key, methods_of},
    flows::NEXT,
    test_app::{Answered, PASSWORD, TestApp, path_of, text},
};

fn statuses(answers: &[Answered]) -> Vec<u16> {
    let mut all: Vec<_> = answers.iter().map(|one| one.status.as_u16()).collect();
    all.sort_unstable();
    all
}

async fn the_second_step_signs_in_once(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let challenge = app.challenge(&user).await;
    let wrong = app.wrong_code(&user).await;
    let answer = app.second_step(challenge.clone(), wrong).await;
    answer.refused(401, "invalid_credentials");
    let code = app.code(&user).await;
    let answer = app.second_step(challenge.clone(), code).await;
    let pair = answer.succeeded(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(pair["user"]["id"], user.id.to_string());
    assert_eq!(pair["user"]["mfa_enabled"], true);
    assert_eq!(methods_of(&app, &pair).await, ["pwd", "otp", "mfa"]);
    let kinds = app.kinds_about(user.id).await;
    let count = |kind: &str| kinds.iter().filter(|one| **one == kind).count();
    // One of them before there was a second factor.
    assert_eq!((count("session.started"), count("session.failed")), (2, 1));
    app.clock.advance(STEP);
    let code = app.code(&user).await;
    let answer = app.second_step(challenge, code).await;
    answer.refused(401, "invalid_mfa_token");
}

async fn the_token_endpoint_says_what_is_missing(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let name = user.username.as_ref().expect("a name").as_str();
    let form = format!("grant_type=password&username={name}&password={PASSWORD}");
    let anonymous = app.anonymous();
    let request = anonymous
        .request(Method::POST, "/api/v1/auth/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = anonymous.send(request).await;
    answer.refused(403, "mfa_required");
    let problem = answer.json();
    assert_eq!(problem["error"], "mfa_required");
    assert_eq!(problem["error_description"], problem["detail"]);
    assert_eq!(problem["expires_in"], 300);
    let code = app.code(&user).await;
    let answer = app.second_step(text(&problem, "mfa_token"), code).await;
    answer.succeeded(200);
}

async fn a_challenge_is_no_token_and_no_token_is_a_challenge(app: TestApp) {
    let (user, admin) = (a_user(), app.as_admin().await);
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let key = create_key(&app.with_token(text(&pair, "access_token")), &["read"]).await;
    let path = format!("{}/password-reset", path_of(&user));
    let ticket = admin.post_nothing(&path).await.succeeded(201);
    let other = a_user();
    app.add_with_factor(&other).await;
    let challenge = app.challenge(&other).await;

    let client = app.with_token(&challenge);
    let answer = client.get("/api/v1/auth/me").await;
    answer.refused(401, "invalid_token");
    for token in [&*challenge, text(&key, "key"), text(&ticket, "token")] {
        let body = json!({ "refresh_token": token });
        let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
        answer.refused(401, "invalid_refresh_token");
    }
    for token in [&*challenge, text(&key, "key"), text(&pair, "refresh_token")] {
        app.reset(token, NEXT).await.refused(422, "token_invalid");
        app.verify(token).await.refused(422, "token_invalid");
    }
    let code = app.code(&other).await;
    let bits = challenge.trim_start_matches("uhm_").to_owned();
    for token in [
        text(&pair, "access_token"),
        text(&pair, "refresh_token"),
        text(&key, "key"),
        text(&ticket, "token"),
        "",
        "uhm_",
        &format!("uhm_{}", "0".repeat(64)),
        &format!("UHM_{bits}"),
        &format!("uhp_{bits}"),
        &bits,
    ] {
        let answer = app.second_step(token, code.clone()).await;
        answer.refused(401, "invalid_mfa_token");
    }
    for token in [json!(null), json!(1), json!([challenge]), json!({"$ne": 1})] {
        let answer = app.second_step(token, code.clone()).await;
        answer.refused(422, "validation_failed");
    }
    app.second_step(challenge, code).await.succeeded(200);
}

async fn a_code_works_once_also_at_the_same_moment(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(app.challenge(&user).await);
    }
    let code = app.code(&user).await;
    let steps = challenges
        .iter()
        .map(|challenge| app.second_step(challenge.clone(), code.clone()));
    let answers = join_all(steps).await;
    assert_eq!(statuses(&answers), [200, 401, 401, 401]);
    app.clock.advance(TimeDelta::minutes(1));
    let again = app.challenge(&user).await;
    let answer = app.second_step(again, code).await;
    answer.refused(401, "invalid_credentials");
}

async fn a_challenge_works_once_also_at_the_same_moment(app: TestApp) {
    let user = a_user();
    let recovery = app.add_with_factor(&user).await;
    let challenge = app.challenge(&user).await;
    let steps = recovery
        .iter()
        .take(4)
        .map(|code| app.second_step(challenge.clone(), code.clone()));
    let answers = join_all(steps).await;
    assert_eq!(statuses(&answers), [200, 401, 401, 401]);
}

async fn only_the_codes_around_now_are_right(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    for steps in [-20, -3, -2, 2, 3, 20] {
        // Long enough for guessing to be allowed again.
        app.clock.advance(TimeDelta::hours(1));
        let challenge = app.challenge(&user).await;
        let code = app.code_in(&user, steps).await;
        let answer = app.second_step(challenge, code).await;
        answer.refused(401, "invalid_credentials");
    }
    for steps in [-1, 0, 1] {
        app.clock.advance(TimeDelta::hours(1));
        let challenge = app.challenge(&user).await;
        let code = app.code_in(&user, steps).await;
        app.second_step(challenge, code).await.succeeded(200);
    }
}

async fn guesses_are_slowed_down_for_the_account(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    let recovery = app.add_factor(&user).await;
    let other = app.another().await;
    let guess = app.wrong_code(&user).await;
    for number in 0..5 {
        // Neither another challenge nor another instance starts anew.
        let instance = if number % 2 == 0 { &app } else { &other };
        let challenge = instance.challenge(&user).await;
        let answer = instance.second_step(challenge, guess.clone()).await;
        answer.refused(401, "invalid_credentials");
    }
    let challenge = app.challenge(&user).await;
    for (instance, code) in [
        (&app, guess.clone()),
        (&app, app.code(&user).await),
        (&other, recovery[0].clone()),
        (&other, app.code(&user).await),
    ] {
        let answer = instance.second_step(challenge.clone(), code).await;
        answer.refused(429, "too_many_requests");
        assert_eq!(answer.header("retry-after"), "15");
    }
    let body = json!({ "refresh_token": pair["refresh_token"] });
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.succeeded(200);
    app.clock.advance(TimeDelta::seconds(15));
    let code = app.code(&user).await;
    app.second_step(challenge, code).await.succeeded(200);
    let address = user.email.as_ref().expect("an address").as_str();
    let mails = app.mails_to(address).await;
    assert_eq!(mails, [MailKind::MfaEnabled, MailKind::SignInAfterFailures]);
}

async fn many_guesses_at_once_are_no_more_than_are_free(app: TestApp) {
    let user = a_user();
    app.add_with_factor(&user).await;
    let other = app.another().await;
    let challenge = app.challenge(&user).await;
    let guess = app.wrong_code(&user).await;
    let steps = (0..40).map(|number| {
        let instance = if number % 2 == 0 { &app } else { &other };
        instance.second_step(challenge.clone(), guess.clone())
    });
    let answers = join_all(steps).await;
    let checked = answers.iter().filter(|one| one.status == 401).count();
    let turned_away = answers.iter().filter(|one| one.status == 429).count();
    assert!(checked <= 7, "{checked} were checked");
    assert_eq!(checked + turned_away, 40, "{:?}", statuses(&answers));
}

async fn a_recovery_code_stands_in_once_for_its_owner(app: TestApp) {
    let (user, other) = (a_user(), a_user());
    let codes = app.add_with_factor(&user).await;
    let theirs = app.add_with_factor(&other).await;
    let challenge = app.challenge(&user).await;
    let answer = app.second_step(challenge.clone(), theirs[0].clone()).await;
    answer.refused(401, "invalid_credentials");

    let typed = codes[0].to_uppercase().replace('-', " ");
    let pair = app.second_step(challenge, typed).await.succeeded(200);
    assert_eq!(methods_of(&app, &pair).await, ["pwd", "rcv", "mfa"]);
    let client = app.with_token(text(&pair, "access_token"));
    let status = client.get("/api/v1/auth/mfa").await.succeeded(200);
    assert_eq!(status["recovery_codes_left"], 9);
    app.event(user.id, EventKind::MfaRecoveryUsed).await;
    let address = user.email.as_ref().expect("an address").as_str();
    let mails = app.mails_to(address).await;
    assert!(mails.contains(&MailKind::RecoveryCodeUsed), "{mails:?}");

    let challenge = app.challenge(&user).await;
    let answer = app.second_step(challenge.clone(), codes[0].clone()).await;
    answer.refused(401, "invalid_credentials");
    let again = app.challenge(&user).await;
    let twice = [challenge, again].map(|one| app.second_step(one, codes[1].clone()));
    assert_eq!(statuses(&join_all(twice).await), [200, 401]);
    // The other's is as good as before.
    let challenge = app.challenge(&other).await;
    let answer = app.second_step(challenge, theirs[0].clone()).await;
    answer.succeeded(200);
}

async fn a_reset_does_not_skip_the_second_factor(app: TestApp) {
    let (user, admin) = (a_user(), app.as_admin().await);
    app.add_with_factor(&user).await;
    let before = app.challenge(&user).await;
    let path = format!("{}/password-reset", path_of(&user));
    let ticket = admin.post_nothing(&path).await.succeeded(201);
    let answer = app.reset(text(&ticket, "token"), NEXT).await;
    answer.succeeded(204);
    assert_eq!(answer.text, "");
    let code = app.code(&user).await;
    let answer = app.second_step(before, code.clone()).await;
    answer.refused(401, "invalid_mfa_token");
    let name = user.username.as_ref().expect("a name").as_str();
    let answer = app.log_in(name, NEXT).await;
    answer.refused(403, "mfa_required");
    let challenge = text(&answer.json(), "mfa_token").to_owned();
    app.second_step(challenge, code).await.succeeded(200);
}

async fn a_challenge_ends_with_its_time_and_with_its_account(app: TestApp) {
    let (user, admin) = (a_user(), app.as_admin().await);
    app.add_with_factor(&user).await;
    let challenge = app.challenge(&user).await;
    app.clock.advance(TimeDelta::minutes(5));
    let code = app.code(&user).await;
    let answer = app.second_step(challenge, code.clone()).await;
    answer.refused(401, "invalid_mfa_token");

    let challenge = app.challenge(&user).await;
    let suspend = |active: bool| json!({ "is_active": active });
    for active in [false, true] {
        let answer = admin.patch(&path_of(&user), suspend(active)).await;
        answer.succeeded(200);
        let answer = app.second_step(challenge.clone(), code.clone()).await;
        answer.refused(401, "invalid_mfa_token");
    }
    let pair = app.both_steps(&user).await;
    let challenge = app.challenge(&user).await;
    let client = app.with_token(text(&pair, "access_token"));
    let body: Value = json!({ "current_password": PASSWORD, "new_password": NEXT });
    let answer = client.post("/api/v1/auth/password/change", body).await;
    answer.succeeded(204);
    app.clock.advance(STEP);
    let code = app.code(&user).await;
    let answer = app.second_step(challenge, code).await;
    answer.refused(401, "invalid_mfa_token");
}

on_every_store!(
    the_second_step_signs_in_once,
    the_token_endpoint_says_what_is_missing,
    a_challenge_is_no_token_and_no_token_is_a_challenge,
    a_code_works_once_also_at_the_same_moment,
    a_challenge_works_once_also_at_the_same_moment,
    only_the_codes_around_now_are_right,
    guesses_are_slowed_down_for_the_account,
    many_guesses_at_once_are_no_more_than_are_free,
    a_recovery_code_stands_in_once_for_its_owner,
    a_reset_does_not_skip_the_second_factor,
    a_challenge_ends_with_its_time_and_with_its_account,
);

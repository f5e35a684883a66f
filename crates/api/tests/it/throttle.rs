//! How guessing passwords is slowed down.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use userhub_api::ApiSettings;
use userhub_domain::{mail::MailKind, policy::Policy, users::User};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    flows::NEXT,
    test_app::{Answered, PASSWORD, TestApp, text},
};

/// How many passwords of one account are tried without a wait.
const FREE: usize = 10;
const LOGIN: &str = "/api/v1/auth/login";

/// How many passwords one client tries without a wait, for whatever account.
fn free_for_a_client() -> u32 {
    Policy::default().throttle.password_of_client.free
}

fn name(user: &User) -> &str {
    user.username.as_ref().expect("a name").as_str()
}

fn address(user: &User) -> &str {
    user.email.as_ref().expect("an address").as_str()
}

#[track_caller]
fn is_turned_away(answer: &Answered, seconds: &str) {
    answer.refused(429, "too_many_requests");
    assert_eq!(answer.header("retry-after"), seconds);
}

async fn guess_in_vain(app: &TestApp, identifier: &str) {
    for _ in 0..FREE {
        let answer = app.log_in(identifier, NEXT).await;
        answer.refused(401, "invalid_credentials");
    }
}

async fn the_eleventh_guess_waits_and_so_does_the_owner_but_not_the_session(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let pair = app.sign_in(&user).await;
    guess_in_vain(&app, name(&user)).await;
    let tried = app.hasher.verifications();
    for password in [NEXT, PASSWORD] {
        is_turned_away(&app.log_in(name(&user), password).await, "15");
    }
    assert_eq!(app.hasher.verifications(), tried);
    let client = app.with_token(text(&pair, "access_token"));
    client.get("/api/v1/auth/me").await.succeeded(200);
    let body = json!({ "refresh_token": pair["refresh_token"] });
    let answer = app.anonymous().post("/api/v1/auth/refresh", body).await;
    answer.succeeded(200);

    // Whole seconds, rounded up: not one too early.
    app.clock.advance(TimeDelta::milliseconds(501));
    is_turned_away(&app.log_in(name(&user), PASSWORD).await, "15");
    app.clock.advance(TimeDelta::milliseconds(14_498));
    is_turned_away(&app.log_in(name(&user), PASSWORD).await, "1");
    app.clock.advance(TimeDelta::milliseconds(1));
    app.log_in(name(&user), PASSWORD).await.succeeded(200);
    let mails = app.mails_to(address(&user)).await;
    assert_eq!(mails, [MailKind::SignInAfterFailures]);
    // It was right: everything is forgotten.
    guess_in_vain(&app, name(&user)).await;
}

async fn waits_grow_and_none_is_for_good(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    guess_in_vain(&app, name(&user)).await;
    for seconds in [15, 30, 60, 120] {
        let answer = app.log_in(name(&user), NEXT).await;
        is_turned_away(&answer, &seconds.to_string());
        app.clock.advance(TimeDelta::seconds(seconds));
        let answer = app.log_in(name(&user), NEXT).await;
        answer.refused(401, "invalid_credentials");
    }
    app.clock.advance(TimeDelta::days(1));
    app.log_in(name(&user), PASSWORD).await.succeeded(200);
}

async fn it_does_not_tell_who_has_an_account(app: TestApp) {
    let (user, deleted) = (a_user(), UserBuilder::new().deleted().build());
    let suspended = UserBuilder::new().suspended().build();
    for user in [&user, &deleted, &suspended] {
        app.add(user).await;
    }
    let mut told = Vec::new();
    for identifier in [
        name(&user),
        name(&deleted),
        name(&suspended),
        "nobody",
        "nobody@example.org",
        "no such thing, at all",
    ] {
        guess_in_vain(&app, identifier).await;
        let answer = app.log_in(identifier, PASSWORD).await;
        is_turned_away(&answer, "15");
        let mut problem = answer.json();
        problem["request_id"] = json!(null);
        let (_, _, mut headers) = answer.told();
        // Ids of requests grow.
        headers.retain(|(name, _)| name != "content-length");
        told.push((headers, problem));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
}

async fn neither_spelling_nor_claimed_address_nor_restart_begins_anew(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let other = app.another().await;
    let (name, address) = (name(&user), address(&user));
    let spellings = [
        name.to_owned(),
        name.to_uppercase(),
        format!(" {name} "),
        address.to_owned(),
        address.to_uppercase(),
    ];
    let claims = [
        ("X-Forwarded-For", "198.51.100.7"),
        ("X-Forwarded-For", "127.0.0.1, 203.0.113.9"),
        ("X-Real-IP", "198.51.100.8"),
        ("Forwarded", "for=198.51.100.9"),
        ("True-Client-IP", "198.51.100.10"),
        ("User-Agent", "another one"),
    ];
    let guess = async |instance: &TestApp, number: usize, password: &str| {
        let (header, value) = claims[number % claims.len()];
        let members = [["identifier", "username"], ["identifier", "email"]];
        let spelling = &spellings[number % spellings.len()];
        let member = members[usize::from(spelling.contains('@'))][number % 2];
        let body = json!({ member: spelling, "password": password });
        let client = instance.anonymous();
        let request = client.request(Method::POST, LOGIN).json(&body);
        client.send(request.header(header, value)).await
    };
    for number in 0..FREE {
        let instance = if number % 2 == 0 { &app } else { &other };
        let answer = guess(instance, number, NEXT).await;
        answer.refused(401, "invalid_credentials");
    }
    let restarted = app.another().await;
    for number in 0..FREE {
        for instance in [&app, &other, &restarted] {
            is_turned_away(&guess(instance, number, PASSWORD).await, "15");
        }
    }
    let form = format!("grant_type=password&username={name}&password={PASSWORD}");
    let anonymous = app.anonymous();
    let request = anonymous
        .request(Method::POST, "/api/v1/auth/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = anonymous.send(request).await;
    is_turned_away(&answer, "15");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

async fn many_guesses_at_once_over_two_instances_are_no_more_than_are_free(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let other = app.another().await;
    let tried = app.hasher.verifications();
    let guesses = (0..200).map(|number| {
        let instance = if number % 2 == 0 { &app } else { &other };
        instance.log_in(name(&user), NEXT)
    });
    let answers = join_all(guesses).await;
    let tried = app.hasher.verifications() - tried;
    let of_status = |status: u16| {
        let these = answers.iter().filter(|one| one.status == status);
        these.count()
    };
    let told: Vec<_> = [401, 429, 503].map(of_status).into();
    assert_eq!(told.iter().sum::<usize>(), 200, "{told:?}");
    // Busy stores turn some away before they count.
    assert!(
        tried <= FREE as u64 + 2 && told[0] <= FREE + 2,
        "{tried}, {told:?}"
    );
    assert!(told[1] > 100, "{told:?}");
    is_turned_away(&app.log_in(name(&user), PASSWORD).await, "15");
}

async fn the_current_password_counts_like_a_sign_in(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.as_user(&user).await;
    let change = async |current: &str| {
        let body = json!({ "current_password": current, "new_password": NEXT });
        client.post("/api/v1/auth/password/change", body).await
    };
    for number in 0..FREE {
        if number % 2 == 0 {
            change("wrong").await.refused(403, "wrong_password");
        } else {
            let body = json!({ "password": "wrong" });
            let answer = client.post("/api/v1/auth/mfa/totp", body).await;
            answer.refused(403, "wrong_password");
        }
    }
    is_turned_away(&change(PASSWORD).await, "15");
    is_turned_away(&app.log_in(name(&user), PASSWORD).await, "15");
    app.clock.advance(TimeDelta::seconds(15));
    change(PASSWORD).await.succeeded(204);
    app.log_in(name(&user), NEXT).await.succeeded(200);
    let mails = app.mails_to(address(&user)).await;
    assert_eq!(mails, [MailKind::PasswordChanged]);
}

async fn one_client_cannot_try_many_accounts(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    for number in 0..free_for_a_client() {
        let answer = app.log_in(&format!("nobody-{number}"), NEXT).await;
        answer.refused(401, "invalid_credentials");
    }
    is_turned_away(&app.log_in("somebody-new", NEXT).await, "1");
    is_turned_away(&app.log_in(name(&user), PASSWORD).await, "1");
    app.clock.advance(TimeDelta::seconds(1));
    app.log_in(name(&user), PASSWORD).await.succeeded(200);
}

on_every_store!(
    the_eleventh_guess_waits_and_so_does_the_owner_but_not_the_session,
    waits_grow_and_none_is_for_good,
    it_does_not_tell_who_has_an_account,
    neither_spelling_nor_claimed_address_nor_restart_begins_anew,
    many_guesses_at_once_over_two_instances_are_no_more_than_are_free,
    the_current_password_counts_like_a_sign_in,
    one_client_cannot_try_many_accounts,
);

/// Behind a trusted proxy what it says counts, by networks.
#[tokio::test]
async fn clients_behind_a_proxy_are_told_apart_by_their_network() {
    let settings = ApiSettings {
        trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")],
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let guess = async |number: u32, forwarded: &str| {
        let body = json!({ "identifier": format!("nobody-{number}"), "password": NEXT });
        let client = app.anonymous();
        let request = client.request(Method::POST, LOGIN).json(&body);
        let request = request.header("X-Forwarded-For", forwarded);
        client.send(request).await
    };
    for number in 0..free_for_a_client() {
        let answer = guess(number, &format!("2001:db8:1:2::{number:x}")).await;
        answer.refused(401, "invalid_credentials");
    }
    is_turned_away(&guess(1, "2001:db8:1:2:ffff::1").await, "1");
    // What the client wrote itself stands left of what the proxy adds.
    is_turned_away(&guess(2, "192.0.2.1, 2001:db8:1:2::1").await, "1");
    for other in ["2001:db8:1:3::1", "192.0.2.1", "2001:db8:1:2::1, 192.0.2.2"] {
        let answer = guess(3, other).await;
        answer.refused(401, "invalid_credentials");
    }
}

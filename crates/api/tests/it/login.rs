//! `POST /api/v1/auth/login`

use std::collections::BTreeSet;

use serde_json::{Value, json};
use userhub_api::ApiSettings;
use userhub_domain::{
    audit::{Actor, AuditQuery, EventKind},
    policy::{Policy, Verification},
    users::{User, UserKey},
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{Answered, PASSWORD, TestApp, text},
};

const LOGIN: &str = "/api/v1/auth/login";

async fn login(app: &TestApp, identifier: &str, password: &str) -> Answered {
    let body = json!({"identifier": identifier, "password": password});
    app.anonymous().post(LOGIN, body).await
}

fn alice() -> User {
    UserBuilder::new()
        .username("Alice")
        .email("Alice@example.org")
        .build()
}

async fn a_sign_in_gives_a_pair_of_tokens(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let answer = login(&app, "alice", PASSWORD).await;
    let pair = answer.succeeded(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        (
            &pair["token_type"],
            &pair["expires_in"],
            &pair["refresh_expires_in"]
        ),
        (&json!("Bearer"), &json!(900), &json!(604_800)),
    );
    assert!(text(&pair, "refresh_token").starts_with("uhr_"));
    assert_eq!(pair["user"]["id"], user.id.to_string());
    assert_eq!(pair["user"]["last_login_at"], "2026-01-01T00:00:00.000000Z");
    let client = app.with_token(text(&pair, "access_token"));
    let me = client.get("/api/v1/auth/me").await.succeeded(200);
    assert_eq!(me, pair["user"], "a sign-in does not make a version stale");
    let event = app.event(user.id, EventKind::SessionStarted).await;
    assert_eq!(event.actor, Actor::User(user.id));
    assert_eq!(
        event.origin.request_id.as_deref(),
        Some(answer.header("x-request-id"))
    );
    assert!(event.session_id.is_some() && event.origin.address.is_some());
}

async fn name_and_address_sign_in_in_every_spelling(app: TestApp) {
    app.add(&alice()).await;
    for (member, spelling) in [
        ("identifier", "ALICE"),
        ("identifier", " alice@EXAMPLE.org "),
        ("username", "aLiCe"),
        ("email", "alice@example.org"),
        ("username", "alice@example.org"),
    ] {
        let body = json!({ member: spelling, "password": PASSWORD });
        app.anonymous().post(LOGIN, body).await.succeeded(200);
    }
}

async fn whoever_cannot_sign_in_learns_nothing_else(app: TestApp) {
    let (good, suspended) = (alice(), UserBuilder::new().suspended().build());
    let deleted = UserBuilder::new().deleted().build();
    for user in [&good, &suspended, &deleted] {
        app.add(user).await;
    }
    let name = |user: &User| user.username.as_ref().expect("a name").to_string();
    let mut seen = BTreeSet::new();
    for (identifier, password) in [
        (name(&good), "wrong-password"),
        ("nobody".to_owned(), PASSWORD),
        ("nobody@elsewhere.example".to_owned(), PASSWORD),
        (name(&suspended), PASSWORD),
        (name(&deleted), PASSWORD),
        ("not a name\0".to_owned(), PASSWORD),
        (String::new(), ""),
        ("x".repeat(1000), PASSWORD),
    ] {
        let answer = login(&app, &identifier, password).await;
        answer.refused(401, "invalid_credentials");
        seen.insert(without_request(&answer));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    let work = app.hasher.verifications() + app.hasher.decoys();
    assert_eq!(work, 8, "every attempt costs one comparison");
    for user in [&good, &suspended] {
        assert_eq!(
            app.event(user.id, EventKind::SessionFailed).await.actor,
            Actor::Anonymous
        );
    }
    let query = AuditQuery {
        kind: Some(EventKind::SessionFailed),
        ..AuditQuery::default()
    };
    assert_eq!(app.events(&query).await.len(), 8);
}

/// Status, headers and body, but for ids and times.
fn without_request(answer: &Answered) -> String {
    let mut problem = answer.json();
    problem["request_id"] = Value::Null;
    let headers: BTreeSet<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    format!("{} {headers:?} {problem}", answer.status)
}

async fn what_is_missing_or_too_much_is_named(app: TestApp) {
    let client = app.anonymous();
    let answer = client.post(LOGIN, json!({})).await;
    answer.violates(&[("identifier", "required"), ("password", "required")]);
    let body = json!({"identifier": "a", "username": "b", "email": "c", "password": "d"});
    let answer = client.post(LOGIN, body).await;
    answer.violates(&[("email", "not_allowed"), ("username", "not_allowed")]);
    let body = json!({"identifier": "a", "password": "d", "remember": true});
    client
        .post(LOGIN, body)
        .await
        .violates(&[("remember", "unknown_member")]);
}

async fn a_password_is_compared_whole_in_its_normal_form(app: TestApp) {
    let long = "x".repeat(1023);
    for (place, (set, tried, is_right)) in [
        ("caf\u{e9}-velvet", "cafe\u{301}-velvet", true),
        ("with\u{a0}blank-7", "with blank-7", true),
        ("Plum-Orchard", "plum-orchard", false),
        ("trailing-blank ", "trailing-blank", false),
        ("with\0nul-plum", "with", false),
        (&*format!("{long}a"), &*format!("{long}b"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("person-{place}");
        let body = json!({"username": name, "password": set});
        app.anonymous()
            .post("/api/v1/auth/register", body)
            .await
            .succeeded(201);
        login(&app, &name, set).await.succeeded(200);
        let status = login(&app, &name, tried).await.status.as_u16();
        assert_eq!(status == 200, is_right, "{set:.20} {tried:.20}");
    }
}

async fn an_endless_password_is_refused_before_any_work(app: TestApp) {
    app.add(&alice()).await;
    for length in [1025, 10_000, 900_000] {
        let answer = login(&app, "alice", &"x".repeat(length)).await;
        answer.violates(&[("password", "too_long")]);
    }
    assert_eq!(app.hasher.verifications() + app.hasher.decoys(), 0);
}

async fn every_sign_in_has_tokens_of_its_own(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let mut tokens = BTreeSet::new();
    for _ in 0..3 {
        let pair = app.sign_in(&user).await;
        tokens.insert(text(&pair, "access_token").to_owned());
        tokens.insert(text(&pair, "refresh_token").to_owned());
    }
    assert_eq!(tokens.len(), 6);
}

async fn an_outdated_hash_is_renewed(app: TestApp) {
    let user = alice();
    app.add(&user).await;
    let stored = || async {
        let found = app
            .store
            .users()
            .find_with_credentials(&UserKey::Id(user.id))
            .await;
        found.expect("answered").expect("there").1
    };
    let before = stored().await;
    app.hasher.raise_parameters();
    login(&app, "alice", "wrong-password")
        .await
        .refused(401, "invalid_credentials");
    assert_eq!(stored().await, before);
    login(&app, "alice", PASSWORD).await.succeeded(200);
    let after = stored().await;
    assert_ne!(after.password_hash, before.password_hash);
    assert_eq!(after.auth_version, before.auth_version);
    login(&app, "alice", PASSWORD).await.succeeded(200);
}

async fn nobody_is_there_to_begin_with(app: TestApp) {
    for password in ["admin", "changeme", "password", "userhub", ""] {
        for name in [
            "admin",
            "root",
            "administrator",
            "userhub",
            "admin@example.com",
        ] {
            login(&app, name, password)
                .await
                .refused(401, "invalid_credentials");
        }
    }
}

async fn more_than_can_be_hashed_is_told_to_come_back(app: TestApp) {
    app.add(&alice()).await;
    app.hasher.overload(true);
    let answer = login(&app, "alice", PASSWORD).await;
    answer.refused(503, "overloaded");
    assert_eq!(answer.header("retry-after"), "1");
    app.hasher.overload(false);
    login(&app, "alice", PASSWORD).await.succeeded(200);
}

on_every_store!(
    a_sign_in_gives_a_pair_of_tokens,
    name_and_address_sign_in_in_every_spelling,
    whoever_cannot_sign_in_learns_nothing_else,
    what_is_missing_or_too_much_is_named,
    a_password_is_compared_whole_in_its_normal_form,
    an_endless_password_is_refused_before_any_work,
    every_sign_in_has_tokens_of_its_own,
    an_outdated_hash_is_renewed,
    nobody_is_there_to_begin_with,
    more_than_can_be_hashed_is_told_to_come_back,
);

#[tokio::test]
async fn an_unverified_address_cannot_sign_in_where_that_is_required() {
    let mut policy = Policy::default();
    policy.registration.verification = Verification::Required;
    let app = TestApp::with(ApiSettings::default(), policy).await;
    let user = a_user();
    app.add(&user).await;
    let email = user.email.as_ref().expect("an address").as_str();
    login(&app, email, "wrong-password")
        .await
        .refused(401, "invalid_credentials");
    login(&app, email, PASSWORD)
        .await
        .refused(403, "email_not_verified");
    assert_eq!(
        app.kinds_about(user.id).await,
        ["session.failed", "session.failed"]
    );
}

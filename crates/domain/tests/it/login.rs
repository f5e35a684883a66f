//! Signing in.

use chrono::TimeDelta;
use userhub_domain::{
    Result,
    accounts::{ResetPasswordCommand, ResetPasswordInput},
    audit::{Actor, EventKind},
    policy::{Policy, Verification},
    sessions::{LoginCommand, LoginInput, TokenPair},
    users::User,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, login_command, origin, violations},
    interruption::meanwhile,
};

async fn login(world: &World, identifier: &str, password: &str) -> Result<TokenPair> {
    let command = login_command(identifier, password);
    world.services.sessions.login(&origin(), command).await
}

fn alice() -> User {
    UserBuilder::new()
        .username("Alice")
        .email("Alice.B@Example.org")
        .build()
}

#[tokio::test]
async fn the_right_password_starts_a_session() {
    let world = World::new();
    let user = world.add(alice()).await;
    world.wait(TimeDelta::hours(1));
    let pair = login(&world, "alice", PASSWORD).await.unwrap();

    let started = world.event(EventKind::SessionStarted, &Actor::User(user.id));
    world.assert_wrote([started.about(user.id).in_session(pair.session_id)]);
    assert_eq!(
        (pair.expires_in, pair.refresh_expires_in),
        (TimeDelta::minutes(15), TimeDelta::days(7))
    );

    // The sign-in is noted, and moves neither version nor time of change.
    let stored = world.user(user.id).await;
    assert_eq!(stored.last_login_at, Some(world.now()));
    assert_eq!(
        (stored.version, stored.updated_at),
        (user.version, user.updated_at)
    );
    assert_eq!(pair.user, stored);

    let caller = world.authenticate(&pair).await.unwrap();
    let sessions = world.services.sessions.list(&caller).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(
        (sessions[0].id, &sessions[0].origin),
        (pair.session_id, &origin())
    );
    assert_eq!(sessions[0].ends_at, world.now() + TimeDelta::days(30));
    assert_eq!(
        (world.hasher.verifications(), world.hasher.decoys()),
        (1, 0)
    );
}

#[tokio::test]
async fn the_access_token_says_who_and_how_long_in_whole_seconds() {
    let world = World::new();
    let user = world.add(alice()).await;
    world.wait(TimeDelta::microseconds(1_700_000));
    let pair = login(&world, "alice", PASSWORD).await.unwrap();
    let [claims] = &world.access_tokens.issued()[..] else {
        panic!("not one token");
    };
    assert_eq!(
        (claims.user_id, claims.session_id),
        (user.id, pair.session_id)
    );
    assert_eq!(claims.role, user.role);
    assert_eq!(claims.issued_at, world.now() - TimeDelta::milliseconds(700));
    assert_eq!(claims.expires_at - claims.issued_at, TimeDelta::minutes(15));
}

#[tokio::test]
async fn every_spelling_of_name_and_address_is_the_same_account() {
    let world = World::new();
    let user = world.add(alice()).await;
    for identifier in [
        "alice",
        "ALICE",
        "  Alice ",
        "alice.b@example.org",
        "ALICE.B@EXAMPLE.ORG",
        " Alice.B@Example.org  ",
    ] {
        let pair = login(&world, identifier, PASSWORD).await.unwrap();
        assert_eq!(pair.user.id, user.id, "{identifier:?}");
    }
}

#[tokio::test]
async fn every_refusal_is_the_same_and_costs_the_same() {
    let world = World::new();
    let user = world.add(alice()).await;
    let suspended = world
        .add(UserBuilder::new().username("bob").suspended().build())
        .await;
    world
        .add(UserBuilder::new().username("carol").deleted().build())
        .await;
    let mut said = Vec::new();
    for (identifier, password, subject) in [
        ("alice", "wrong", Some(user.id)),
        ("alice.b@example.org", "", Some(user.id)),
        ("bob", PASSWORD, Some(suspended.id)),
        ("bob", "wrong", Some(suspended.id)),
        ("carol", PASSWORD, None),
        ("nobody", PASSWORD, None),
        ("nobody@example.org", PASSWORD, None),
        ("me", PASSWORD, None),
        ("", PASSWORD, None),
        ("not an @ identifier\0", PASSWORD, None),
        (&"x".repeat(10_000), PASSWORD, None),
    ] {
        let before = world.snapshot().await;
        let work = world.hasher.verifications() + world.hasher.decoys();
        let Err(error) = login(&world, identifier, password).await else {
            panic!("{identifier:?} was let in");
        };
        said.push((error.code(), error.to_string(), format!("{error:?}")));
        let done = world.hasher.verifications() + world.hasher.decoys();
        assert_eq!(done - work, 1, "{identifier:?}");
        let mut failed = world.event(EventKind::SessionFailed, &Actor::Anonymous);
        failed.subject = subject;
        world.assert_wrote([failed]);
        let mut after = world.snapshot().await;
        after.forget_last_event();
        assert_eq!(after, before, "{identifier:?}");
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, "invalid_credentials");
}

#[tokio::test]
async fn passwords_are_compared_in_one_unicode_form_and_exact_case() {
    let world = World::new();
    let user = world.add(alice()).await;
    assert_eq!(
        code(world.try_sign_in(&user, &PASSWORD.to_uppercase()).await),
        "invalid_credentials"
    );
    // A no-break space is a blank, too.
    let blanks = PASSWORD.replace(' ', "\u{a0}");
    world.try_sign_in(&user, &blanks).await.unwrap();
}

#[test]
fn both_members_must_be_there_and_of_sane_size() {
    let missing = LoginCommand::parse(LoginInput::default());
    assert_eq!(
        violations(missing),
        ["identifier required", "password required"]
    );
    let long = LoginCommand::parse(LoginInput {
        identifier: None,
        password: Some("x".repeat(1025).into()),
    });
    assert_eq!(
        violations(long),
        ["identifier required", "password too_long"]
    );
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_and_ends_nothing() {
    let world = World::new();
    let user = world.add(alice()).await;
    let earlier = world.sign_in(&user).await;
    let old = world.credentials(user.id).await;
    world.hasher.raise_parameters();
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    let new = world.credentials(user.id).await;
    assert_ne!(new.password_hash, old.password_hash);
    assert_eq!(new.auth_version, old.auth_version);
    world.authenticate(&earlier).await.unwrap();
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    assert_eq!(world.credentials(user.id).await, new);
    // A wrong password replaces nothing.
    world.hasher.raise_parameters();
    world.try_sign_in(&user, "wrong").await.unwrap_err();
    assert_eq!(world.credentials(user.id).await, new);
}

#[tokio::test]
async fn an_unverified_address_is_told_only_to_who_knows_the_password() {
    let mut policy = Policy::default();
    policy.registration.verification = Verification::Required;
    let world = World::with(policy);
    let user = world.add(alice()).await;
    assert_eq!(
        code(login(&world, "alice", "wrong").await),
        "invalid_credentials"
    );
    world.forget_events();
    assert_eq!(
        code(login(&world, "alice", PASSWORD).await),
        "email_not_verified"
    );
    let failed = world.event(EventKind::SessionFailed, &Actor::Anonymous);
    world.assert_wrote([failed.about(user.id)]);
    assert_eq!(world.user(user.id).await, user);
    // No address, and a verified one, are no obstacle.
    world
        .sign_in(&world.add(UserBuilder::new().no_email().build()).await)
        .await;
    world
        .sign_in(&world.add(UserBuilder::new().verified().build()).await)
        .await;
    // Suspension is not told.
    let suspended = world.add(UserBuilder::new().suspended().build()).await;
    assert_eq!(
        code(world.try_sign_in(&suspended, PASSWORD).await),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn a_sign_in_that_races_a_reset_gives_a_dead_session() {
    let world = World::new();
    let user = world.add(alice()).await;
    let token = world.reset_token(user.id).await;
    let (inner, rehash) = (world.clone(), world.hasher.clone());
    rehash.raise_parameters();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, token) = (inner.clone(), token.clone());
            async move {
                let command = ResetPasswordCommand::parse(ResetPasswordInput {
                    token: Some(token),
                    new_password: Some(OTHER_PASSWORD.into()),
                });
                let accounts = &world.services.accounts;
                accounts
                    .reset_password(&origin(), command.unwrap())
                    .await
                    .unwrap();
            }
        }),
    );
    let command = login_command("alice", PASSWORD);
    let pair = services.sessions.login(&origin(), command).await.unwrap();
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    // Nor does the rehash bring the old password back.
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "invalid_credentials"
    );
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_failure_leaves_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        assert_eq!(
            code(world.try_sign_in(&user, PASSWORD).await),
            "storage_unavailable",
            "{point:?}"
        );
    }
    world.access_tokens.break_down(true);
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "storage_unavailable"
    );
    world.hasher.overload(true);
    assert_eq!(code(world.try_sign_in(&user, PASSWORD).await), "overloaded");
    assert_eq!(code(login(&world, "nobody", PASSWORD).await), "overloaded");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn an_old_hash_opens_no_suspended_account() {
    let world = World::new();
    let user = world.add(UserBuilder::new().suspended().build()).await;
    world.hasher.raise_parameters();
    let before = world.credentials(user.id).await;
    let refused = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(refused), "invalid_credentials");
    assert_eq!(world.credentials(user.id).await, before);
}

#[test]
fn a_command_is_of_the_same_name_in_every_spelling() {
    for spelling in ["ann", " Ann", "ANN "] {
        assert_eq!(login_command(spelling, PASSWORD).name(), "ann");
    }
}

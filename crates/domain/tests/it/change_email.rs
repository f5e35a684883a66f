//! Changing an address.

use userhub_domain::{
    Result,
    accounts::{ChangeEmailCommand, ChangeEmailInput},
    audit::{Actor, EventKind},
    caller::OwnSession,
    users::User,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::fixture::{PASSWORD, World, code, origin, violations};

async fn change(
    world: &World,
    caller: &OwnSession,
    (email, password): (&str, &str),
) -> Result<User> {
    let command = ChangeEmailCommand::parse(ChangeEmailInput {
        email: Some(email.to_owned()),
        password: Some(password.into()),
    });
    let accounts = &world.services.accounts;
    let change = accounts
        .change_email(caller, &origin(), command.unwrap())
        .await?;
    Ok(change.into_user().expect("changed at once"))
}

#[tokio::test]
async fn the_address_is_replaced_and_unverified_and_sessions_go_on() {
    let world = World::new();
    let user = world.add(UserBuilder::new().verified().build()).await;
    let pair = world.sign_in(&user).await;
    let caller = world
        .authenticate(&pair)
        .await
        .unwrap()
        .require_session()
        .unwrap();
    let changed = change(&world, &caller, ("New@Example.org", PASSWORD))
        .await
        .unwrap();
    assert_eq!(changed.email.as_ref().unwrap().as_str(), "New@Example.org");
    assert!(!changed.email_verified);
    assert_eq!(changed.version, user.version.next());
    assert_eq!(world.user(user.id).await, changed);
    let event = world.event(EventKind::EmailChanged, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["email"])]);
    world.authenticate(&pair).await.unwrap();
}

#[tokio::test]
async fn another_spelling_stays_verified_and_the_same_one_is_no_change() {
    let world = World::new();
    let user = UserBuilder::new()
        .email("ann@example.org")
        .verified()
        .build();
    let user = world.add(user).await;
    let caller = world.own_session(&user).await;
    let same = change(&world, &caller, ("ann@example.org", PASSWORD))
        .await
        .unwrap();
    assert_eq!(same.version, user.version);
    world.assert_wrote([]);
    let other = change(&world, &caller, ("Ann@Example.org", PASSWORD))
        .await
        .unwrap();
    assert!(other.email_verified);
    let event = world.event(EventKind::EmailChanged, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["email"])]);
}

#[tokio::test]
async fn a_wrong_password_is_remembered_and_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let stored = world.user(user.id).await;
    let refused = change(&world, &caller, ("new@example.org", "wrong")).await;
    assert_eq!(code(refused), "wrong_password");
    assert_eq!(world.user(user.id).await, stored);
    let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
    world.assert_wrote([failed.about(user.id).in_session(caller.session_id())]);
}

#[tokio::test]
async fn somebody_elses_address_is_taken() {
    let world = World::new();
    world
        .add(UserBuilder::new().email("taken@example.org").build())
        .await;
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    let refused = change(&world, &caller, ("TAKEN@example.org", PASSWORD)).await;
    assert_eq!(code(refused), "email_taken");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn an_ended_session_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let sessions = &world.services.sessions;
    sessions
        .logout_all(caller.signed_in(), &origin())
        .await
        .unwrap();
    let before = world.snapshot().await;
    let refused = change(&world, &caller, ("new@example.org", PASSWORD)).await;
    assert_eq!(code(refused), "invalid_token");
    assert_eq!(world.snapshot().await, before);
}

#[test]
fn all_violations_are_told_at_once() {
    let missing = ChangeEmailCommand::parse(ChangeEmailInput::default());
    assert_eq!(violations(missing), ["email required", "password required"]);
    let wrong = ChangeEmailCommand::parse(ChangeEmailInput {
        email: Some("nobody".to_owned()),
        password: Some("x".repeat(1025).into()),
    });
    assert_eq!(
        violations(wrong),
        ["email invalid_format", "password too_long"]
    );
}

#[tokio::test]
async fn a_failure_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = change(&world, &caller, ("new@example.org", PASSWORD)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

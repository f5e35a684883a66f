//! Changing a password that is known.

use userhub_domain::{
    Result,
    accounts::{ChangePasswordCommand, ChangePasswordInput},
    audit::{Actor, EventKind},
    caller::OwnSession,
    ports::Services,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, operator, origin, violations},
    interruption::meanwhile,
    reset_password::reset,
};

fn input(current: &str, new: &str) -> ChangePasswordInput {
    ChangePasswordInput {
        current_password: Some(current.into()),
        new_password: Some(new.into()),
    }
}

async fn change(services: &Services, caller: &OwnSession, current: &str) -> Result<()> {
    let accounts = &services.accounts;
    let sent = input(current, OTHER_PASSWORD);
    let command = ChangePasswordCommand::parse(sent, accounts.rules(), caller).unwrap();
    accounts.change_password(caller, &origin(), command).await
}

#[tokio::test]
async fn the_session_goes_on_and_everything_else_ends() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let other = world.sign_in(&user).await;
    let pair = world.sign_in(&user).await;
    let token = world.reset_token(user.id).await;
    let caller = world
        .authenticate(&pair)
        .await
        .unwrap()
        .require_session()
        .unwrap();
    change(&world.services, &caller, PASSWORD).await.unwrap();

    let changed = world.event(EventKind::PasswordChanged, &Actor::User(user.id));
    world.assert_wrote([changed.about(user.id).in_session(pair.session_id)]);
    world.authenticate(&pair).await.unwrap();
    world.refresh(&pair).await.unwrap();
    assert_eq!(code(world.authenticate(&other).await), "invalid_token");
    assert_eq!(code(world.refresh(&other).await), "invalid_refresh_token");
    assert_eq!(code(reset(&world, &token, PASSWORD).await), "token_invalid");
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "invalid_credentials"
    );
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
    assert_eq!(world.user(user.id).await.version, user.version);
}

#[tokio::test]
async fn a_wrong_password_is_remembered_and_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    assert_eq!(
        code(change(&world.services, &caller, "wrong").await),
        "wrong_password"
    );
    let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
    world.assert_wrote([failed.about(user.id).in_session(caller.session_id())]);
    let mut after = world.snapshot().await;
    after.forget_last_event();
    assert_eq!(after, before);
    assert_eq!(world.hasher.hashes(), 0);
}

#[tokio::test]
async fn all_violations_are_told_at_once_own_words_included() {
    let world = World::new();
    let user = world
        .add(UserBuilder::new().username("margaret").build())
        .await;
    let caller = world.own_session(&user).await;
    let rules = world.services.accounts.rules();
    let parse = |input| violations(ChangePasswordCommand::parse(input, rules, &caller));
    assert_eq!(
        parse(ChangePasswordInput::default()),
        ["current_password required", "new_password required"]
    );
    assert_eq!(
        parse(input(&"x".repeat(1025), "margaret1")),
        ["current_password too_long", "new_password weak_password"]
    );
}

#[tokio::test]
async fn an_account_that_is_gone_or_suspended_is_not_changed() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let before = world.snapshot().await;
    assert_eq!(
        code(change(&world.services, &caller, PASSWORD).await),
        "invalid_token"
    );
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_session_that_was_ended_meanwhile_is_not_revived() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let caller = world.authenticate(&pair).await.unwrap();
    world
        .services
        .sessions
        .logout_all(&caller, &origin())
        .await
        .unwrap();
    let before = world.snapshot().await;
    let session = caller.require_session().unwrap();
    assert_eq!(
        code(change(&world.services, &session, PASSWORD).await),
        "invalid_token"
    );
    assert_eq!(world.snapshot().await, before);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
}

#[tokio::test]
async fn a_logout_everywhere_in_between_is_a_conflict_and_holds() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let caller = world.authenticate(&pair).await.unwrap();
    let (other, all) = (world.clone(), caller.clone());
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, caller) = (other.clone(), all.clone());
            async move {
                world
                    .services
                    .sessions
                    .logout_all(&caller, &origin())
                    .await
                    .unwrap()
            }
        }),
    );
    let session = caller.require_session().unwrap();
    assert_eq!(
        code(change(&services, &session, PASSWORD).await),
        "edit_conflict"
    );
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn one_of_two_changes_at_once_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let (one, other) = tokio::join!(
        change(&world.services, &caller, PASSWORD),
        change(&world.services, &caller, PASSWORD)
    );
    let outcomes = [one, other].map(|result| result.map_or_else(|error| error.code(), |()| "done"));
    assert!(outcomes.contains(&"done"));
    // The second sees either the lost race or the new password.
    assert!(outcomes.contains(&"edit_conflict") || outcomes.contains(&"wrong_password"));
}

#[tokio::test]
async fn a_failure_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = change(&world.services, &caller, PASSWORD).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    world.hasher.overload(true);
    assert_eq!(
        code(change(&world.services, &caller, PASSWORD).await),
        "overloaded"
    );
    assert_eq!(world.snapshot().await, before);
}

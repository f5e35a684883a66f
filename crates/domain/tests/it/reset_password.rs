//! Handing out a token that sets a new password, and using it.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{
    Result,
    accounts::{ResetPasswordCommand, ResetPasswordInput},
    audit::{Actor, EventKind},
    users::UserId,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};
use uuid::Uuid;

use crate::{
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, operator, origin, violations},
    interruption::meanwhile,
};

pub(crate) async fn reset(world: &World, token: &SecretString, password: &str) -> Result<()> {
    let command = ResetPasswordCommand::parse(ResetPasswordInput {
        token: Some(token.clone()),
        new_password: Some(password.into()),
    });
    let accounts = &world.services.accounts;
    accounts.reset_password(&origin(), command.unwrap()).await
}

#[tokio::test]
async fn an_administrator_hands_out_a_token_for_an_hour() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let ticket = world
        .services
        .administration
        .start_password_reset(&admin.require_admin().unwrap(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(ticket.expires_at, world.now() + TimeDelta::hours(1));
    let requested = world.event(EventKind::PasswordResetRequested, &Actor::User(admin.id()));
    world.assert_wrote([requested.about(user.id)]);
    // Until it is used, nothing ends.
    world.authenticate(&pair).await.unwrap();
    world.sign_in(&user).await;
}

#[tokio::test]
async fn a_token_is_handed_out_for_the_living_alone() {
    let world = World::new();
    let deleted = world.add(UserBuilder::new().deleted().build()).await;
    let nobody = UserId::from_uuid(Uuid::nil());
    for (id, expected) in [(deleted.id, "user_deleted"), (nobody, "user_not_found")] {
        let administration = &world.services.administration;
        let refused = administration
            .start_password_reset(&operator(), &origin(), id)
            .await;
        assert_eq!(code(refused), expected);
    }
    world.assert_wrote([]);
}

#[tokio::test]
async fn the_token_sets_the_password_once_and_ends_every_session() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let token = world.reset_token(user.id).await;
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    let event = world.event(EventKind::PasswordReset, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id)]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "invalid_credentials"
    );
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
    let before = world.snapshot().await;
    assert_eq!(code(reset(&world, &token, PASSWORD).await), "token_invalid");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_token_for_something_else_or_for_nothing_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let refresh = pair.refresh_token.reveal().expose_secret().to_owned();
    let disguised = refresh.replace("uhr_", "uhp_");
    let before = world.snapshot().await;
    for bad in [
        "",
        "x",
        &refresh,
        &disguised,
        &format!("uhp_{}", "0".repeat(64)),
    ] {
        assert_eq!(
            code(reset(&world, &(*bad).into(), OTHER_PASSWORD).await),
            "token_invalid",
            "{bad}"
        );
    }
    assert_eq!(world.snapshot().await, before);
    assert_eq!(world.hasher.hashes(), 0);
}

#[tokio::test]
async fn the_token_expires_after_an_hour() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let (in_time, late) = (world.reset_token(user.id).await, world.add(a_user()).await);
    let late = world.reset_token(late.id).await;
    world.wait(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    reset(&world, &in_time, OTHER_PASSWORD).await.unwrap();
    world.wait(TimeDelta::microseconds(1));
    assert_eq!(
        code(reset(&world, &late, OTHER_PASSWORD).await),
        "token_invalid"
    );
}

#[tokio::test]
async fn a_second_token_kills_the_first() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let first = world.reset_token(user.id).await;
    let second = world.reset_token(user.id).await;
    assert_eq!(
        code(reset(&world, &first, OTHER_PASSWORD).await),
        "token_invalid"
    );
    reset(&world, &second, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_deletion_kills_the_token_and_a_restoration_does_not_revive_it() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let token = world.reset_token(user.id).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(
        code(reset(&world, &token, OTHER_PASSWORD).await),
        "token_invalid"
    );
    administration
        .restore(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(
        code(reset(&world, &token, OTHER_PASSWORD).await),
        "token_invalid"
    );
}

#[tokio::test]
async fn a_weak_password_leaves_the_token_as_it_is() {
    let world = World::new();
    let user = world
        .add(UserBuilder::new().username("margaret").build())
        .await;
    let token = world.reset_token(user.id).await;
    let before = world.snapshot().await;
    for weak in ["short", "password1", "margaret1"] {
        assert_eq!(
            code(reset(&world, &token, weak).await),
            "validation_failed",
            "{weak}"
        );
    }
    assert_eq!(world.snapshot().await, before);
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_suspended_account_stays_suspended() {
    let world = World::new();
    let user = world.add(UserBuilder::new().suspended().build()).await;
    let token = world.reset_token(user.id).await;
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    assert!(!world.user(user.id).await.is_active());
    assert_eq!(
        code(world.try_sign_in(&user, OTHER_PASSWORD).await),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn one_of_two_uses_at_once_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let token = world.reset_token(user.id).await;
    let (one, other) = tokio::join!(
        reset(&world, &token, OTHER_PASSWORD),
        reset(&world, &token, OTHER_PASSWORD)
    );
    let outcomes = [one, other].map(|result| result.map_or_else(|error| error.code(), |()| "done"));
    assert!(
        outcomes.contains(&"done") && outcomes.contains(&"token_invalid"),
        "{outcomes:?}"
    );
    assert_eq!(world.new_events().len(), 1);
}

#[test]
fn both_members_must_be_there_and_of_sane_size() {
    let missing = ResetPasswordCommand::parse(ResetPasswordInput::default());
    assert_eq!(
        violations(missing),
        ["new_password required", "token required"]
    );
    let long = ResetPasswordCommand::parse(ResetPasswordInput {
        token: None,
        new_password: Some("x".repeat(1025).into()),
    });
    assert_eq!(
        violations(long),
        ["new_password too_long", "token required"]
    );
}

#[tokio::test]
async fn a_failure_leaves_token_and_password_as_they_are() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let token = world.reset_token(user.id).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = reset(&world, &token, OTHER_PASSWORD).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    world.hasher.overload(true);
    assert_eq!(
        code(reset(&world, &token, OTHER_PASSWORD).await),
        "overloaded"
    );
    world.hasher.overload(false);
    assert_eq!(world.snapshot().await, before);
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_token_that_dies_while_it_is_used_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let token = world.reset_token(user.id).await;
    let caller = world.authenticate(&pair).await.unwrap();
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, caller) = (other.clone(), caller.clone());
            async move {
                let sessions = &world.services.sessions;
                sessions.logout_all(&caller, &origin()).await.unwrap();
            }
        }),
    );
    let command = ResetPasswordCommand::parse(ResetPasswordInput {
        token: Some(token),
        new_password: Some(OTHER_PASSWORD.into()),
    });
    let accounts = &services.accounts;
    let refused = accounts.reset_password(&origin(), command.unwrap()).await;
    assert_eq!(code(refused), "token_invalid");
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

//! The first code of an app.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    audit::{Actor, EventKind},
    caller::OwnSession,
    clock::Timestamp,
    mail::MailKind,
    second_factor::{ConfirmTotpCommand, RecoveryCode},
    users::User,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    enrol_totp::enrol,
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, origin, unthrottled, violations},
    interruption::meanwhile,
    reset_password::reset,
};

/// What the app of a user shows now.
pub(crate) async fn shown(world: &World, user: &User) -> String {
    let factor = world.factor(user.id).await.expect("an app");
    world.totp.code_at(&factor.seed, world.now()).unwrap()
}

/// Six digits that are not those of the app.
pub(crate) async fn wrong(world: &World, user: &User) -> String {
    let factor = world.factor(user.id).await.expect("an app");
    let right: Vec<_> = [-30, 0, 30]
        .map(|seconds| world.now() + TimeDelta::seconds(seconds))
        .map(|at| world.totp.code_at(&factor.seed, at).unwrap())
        .into();
    let mut digits = ["000000", "111111", "222222", "333333"].into_iter();
    digits
        .find(|one| !right.iter().any(|right| right == one))
        .unwrap()
        .to_owned()
}

pub(crate) async fn confirm(
    world: &World,
    caller: &OwnSession,
    code: &str,
) -> Result<Vec<RecoveryCode>> {
    let command = ConfirmTotpCommand::parse(Some(code.into())).unwrap();
    let second_factor = &world.services.second_factor;
    second_factor.confirm(caller, &origin(), command).await
}

/// Signs in and sets up an app; its code of now is spent, events and mails
/// count as seen.
pub(crate) async fn set_up(world: &World, user: &User) -> (OwnSession, Vec<RecoveryCode>) {
    let caller = world.own_session(user).await;
    enrol(world, &caller, PASSWORD).await.unwrap();
    let codes = confirm(world, &caller, &shown(world, user).await)
        .await
        .unwrap();
    world.deliver().await;
    world.mailer.clear();
    world.forget_events();
    (caller, codes)
}

/// Since when it is on, and how many recovery codes are left.
async fn status(world: &World, caller: &OwnSession) -> (Option<Timestamp>, u32) {
    let second_factor = &world.services.second_factor;
    let status = second_factor.show(caller.signed_in()).await.unwrap();
    (status.enabled_at, status.recovery_codes_left)
}

#[tokio::test]
async fn the_first_code_turns_the_factor_on_and_gives_ten_recovery_codes() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.user(user.id).await;
    let off = (None, 0);
    assert_eq!(status(&world, &caller).await, off);
    enrol(&world, &caller, PASSWORD).await.unwrap();
    assert_eq!(status(&world, &caller).await, off);
    world.wait(TimeDelta::minutes(2));
    let codes = confirm(&world, &caller, &shown(&world, &user).await)
        .await
        .unwrap();
    assert_eq!(codes.len(), 10);
    let mut texts: Vec<_> = codes
        .iter()
        .map(|one| one.reveal().expose_secret().to_owned())
        .collect();
    texts.sort();
    texts.dedup();
    assert_eq!((texts.len(), texts[0].len()), (10, 19));
    let on = (Some(world.now()), 10);
    assert_eq!(status(&world, &caller).await, on);
    let event = world.event(EventKind::MfaEnabled, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).in_session(caller.session_id())]);
    let address = user.email.as_ref().unwrap().to_string();
    assert_eq!(
        world.outbox(),
        [(MailKind::MfaEnabled, Some(user.id), address)]
    );
    let after = world.user(user.id).await;
    assert!(after.mfa_enabled);
    assert_eq!(
        (after.version, after.updated_at),
        (before.version, before.updated_at)
    );
    // Its code is spent, and it cannot be confirmed again.
    let factor = world.factor(user.id).await.unwrap();
    assert_eq!(factor.last_step, world.totp.step_at(world.now()));
    let again = confirm(&world, &caller, &shown(&world, &user).await).await;
    assert_eq!(code(again), "mfa_already_enabled");
}

#[tokio::test]
async fn a_wrong_code_is_remembered_and_slowed_down() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let wrong = wrong(&world, &user).await;
    for _ in 0..5 {
        let before = world.snapshot().await;
        assert_eq!(code(confirm(&world, &caller, &wrong).await), "wrong_code");
        let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
        world.assert_wrote([failed.about(user.id).in_session(caller.session_id())]);
        let mut after = world.snapshot().await;
        after.forget_last_event();
        assert_eq!(after, before);
    }
    let right = shown(&world, &user).await;
    let refused = confirm(&world, &caller, &right).await;
    assert_eq!(code(refused), "too_many_requests");
    assert!(!world.user(user.id).await.mfa_enabled);
    world.wait(TimeDelta::seconds(15));
    confirm(&world, &caller, &shown(&world, &user).await)
        .await
        .unwrap();
    // What was tried is forgotten.
    let (user, caller) = (world.user(user.id).await, caller);
    for _ in 0..2 {
        let refused = crate::verify_mfa::sign_in_with(&world, &user, &wrong).await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    drop(caller);
}

#[tokio::test]
async fn without_an_app_there_is_nothing_to_confirm() {
    let world = World::new();
    let user = world.add(UserBuilder::new().no_email().build()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    let refused = confirm(&world, &caller, "123456").await;
    assert_eq!(code(refused), "mfa_not_enabled");
    assert_eq!(world.snapshot().await, before);
    // Without an address nobody is told.
    enrol(&world, &caller, PASSWORD).await.unwrap();
    confirm(&world, &caller, &shown(&world, &user).await)
        .await
        .unwrap();
    assert_eq!(world.outbox(), []);
}

#[tokio::test]
async fn an_app_that_is_replaced_meanwhile_is_not_confirmed() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let right = shown(&world, &user).await;
    let (other, own) = (world.clone(), caller.clone());
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, caller) = (other.clone(), own.clone());
            async move {
                enrol(&world, &caller, PASSWORD).await.unwrap();
            }
        }),
    );
    let command = ConfirmTotpCommand::parse(Some(right.into())).unwrap();
    let second_factor = &services.second_factor;
    let refused = second_factor.confirm(&caller, &origin(), command).await;
    assert_eq!(code(refused), "mfa_already_enabled");
    assert_eq!(status(&world, &caller).await.1, 0);
    assert!(!world.user(user.id).await.mfa_enabled);
}

#[test]
fn a_code_must_be_there_and_be_six_digits() {
    let parse = |code: Option<&str>| ConfirmTotpCommand::parse(code.map(Into::into));
    assert_eq!(violations(parse(None)), ["code required"]);
    assert_eq!(violations(parse(Some("12345"))), ["code invalid_format"]);
    let recovery = parse(Some("abcd-0123-jkmn-1xyz"));
    assert_eq!(violations(recovery), ["code invalid_format"]);
}

#[tokio::test]
async fn a_failure_confirms_nothing() {
    let world = World::with(unthrottled());
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let right = shown(&world, &user).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = confirm(&world, &caller, &right).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
    confirm(&world, &caller, &right).await.unwrap();
}

#[tokio::test]
async fn a_session_that_a_reset_ended_confirms_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let token = world.reset_token(user.id).await;
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    // The proof is from before, as a cache may still give it for a second.
    let refused = confirm(&world, &caller, &shown(&world, &user).await).await;
    assert_eq!(code(refused), "invalid_token");
    assert!(!world.user(user.id).await.mfa_enabled);
}

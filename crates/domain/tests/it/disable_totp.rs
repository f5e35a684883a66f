//! Giving up the second factor, and getting other recovery codes.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    audit::{Actor, EventKind},
    caller::OwnSession,
    mail::MailKind,
    ports::Services,
    second_factor::{ConfirmedChangeCommand, RecoveryCode},
    users::User,
};
use userhub_testkit::{FaultPoint, a_user};

use crate::{
    confirm_totp::{set_up, shown, wrong},
    enrol_totp::enrol,
    fixture::{PASSWORD, World, code, operator, origin, unthrottled, violations},
    interruption::meanwhile,
    verify_mfa::sign_in_with,
};

fn command((password, code): (&str, &str)) -> ConfirmedChangeCommand {
    ConfirmedChangeCommand::parse(Some(password.into()), Some(code.into())).unwrap()
}

pub(crate) async fn disable(world: &World, caller: &OwnSession, sent: (&str, &str)) -> Result<()> {
    disable_with(&world.services, caller, sent).await
}

async fn disable_with(services: &Services, caller: &OwnSession, sent: (&str, &str)) -> Result<()> {
    let second_factor = &services.second_factor;
    second_factor
        .disable(caller, &origin(), command(sent))
        .await
}

pub(crate) async fn renew(
    world: &World,
    caller: &OwnSession,
    sent: (&str, &str),
) -> Result<Vec<RecoveryCode>> {
    let second_factor = &world.services.second_factor;
    second_factor
        .renew_recovery_codes(caller, &origin(), command(sent))
        .await
}

fn text(code: &RecoveryCode) -> String {
    code.reveal().expose_secret().to_owned()
}

/// A user with an app whose next code is unspent, his session and his codes.
async fn with_app(world: &World) -> (User, OwnSession, Vec<RecoveryCode>) {
    let user = world.add(a_user()).await;
    let (caller, codes) = set_up(world, &user).await;
    world.wait(TimeDelta::seconds(30));
    (user, caller, codes)
}

fn mail(
    kind: MailKind,
    user: &User,
) -> Vec<(MailKind, Option<userhub_domain::users::UserId>, String)> {
    vec![(
        kind,
        Some(user.id),
        user.email.as_ref().unwrap().to_string(),
    )]
}

#[tokio::test]
async fn password_and_code_turn_it_off() {
    let world = World::new();
    let (user, caller, codes) = with_app(&world).await;
    let before = world.user(user.id).await;
    let code_of_app = shown(&world, &user).await;
    disable(&world, &caller, (PASSWORD, &code_of_app))
        .await
        .unwrap();
    let event = world.event(EventKind::MfaDisabled, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).in_session(caller.session_id())]);
    assert_eq!(world.outbox(), mail(MailKind::MfaDisabled, &user));
    assert!(world.factor(user.id).await.is_none());
    let after = world.user(user.id).await;
    assert_eq!((after.mfa_enabled, after.version), (false, before.version));
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    let second_factor = &world.services.second_factor;
    let status = second_factor.show(caller.signed_in()).await.unwrap();
    assert_eq!((status.enabled_at, status.recovery_codes_left), (None, 0));
    // Another can be set up, and the old codes are good for nothing.
    set_up(&world, &user).await;
    let refused = sign_in_with(&world, &user, &text(&codes[0])).await;
    assert_eq!(code(refused), "invalid_credentials");
}

#[tokio::test]
async fn a_recovery_code_turns_it_off_too() {
    let world = World::new();
    let (user, caller, codes) = with_app(&world).await;
    disable(&world, &caller, (PASSWORD, &text(&codes[9])))
        .await
        .unwrap();
    assert!(!world.user(user.id).await.mfa_enabled);
}

#[tokio::test]
async fn other_recovery_codes_void_those_before() {
    let world = World::new();
    let (user, caller, old) = with_app(&world).await;
    let code_of_app = shown(&world, &user).await;
    let new = renew(&world, &caller, (PASSWORD, &code_of_app))
        .await
        .unwrap();
    assert_eq!(new.len(), 10);
    world.assert_wrote([]);
    assert_eq!(world.outbox(), mail(MailKind::RecoveryCodesRenewed, &user));
    // The code of the app is spent.
    let refused = sign_in_with(&world, &user, &code_of_app).await;
    assert_eq!(code(refused), "invalid_credentials");
    for gone in &old {
        assert_ne!(gone.hash(user.id), new[0].hash(user.id));
    }
    let refused = sign_in_with(&world, &user, &text(&old[0])).await;
    assert_eq!(code(refused), "invalid_credentials");
    sign_in_with(&world, &user, &text(&new[0])).await.unwrap();
    // A recovery code can stand for the app here, too.
    let newest = renew(&world, &caller, (PASSWORD, &text(&new[1])))
        .await
        .unwrap();
    sign_in_with(&world, &user, &text(&newest[0]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_wrong_password_or_code_is_remembered_and_changes_nothing() {
    let world = World::new();
    let (user, caller, codes) = with_app(&world).await;
    let (right, wrong) = (shown(&world, &user).await, wrong(&world, &user).await);
    for (sent, expected) in [
        (("wrong", right.as_str()), "wrong_password"),
        ((PASSWORD, wrong.as_str()), "wrong_code"),
    ] {
        let before = world.snapshot().await;
        assert_eq!(code(disable(&world, &caller, sent).await), expected);
        assert_eq!(code(renew(&world, &caller, sent).await), expected);
        let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
        let failed = failed.about(user.id).in_session(caller.session_id());
        world.assert_wrote([failed.clone(), failed]);
        let mut after = world.snapshot().await;
        after.forget_last_event();
        after.forget_last_event();
        assert_eq!(after, before);
    }
    // A recovery code is found to be wrong only when it is spent.
    let used = text(&codes[0]);
    sign_in_with(&world, &user, &used).await.unwrap();
    let before = world.snapshot().await;
    assert_eq!(
        code(disable(&world, &caller, (PASSWORD, &used)).await),
        "wrong_code"
    );
    assert_eq!(
        code(renew(&world, &caller, (PASSWORD, &used)).await),
        "wrong_code"
    );
    let mut after = world.snapshot().await;
    after.forget_last_event();
    after.forget_last_event();
    assert_eq!(after, before);
}

#[tokio::test]
async fn codes_are_slowed_down_and_a_right_one_makes_all_forgotten() {
    let world = World::new();
    let (user, caller, codes) = with_app(&world).await;
    let wrong = wrong(&world, &user).await;
    for _ in 0..5 {
        let refused = disable(&world, &caller, (PASSWORD, &wrong)).await;
        assert_eq!(code(refused), "wrong_code");
    }
    let sent = (PASSWORD, text(&codes[0]));
    let refused = disable(&world, &caller, (sent.0, &sent.1)).await;
    assert_eq!(code(refused), "too_many_requests");
    let refused = renew(&world, &caller, (sent.0, &sent.1)).await;
    assert_eq!(code(refused), "too_many_requests");
    world.wait(TimeDelta::seconds(15));
    let codes = renew(&world, &caller, (sent.0, &sent.1)).await.unwrap();
    for _ in 0..5 {
        let refused = disable(&world, &caller, (PASSWORD, &wrong)).await;
        assert_eq!(code(refused), "wrong_code");
    }
    world.wait(TimeDelta::seconds(15));
    disable(&world, &caller, (PASSWORD, &text(&codes[0])))
        .await
        .unwrap();
    // Passwords, too.
    for _ in 0..9 {
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn without_a_factor_there_is_nothing_to_change() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    for is_enrolled in [false, true] {
        if is_enrolled {
            enrol(&world, &caller, PASSWORD).await.unwrap();
        }
        let before = world.snapshot().await;
        let sent = (PASSWORD, "123456");
        assert_eq!(
            code(disable(&world, &caller, sent).await),
            "mfa_not_enabled"
        );
        assert_eq!(code(renew(&world, &caller, sent).await), "mfa_not_enabled");
        assert_eq!(world.snapshot().await, before);
    }
}

#[tokio::test]
async fn an_ended_session_changes_nothing() {
    let world = World::new();
    let (user, caller, codes) = with_app(&world).await;
    let administration = &world.services.administration;
    administration
        .end_sessions(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let sent = text(&codes[0]);
    let refused = disable(&world, &caller, (PASSWORD, &sent)).await;
    assert_eq!(code(refused), "invalid_token");
    let refused = renew(&world, &caller, (PASSWORD, &sent)).await;
    assert_eq!(code(refused), "invalid_token");
}

#[tokio::test]
async fn a_factor_that_is_taken_away_meanwhile_is_not_given_up_again() {
    let world = World::new();
    let (user, caller, _) = with_app(&world).await;
    let right = shown(&world, &user).await;
    let (other, id) = (world.clone(), user.id);
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let administration = &world.services.administration;
                administration
                    .reset_mfa(&operator(), &origin(), id)
                    .await
                    .unwrap();
                world.forget_events();
            }
        }),
    );
    let refused = disable_with(&services, &caller, (PASSWORD, &right)).await;
    assert_eq!(code(refused), "wrong_code");
    let failed = world.event(EventKind::SessionFailed, &Actor::User(id));
    world.assert_wrote([failed.about(id).in_session(caller.session_id())]);
}

#[test]
fn both_members_must_be_there() {
    let missing = ConfirmedChangeCommand::parse(None, None);
    assert_eq!(violations(missing), ["code required", "password required"]);
    let long = Some("x".repeat(1025).into());
    let wrong = ConfirmedChangeCommand::parse(long, Some("12345".into()));
    let expected = ["code invalid_format", "password too_long"];
    assert_eq!(violations(wrong), expected);
    let missing = ConfirmedChangeCommand::parse(Some(PASSWORD.into()), None);
    assert_eq!(violations(missing), ["code required"]);
}

#[tokio::test]
async fn a_failure_changes_nothing() {
    let world = World::with(unthrottled());
    let (user, caller, _) = with_app(&world).await;
    let right = shown(&world, &user).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = disable(&world, &caller, (PASSWORD, &right)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
        world.store.fail_next(point);
        let refused = renew(&world, &caller, (PASSWORD, &right)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
    disable(&world, &caller, (PASSWORD, &right)).await.unwrap();
}

#[tokio::test]
async fn a_right_password_is_no_failure_whatever_comes_after_it() {
    let world = World::new();
    let (user, caller, _) = with_app(&world).await;
    let wrong = wrong(&world, &user).await;
    for _ in 0..12 {
        drop(disable(&world, &caller, (PASSWORD, &wrong)).await);
        drop(renew(&world, &caller, (PASSWORD, &wrong)).await);
    }
    // The next code has to wait, the password has not.
    let refused = renew(&world, &caller, (PASSWORD, &wrong)).await;
    assert_eq!(code(refused), "too_many_requests");
    let asked = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(asked), "mfa_required");
    for _ in 0..12 {
        let refused = enrol(&world, &caller, PASSWORD).await;
        assert_eq!(code(refused), "mfa_already_enabled");
    }
    let asked = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(asked), "mfa_required");
}

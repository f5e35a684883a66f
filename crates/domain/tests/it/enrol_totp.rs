//! Setting up an app.

use std::sync::Arc;

use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    audit::{Actor, EventKind},
    caller::OwnSession,
    policy::Policy,
    ports::{Ports, Services},
    second_factor::{EnrolTotpCommand, EnrolledTotp, NoTotp},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    confirm_totp::{confirm, set_up, shown},
    fixture::{PASSWORD, World, code, origin, unthrottled, violations},
    interruption::meanwhile,
};

pub(crate) async fn enrol(
    world: &World,
    caller: &OwnSession,
    password: &str,
) -> Result<EnrolledTotp> {
    enrol_with(&world.services, caller, password).await
}

async fn enrol_with(
    services: &Services,
    caller: &OwnSession,
    password: &str,
) -> Result<EnrolledTotp> {
    let command = EnrolTotpCommand::parse(Some(password.into())).unwrap();
    let second_factor = &services.second_factor;
    second_factor.enrol(caller, &origin(), command).await
}

#[tokio::test]
async fn an_app_gets_its_seed_and_counts_for_nothing_yet() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let enrolled = enrol(&world, &caller, PASSWORD).await.unwrap();
    let secret = enrolled.secret.expose_secret();
    assert_eq!(secret.len(), 32);
    assert!(enrolled.uri.expose_secret().contains(secret));
    let factor = world.factor(user.id).await.unwrap();
    assert_eq!((&factor.seed, factor.user_id), (&enrolled.sealed, user.id));
    assert_eq!(
        (factor.created_at, factor.confirmed_at),
        (world.now(), None)
    );
    assert_eq!(factor.last_step, 0);
    world.assert_wrote([]);
    assert_eq!(world.outbox(), []);
    assert!(!world.user(user.id).await.mfa_enabled);
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn the_app_calls_the_account_by_its_address_or_else_its_name() {
    let world = World::new();
    let ann = UserBuilder::new().username("ann").email("ann@example.org");
    for (user, expected) in [
        (ann.clone().build(), "ann%40example.org"),
        (
            ann.id(a_user().id).username("ben").no_email().build(),
            "ben",
        ),
    ] {
        let user = world.add(user).await;
        let caller = world.own_session(&user).await;
        let enrolled = enrol(&world, &caller, PASSWORD).await.unwrap();
        let uri = enrolled.uri.expose_secret();
        let start = format!("otpauth://totp/{expected}?");
        assert!(uri.starts_with(&start), "{start}");
    }
}

#[tokio::test]
async fn another_app_takes_the_place_of_one_that_was_not_confirmed() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let first = shown(&world, &user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    assert_eq!(code(confirm(&world, &caller, &first).await), "wrong_code");
    let second = shown(&world, &user).await;
    confirm(&world, &caller, &second).await.unwrap();
}

#[tokio::test]
async fn a_confirmed_app_stays() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let (caller, _) = set_up(&world, &user).await;
    let before = world.snapshot().await;
    let refused = enrol(&world, &caller, PASSWORD).await;
    assert_eq!(code(refused), "mfa_already_enabled");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn an_app_that_is_confirmed_meanwhile_stays() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, user) = (other.clone(), user.clone());
            async move { drop(set_up(&world, &user).await) }
        }),
    );
    let refused = enrol_with(&services, &caller, PASSWORD).await;
    assert_eq!(code(refused), "mfa_already_enabled");
}

#[tokio::test]
async fn a_wrong_password_is_remembered_and_sets_up_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let refused = enrol(&world, &caller, "wrong").await;
    assert_eq!(code(refused), "wrong_password");
    let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
    world.assert_wrote([failed.about(user.id).in_session(caller.session_id())]);
    assert!(world.factor(user.id).await.is_none());
    // A right one makes it forgotten, here too.
    for wrong in [8, 9] {
        for _ in 0..wrong {
            let refused = enrol(&world, &caller, "wrong").await;
            assert_eq!(code(refused), "wrong_password");
        }
        enrol(&world, &caller, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn an_ended_session_sets_up_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let sessions = &world.services.sessions;
    sessions
        .logout_all(caller.signed_in(), &origin())
        .await
        .unwrap();
    let refused = enrol(&world, &caller, PASSWORD).await;
    assert_eq!(code(refused), "invalid_token");
}

#[tokio::test]
async fn without_a_key_to_seal_with_there_is_no_second_factor() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let ports = Ports {
        totp: Arc::new(NoTotp),
        ..world.ports_over(Arc::new(world.store.clone()))
    };
    let services = Services::new(ports, Policy::default());
    let refused = enrol_with(&services, &caller, PASSWORD).await;
    assert_eq!(code(refused), "mfa_unavailable");
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let before = world.snapshot().await;
    let code_of_app = shown(&world, &user).await;
    let command =
        userhub_domain::second_factor::ConfirmTotpCommand::parse(Some(code_of_app.into()));
    let second_factor = &services.second_factor;
    let refused = second_factor
        .confirm(&caller, &origin(), command.unwrap())
        .await;
    assert_eq!(code(refused), "mfa_unavailable");
    assert_eq!(world.snapshot().await, before);
}

#[test]
fn a_password_must_be_there() {
    let parse = EnrolTotpCommand::parse;
    assert_eq!(violations(parse(None)), ["password required"]);
    let long = Some("x".repeat(1025).into());
    assert_eq!(violations(parse(long)), ["password too_long"]);
}

#[tokio::test]
async fn a_failure_sets_up_nothing() {
    let world = World::with(unthrottled());
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
        let refused = enrol(&world, &caller, PASSWORD).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

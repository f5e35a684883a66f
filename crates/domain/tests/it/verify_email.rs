//! Showing by a mailed token that an address is one's own.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{
    Result,
    accounts::VerifyEmailCommand,
    audit::{Actor, EventKind},
    mail::MailKind,
    ports::Services,
    users::{AdminChanges, Change, EmailAddress, PersonName, ProfileChanges, User},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    change_email::request,
    fixture::{World, code, operator, origin, unthrottled, verifying, violations},
    interruption::meanwhile,
};

pub(crate) async fn verify(world: &World, token: &SecretString) -> Result<()> {
    verify_with(&world.services, token).await
}

async fn verify_with(services: &Services, token: &SecretString) -> Result<()> {
    let command = VerifyEmailCommand::parse(Some(token.clone())).unwrap();
    services.accounts.verify_email(&origin(), command).await
}

/// A user, and a token that came to the address.
async fn asked(world: &World, user: User) -> (User, SecretString) {
    let user = world.add(user).await;
    let address = user.email.as_ref().unwrap().as_str();
    crate::request_verification::request(world, address)
        .await
        .unwrap();
    let token = world.mailed(MailKind::VerifyEmail).await;
    (user, token)
}

/// A user with the address `old@…`, and a token that came to `new@…`.
async fn changing(world: &World) -> (User, SecretString) {
    let user = UserBuilder::new().email("old@example.org").verified();
    let user = world.add(user.build()).await;
    let caller = world.own_session(&user).await;
    request(world, &caller, "New@example.org").await.unwrap();
    let token = world.mailed(MailKind::ConfirmEmailChange).await;
    world.forget_events();
    (user, token)
}

/// Changes something else of a user.
async fn rename(world: &World, user: &User, name: &str) {
    let mut other = world.user(user.id).await;
    let version = other.version;
    let changes = ProfileChanges {
        first_name: Change::Set(PersonName::parse(name).unwrap()),
        ..ProfileChanges::default()
    };
    let none = AdminChanges::default();
    other.apply(&changes, &none, world.now()).unwrap();
    world.write(&other, version).await;
}

#[tokio::test]
async fn the_address_counts_as_verified_and_the_token_is_used_up() {
    let world = World::new();
    let (user, token) = asked(&world, a_user()).await;
    let [letter] = &world.mailer.letters()[..] else {
        panic!("not one letter");
    };
    assert_eq!(letter.expires_at, Some(world.now() + TimeDelta::hours(24)));
    let pair = world.sign_in(&user).await;
    world.wait(TimeDelta::hours(24) - TimeDelta::microseconds(1));
    verify(&world, &token).await.unwrap();
    let event = world.event(EventKind::EmailVerified, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["email_verified"])]);
    let verified = world.user(user.id).await;
    assert!(verified.email_verified);
    assert_eq!(verified.updated_at, world.now());
    assert_eq!(verified.version, user.version.next());
    world.refresh(&pair).await.unwrap();
    let before = world.snapshot().await;
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn an_address_that_is_verified_meanwhile_is_not_told_again() {
    let world = World::new();
    let (user, token) = asked(&world, a_user()).await;
    let mut other = user.clone();
    let changes = AdminChanges {
        email_verified: Some(true),
        ..AdminChanges::default()
    };
    other
        .apply(&ProfileChanges::default(), &changes, world.now())
        .unwrap();
    world.write(&other, user.version).await;
    verify(&world, &token).await.unwrap();
    world.assert_wrote([]);
    assert_eq!(world.user(user.id).await, other);
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
}

#[tokio::test]
async fn an_old_unknown_or_foreign_token_is_refused() {
    let world = World::new();
    let (user, token) = asked(&world, a_user()).await;
    let disguised = token.expose_secret().replace("uhv_", "uhe_");
    let reset = world.reset_token(user.id).await;
    let before = world.snapshot().await;
    let unknown = format!("uhv_{}", "0".repeat(64));
    for bad in ["", "x", &disguised, &unknown, reset.expose_secret()] {
        let refused = verify(&world, &bad.into()).await;
        assert_eq!(code(refused), "token_invalid", "{bad}");
    }
    world.wait(TimeDelta::hours(24));
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_token_dies_with_the_sessions_and_with_the_account() {
    let world = World::new();
    let (user, token) = asked(&world, a_user()).await;
    let administration = &world.services.administration;
    administration
        .end_sessions(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
    let (user, token) = asked(&world, a_user()).await;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
}

#[tokio::test]
async fn a_new_address_takes_the_place_of_the_old_one_which_is_told() {
    let world = World::with(verifying());
    let (user, token) = changing(&world).await;
    let pair = world.sign_in(&user).await;
    verify(&world, &token).await.unwrap();
    let event = world.event(EventKind::EmailChanged, &Actor::User(user.id));
    let event = event.about(user.id).naming(["email", "email_verified"]);
    world.assert_wrote([event]);
    let changed = world.user(user.id).await;
    assert_eq!(changed.email.as_ref().unwrap().as_str(), "New@example.org");
    assert!(changed.email_verified);
    assert_eq!(changed.version, user.version.next());
    let notice = "old@example.org".to_owned();
    assert_eq!(
        world.outbox(),
        [(MailKind::EmailChanged, Some(user.id), notice)]
    );
    world.deliver().await;
    let letter = world.mailer.letters().pop().unwrap();
    let other = letter.other_address.unwrap();
    assert_eq!(
        (letter.to.as_str(), other.as_str()),
        ("old@example.org", "New@example.org")
    );
    world.refresh(&pair).await.unwrap();
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
}

#[tokio::test]
async fn a_change_dies_with_the_address_it_was_asked_from() {
    let world = World::with(verifying());
    let (user, token) = changing(&world).await;
    let mut other = world.user(user.id).await;
    let version = other.version;
    other
        .change_email(
            EmailAddress::parse("third@example.org").unwrap(),
            world.now(),
        )
        .unwrap();
    world.write(&other, version).await;
    let before = world.snapshot().await;
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn confirming_the_very_address_one_has_changes_nothing_but_the_token() {
    let world = World::with(verifying());
    let user = UserBuilder::new().email("old@example.org").verified();
    let user = world.add(user.build()).await;
    let caller = world.own_session(&user).await;
    request(&world, &caller, "old@example.org").await.unwrap();
    let token = world.mailed(MailKind::ConfirmEmailChange).await;
    let before = world.user(user.id).await;
    world.forget_events();
    verify(&world, &token).await.unwrap();
    world.assert_wrote([]);
    assert_eq!(world.user(user.id).await, before);
    assert_eq!(world.outbox(), []);
    assert_eq!(code(verify(&world, &token).await), "token_invalid");
}

#[tokio::test]
async fn an_address_that_became_somebody_elses_is_taken() {
    let world = World::with(verifying());
    let (_, token) = changing(&world).await;
    let thief = UserBuilder::new().email("new@example.org").build();
    world.add(thief).await;
    let before = world.snapshot().await;
    assert_eq!(code(verify(&world, &token).await), "email_taken");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn two_lost_races_are_run_again_and_a_third_is_the_end() {
    for (losses, expected) in [(2, "done"), (3, "edit_conflict")] {
        let world = World::with(verifying());
        let (user, token) = changing(&world).await;
        let (other, mover) = (world.clone(), user.clone());
        let services = world.interrupted(
            losses,
            meanwhile(move || {
                let (world, user) = (other.clone(), mover.clone());
                async move {
                    let name = world.user(user.id).await.version.0.to_string();
                    rename(&world, &user, &name).await;
                }
            }),
        );
        let done = verify_with(&services, &token).await;
        let said = done.map_or_else(|error| error.code(), |()| "done");
        assert_eq!(said, expected);
        let address = world.user(user.id).await.email.clone().unwrap();
        assert_eq!(address.as_str() == "New@example.org", losses == 2);
    }
}

#[tokio::test]
async fn one_of_two_uses_at_once_is_refused() {
    let world = World::with(verifying());
    for is_change in [true, false] {
        let (_, token) = if is_change {
            changing(&world).await
        } else {
            asked(&world, a_user()).await
        };
        let both = tokio::join!(verify(&world, &token), verify(&world, &token));
        let said = [both.0, both.1].map(|done| done.map_or_else(|error| error.code(), |()| "done"));
        assert!(said.contains(&"done"), "{said:?}");
        assert!(said.contains(&"token_invalid"), "{said:?}");
        assert_eq!(world.new_events().len(), 1);
    }
}

#[tokio::test]
async fn a_token_that_is_used_or_void_meanwhile_is_refused() {
    let world = World::new();
    let (user, token) = asked(&world, a_user()).await;
    let (other, sent) = (world.clone(), token.clone());
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, token) = (other.clone(), sent.clone());
            async move { verify(&world, &token).await.unwrap() }
        }),
    );
    let refused = verify_with(&services, &token).await;
    assert_eq!(code(refused), "token_invalid");
    assert_eq!(world.new_events().len(), 1);

    let (gone, token) = asked(&world, a_user()).await;
    let (other, id) = (world.clone(), gone.id);
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let mut user = world.user(id).await;
                let version = user.version;
                let address = EmailAddress::parse("elsewhere@example.org").unwrap();
                user.change_email(address, world.now()).unwrap();
                world.write(&user, version).await;
            }
        }),
    );
    let refused = verify_with(&services, &token).await;
    assert_eq!(code(refused), "token_invalid");
    assert!(!world.user(gone.id).await.email_verified);
    assert!(world.user(user.id).await.email_verified);
    world.assert_wrote([]);
}

#[test]
fn a_token_must_be_there() {
    let missing = VerifyEmailCommand::parse(None);
    assert_eq!(violations(missing), ["token required"]);
}

#[tokio::test]
async fn a_failure_leaves_token_and_address_as_they_are() {
    let mut policy = verifying();
    policy.throttle = unthrottled().throttle;
    let world = World::with(policy);
    for is_change in [true, false] {
        let (_, token) = if is_change {
            changing(&world).await
        } else {
            asked(&world, a_user()).await
        };
        let before = world.snapshot().await;
        for point in [
            FaultPoint::Read,
            FaultPoint::Begin,
            FaultPoint::Write,
            FaultPoint::Commit,
        ] {
            world.store.fail_next(point);
            let refused = verify(&world, &token).await;
            assert_eq!(code(refused), "storage_unavailable", "{point:?}");
        }
        assert_eq!(world.snapshot().await, before);
        verify(&world, &token).await.unwrap();
        world.deliver().await;
    }
}

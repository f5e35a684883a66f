//! Asking for a way to choose a new password.

use chrono::TimeDelta;
use userhub_domain::{
    Result,
    accounts::MailRequestCommand,
    audit::{Actor, EventKind},
    mail::{Delivery, MailKind},
    policy::Policy,
    users::{AdminChanges, Change, EmailAddress, ProfileChanges},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, origin, unthrottled, violations},
    reset_password::reset,
};

pub(crate) async fn forgot(world: &World, email: &str) -> Result<()> {
    let command = MailRequestCommand::parse(Some(email.to_owned())).unwrap();
    let accounts = &world.services.accounts;
    accounts.forgot_password(&origin(), command).await
}

#[tokio::test]
async fn the_owner_gets_a_token_at_the_address_as_it_is_stored() {
    let world = World::new();
    let user = UserBuilder::new().email("Ann@Example.org");
    let user = world.add(user.first_name("Ann").build()).await;
    forgot(&world, "ann@example.ORG").await.unwrap();
    let requested = world.event(EventKind::PasswordResetRequested, &Actor::Anonymous);
    world.assert_wrote([requested.about(user.id)]);
    let address = "Ann@Example.org".to_owned();
    let mail = (MailKind::ResetPassword, Some(user.id), address.clone());
    assert_eq!(world.outbox(), [mail]);
    let asked_at = world.now();
    world.wait(TimeDelta::minutes(5));
    let token = world.mailed(MailKind::ResetPassword).await;
    let [letter] = &world.mailer.letters()[..] else {
        panic!("not one letter");
    };
    assert_eq!(letter.to.as_str(), address);
    assert_eq!(letter.name.as_deref(), Some("Ann"));
    // The time runs from the delivery on.
    assert_eq!(letter.expires_at, Some(world.now() + TimeDelta::hours(1)));
    assert_eq!((letter.happened_at, &letter.origin), (asked_at, &origin()));
    assert_eq!((&letter.other_address, world.outbox()), (&None, vec![]));

    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    let actor = Actor::User(user.id);
    let done = world.event(EventKind::PasswordReset, &actor).about(user.id);
    let verified = world.event(EventKind::EmailVerified, &actor);
    let verified = verified.about(user.id).naming(["email_verified"]);
    world.assert_wrote([done, verified]);
    assert!(world.user(user.id).await.email_verified);
    let notice = (MailKind::PasswordChanged, Some(user.id), address);
    assert_eq!(world.outbox(), [notice]);
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
    let again = reset(&world, &token, PASSWORD).await;
    assert_eq!(code(again), "token_invalid");
}

#[tokio::test]
async fn an_address_that_is_verified_already_is_not_told_again() {
    let world = World::new();
    let user = world.add(UserBuilder::new().verified().build()).await;
    forgot(&world, user.email.as_ref().unwrap().as_str())
        .await
        .unwrap();
    let token = world.mailed(MailKind::ResetPassword).await;
    world.forget_events();
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    let done = world.event(EventKind::PasswordReset, &Actor::User(user.id));
    world.assert_wrote([done.about(user.id)]);
}

#[tokio::test]
async fn nobody_suspended_and_deleted_get_the_same_answer_and_no_letter() {
    let world = World::new();
    let suspended = UserBuilder::new().email("bob@example.org").suspended();
    let suspended = world.add(suspended.build()).await;
    let deleted = UserBuilder::new().email("carol@example.org").deleted();
    world.add(deleted.build()).await;
    for (address, subject) in [
        ("Nobody@example.org", None),
        ("bob@example.org", Some(suspended.id)),
        ("carol@example.org", None),
    ] {
        forgot(&world, address).await.unwrap();
        let mut asked = world.event(EventKind::PasswordResetRequested, &Actor::Anonymous);
        asked.subject = subject;
        world.assert_wrote([asked]);
        let mail = (MailKind::ResetPassword, subject, address.to_owned());
        assert_eq!(world.outbox(), [mail]);
        assert_eq!(world.deliver().await, [Delivery::Discarded]);
        assert_eq!(world.outbox(), []);
    }
    assert!(world.mailer.letters().is_empty());
    world.assert_wrote([]);
}

#[tokio::test]
async fn an_address_gets_four_mails_and_then_one_an_hour() {
    let world = World::new();
    let user = world
        .add(UserBuilder::new().email("ann@example.org").build())
        .await;
    for (address, owner) in [("ann@example.org", Some(user.id)), ("no@example.org", None)] {
        for number in 0..6_usize {
            let spelling = if number == 1 {
                address.to_uppercase()
            } else {
                address.to_owned()
            };
            forgot(&world, &spelling).await.unwrap();
            assert_eq!(world.new_events().len(), usize::from(number < 4));
            assert_eq!(world.outbox().len(), (number + 1).min(4));
        }
        // A mail about something else is counted on its own.
        crate::request_verification::request(&world, address)
            .await
            .unwrap();
        assert_eq!(world.outbox().len(), 5);
        assert_eq!(world.outbox()[0].1, owner);
        world.wait(TimeDelta::minutes(60));
        world.deliver().await;
        for left in [1, 1] {
            forgot(&world, address).await.unwrap();
            assert_eq!(world.outbox().len(), left);
        }
        world.deliver().await;
        world.forget_events();
    }
}

#[tokio::test]
async fn a_client_that_asks_too_often_waits() {
    let mut policy = Policy::default();
    policy.throttle.mail_of_client.free = 2;
    let world = World::with(policy);
    forgot(&world, "a@example.org").await.unwrap();
    crate::request_verification::request(&world, "b@example.org")
        .await
        .unwrap();
    let before = world.snapshot().await;
    let refused = forgot(&world, "c@example.org").await;
    assert_eq!(code(refused), "too_many_requests");
    let refused = crate::request_verification::request(&world, "d@example.org").await;
    assert_eq!(code(refused), "too_many_requests");
    assert_eq!(world.snapshot().await, before);
    // Signing in is not asking for mail.
    world.sign_in(&world.add(a_user()).await).await;
}

#[tokio::test]
async fn a_mailed_token_dies_with_the_address_and_is_good_for_nothing_else() {
    let world = World::new();
    let user = world
        .add(UserBuilder::new().email("ann@example.org").build())
        .await;
    forgot(&world, "ann@example.org").await.unwrap();
    let token = world.mailed(MailKind::ResetPassword).await;
    let refused = crate::verify_email::verify(&world, &token).await;
    assert_eq!(code(refused), "token_invalid");
    let mut other = world.user(user.id).await;
    let version = other.version;
    let changes = AdminChanges {
        email: Change::Set(EmailAddress::parse("ben@example.org").unwrap()),
        ..AdminChanges::default()
    };
    other
        .apply(&ProfileChanges::default(), &changes, world.now())
        .unwrap();
    world.write(&other, version).await;
    let before = world.snapshot().await;
    let refused = reset(&world, &token, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "token_invalid");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn another_request_voids_the_token_before() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let address = user.email.as_ref().unwrap().as_str();
    forgot(&world, address).await.unwrap();
    let first = world.mailed(MailKind::ResetPassword).await;
    forgot(&world, address).await.unwrap();
    let second = world.mailed(MailKind::ResetPassword).await;
    let refused = reset(&world, &first, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "token_invalid");
    world.wait(TimeDelta::hours(1));
    let refused = reset(&world, &second, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "token_invalid");
}

#[test]
fn an_address_must_be_there() {
    let parse = |text: Option<&str>| MailRequestCommand::parse(text.map(str::to_owned));
    assert_eq!(violations(parse(None)), ["email required"]);
    assert_eq!(violations(parse(Some("nobody"))), ["email invalid_format"]);
}

#[tokio::test]
async fn a_failure_leaves_nothing() {
    let world = World::with(unthrottled());
    let user = world.add(a_user()).await;
    let address = user.email.as_ref().unwrap().as_str();
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = forgot(&world, address).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
    // The count of an address that cannot be made is no answer either.
    let world = World::new();
    world.store.fail_next(FaultPoint::Write);
    let refused = forgot(&world, address).await;
    assert_eq!(code(refused), "storage_unavailable");
    let command = MailRequestCommand::parse(Some(address.to_owned())).unwrap();
    world.store.fail_next(FaultPoint::Write);
    let accounts = &world.services.accounts;
    let refused = accounts.forgot_password(&Default::default(), command).await;
    assert_eq!(code(refused), "storage_unavailable");
    assert_eq!(world.outbox(), []);
}

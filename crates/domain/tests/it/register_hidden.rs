//! Registering where it is not told who has an account.

use userhub_domain::{
    Error,
    accounts::{RegisterCommand, RegisterInput, Registration},
    audit::{Actor, EventKind},
    error::{Conflict, Identifier},
    mail::MailKind,
    policy::Policy,
    users::ProfileInput,
};
use userhub_testkit::{FaultPoint, UserBuilder};

use crate::{
    fixture::{PASSWORD, World, code, origin, verifying},
    interruption::meanwhile,
    register::{alice, register, try_register},
};

/// Who has only the address.
fn by_address() -> RegisterInput {
    RegisterInput {
        profile: ProfileInput {
            email: Some("Alice@Example.org".to_owned()),
            ..ProfileInput::default()
        },
        ..alice()
    }
}

#[tokio::test]
async fn where_addresses_must_be_verified_a_new_account_is_asked_and_not_told() {
    let world = World::with(verifying());
    let made = try_register(&world, by_address()).await.unwrap();
    assert_eq!(
        (&made, made.clone().into_user()),
        (&Registration::Accepted, None)
    );
    let user = world.store.all_users().remove(0);
    let event = world.event(EventKind::UserRegistered, &Actor::Anonymous);
    world.assert_wrote([event.about(user.id)]);
    let address = "Alice@Example.org".to_owned();
    let mail = (MailKind::VerifyEmail, Some(user.id), address);
    assert_eq!(world.outbox(), [mail]);
    let token = world.mailed(MailKind::VerifyEmail).await;
    crate::verify_email::verify(&world, &token).await.unwrap();
    let command = crate::fixture::login_command("alice@example.org", PASSWORD);
    let sessions = &world.services.sessions;
    sessions.login(&origin(), command).await.unwrap();
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_after_the_same_work_and_its_owner_a_mail() {
    let world = World::with(verifying());
    let owner = UserBuilder::new().email("aLICE@example.org").build();
    let owner = world.add(owner).await;
    let made = try_register(&world, by_address()).await.unwrap();
    assert_eq!(made, Registration::Accepted);
    assert_eq!(world.store.all_users(), std::slice::from_ref(&owner));
    assert_eq!(world.hasher.hashes(), 1);
    world.assert_wrote([]);
    let address = "aLICE@example.org".to_owned();
    let mail = (MailKind::AccountExists, Some(owner.id), address);
    assert_eq!(world.outbox(), [mail]);
    world.deliver().await;
    assert_eq!(world.mailer.kinds(), [MailKind::AccountExists]);
    // It is not flooded either.
    for _ in 0..5 {
        let made = try_register(&world, by_address()).await.unwrap();
        assert_eq!(made, Registration::Accepted);
    }
    assert_eq!(world.outbox().len(), 3);
}

#[tokio::test]
async fn an_address_is_counted_whether_or_not_it_is_known() {
    let world = World::with(verifying());
    // The first one is new. Counting the others alone would take longer for them.
    for _ in 0..5 {
        try_register(&world, by_address()).await.unwrap();
    }
    let mails = world.outbox();
    let told = |kind| mails.iter().filter(|mail| mail.0 == kind).count();
    assert_eq!(told(MailKind::VerifyEmail), 1);
    assert_eq!(told(MailKind::AccountExists), 3);
}

#[tokio::test]
async fn only_the_address_is_hidden() {
    let world = World::with(verifying());
    for user in [
        UserBuilder::new().username("ALICE"),
        UserBuilder::new().email("alice@example.org"),
    ] {
        world.add(user.build()).await;
    }
    let before = world.snapshot().await;
    let Err(Error::Conflict(Conflict::Taken(taken))) = try_register(&world, alice()).await else {
        panic!("not refused");
    };
    assert_eq!(taken, [Identifier::Username]);
    assert_eq!(world.snapshot().await, before);
    assert_eq!(world.hasher.hashes(), 0);
}

#[tokio::test]
async fn hiding_is_a_choice_of_its_own() {
    let mut policy = Policy::default();
    policy.registration.hide_existence = Some(true);
    let world = World::with(policy);
    // Nothing is hidden of an account without an address.
    let mut input = alice();
    input.profile.email = None;
    let user = register(&world, input).await.unwrap();
    assert_eq!(world.user(user.id).await, user);
    for users in [2, 2] {
        let made = try_register(&world, by_address()).await.unwrap();
        assert_eq!(made, Registration::Accepted);
        assert_eq!(world.store.all_users().len(), users);
    }
    let kinds: Vec<_> = world.outbox().into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [MailKind::AccountExists]);

    let mut policy = verifying();
    policy.registration.hide_existence = Some(false);
    let world = World::with(policy);
    let user = register(&world, by_address()).await.unwrap();
    assert_eq!(world.outbox()[0].1, Some(user.id));
    assert_eq!(code(register(&world, by_address()).await), "email_taken");
    assert_eq!(world.outbox().len(), 1);
}

#[tokio::test]
async fn an_address_that_is_taken_or_free_again_meanwhile_is_hidden_too() {
    let world = World::with(verifying());
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let owner = UserBuilder::new().email("alice@example.org").build();
                world.add(owner).await;
            }
        }),
    );
    let accounts = &services.accounts;
    let command = RegisterCommand::parse(by_address(), accounts.rules()).unwrap();
    let made = accounts.register(&origin(), command).await.unwrap();
    assert_eq!(made, Registration::Accepted);
    assert_eq!(world.store.all_users().len(), 1);
    assert_eq!(world.outbox()[0].0, MailKind::AccountExists);
}

#[tokio::test]
async fn a_hidden_registration_that_fails_leaves_nothing() {
    let mut policy = verifying();
    policy.throttle.enabled = false;
    let world = World::with(policy);
    let owner = UserBuilder::new().email("alice@example.org").build();
    world.add(owner).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = try_register(&world, by_address()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    world.hasher.overload(true);
    let refused = try_register(&world, by_address()).await;
    assert_eq!(code(refused), "overloaded");
    assert_eq!(world.snapshot().await, before);
}

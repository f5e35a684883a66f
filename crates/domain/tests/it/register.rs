//! Registering.

use userhub_domain::{
    Error, Result,
    accounts::{RegisterCommand, RegisterInput, Registration},
    audit::{Actor, EventKind},
    error::{Conflict, Identifier},
    policy::{Policy, RequiredMember},
    users::{ProfileInput, Role, Status, User, Version},
};
use userhub_testkit::{FaultPoint, UserBuilder};

use crate::fixture::{PASSWORD, World, code, origin, unthrottled, violations};

pub(crate) fn alice() -> RegisterInput {
    RegisterInput {
        profile: ProfileInput {
            username: Some("Alice".to_owned()),
            email: Some("Alice@Example.org".to_owned()),
            first_name: Some(" Alice ".to_owned()),
            last_name: None,
            phone_number: Some("+1 555 123 4567".to_owned()),
        },
        password: Some(PASSWORD.into()),
    }
}

pub(crate) async fn register(world: &World, input: RegisterInput) -> Result<User> {
    let made = try_register(world, input).await?;
    Ok(made.into_user().expect("told"))
}

pub(crate) async fn try_register(world: &World, input: RegisterInput) -> Result<Registration> {
    let accounts = &world.services.accounts;
    let command = RegisterCommand::parse(input, accounts.rules()).unwrap();
    accounts.register(&origin(), command).await
}

#[tokio::test]
async fn somebody_registers_and_can_sign_in() {
    let world = World::new();
    let user = register(&world, alice()).await.unwrap();
    assert_eq!(user.username.as_ref().unwrap().as_str(), "Alice");
    assert_eq!(user.email.as_ref().unwrap().as_str(), "Alice@Example.org");
    assert_eq!(user.first_name.as_ref().unwrap().as_str(), "Alice");
    assert_eq!(user.phone_number.as_ref().unwrap().as_str(), "+15551234567");
    assert_eq!((user.role, user.status()), (Role::User, Status::Active));
    assert_eq!((user.version, user.email_verified), (Version::FIRST, false));
    assert_eq!(
        (user.created_at, user.updated_at),
        (world.now(), world.now())
    );
    assert_eq!((user.last_login_at, user.deleted_at), (None, None));
    assert_eq!(world.user(user.id).await, user);
    let event = world.event(EventKind::UserRegistered, &Actor::Anonymous);
    world.assert_wrote([event.about(user.id)]);
    assert_eq!(world.outbox(), []);
    assert_eq!(world.hasher.hashes(), 1);
    assert!(
        !world
            .credentials(user.id)
            .await
            .password_hash
            .expose()
            .contains(PASSWORD)
    );
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_name_alone_or_an_address_alone_is_enough() {
    let world = World::new();
    for drop_name in [true, false] {
        let mut input = alice();
        input.profile.phone_number = None;
        if drop_name {
            input.profile.username = None;
        } else {
            input.profile.email = None;
        }
        register(&world, input).await.unwrap();
    }
    assert_eq!(world.store.all_users().len(), 2);
}

#[test]
fn all_violations_are_told_at_once() {
    let world = World::new();
    let rules = world.services.accounts.rules();
    let input = RegisterInput {
        profile: ProfileInput {
            username: Some("admin".to_owned()),
            email: Some("nobody".to_owned()),
            first_name: Some(String::new()),
            last_name: Some("x".repeat(101)),
            phone_number: Some("12".to_owned()),
        },
        password: Some("short".into()),
    };
    assert_eq!(
        violations(RegisterCommand::parse(input, rules)),
        [
            "email invalid_format",
            "first_name too_short",
            "last_name too_long",
            "password too_short",
            "phone_number invalid_format",
            "username reserved",
        ]
    );
    assert_eq!(
        violations(RegisterCommand::parse(RegisterInput::default(), rules)),
        ["email required", "password required", "username required"]
    );
}

#[test]
fn a_password_that_is_known_or_made_of_own_words_is_weak() {
    let world = World::new();
    for password in ["password1", "alice1", "Alice@Example.org", "alicealice12"] {
        let input = RegisterInput {
            password: Some(password.into()),
            ..alice()
        };
        let found = violations(RegisterCommand::parse(
            input,
            world.services.accounts.rules(),
        ));
        let weak = found == ["password weak_password"] || found == ["password too_short"];
        assert!(weak, "{password}: {found:?}");
    }
}

#[test]
fn members_that_the_deployment_requires_are_demanded() {
    let mut policy = Policy::default();
    policy.registration.required.extend(RequiredMember::ALL);
    let world = World::with(policy);
    let mut input = alice();
    input.profile.email = None;
    input.profile.phone_number = None;
    assert_eq!(
        violations(RegisterCommand::parse(
            input,
            world.services.accounts.rules()
        )),
        [
            "email required",
            "last_name required",
            "phone_number required"
        ]
    );
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    let world = World::with(policy);
    assert_eq!(code(register(&world, alice()).await), "registration_closed");
    assert!(world.store.all_users().is_empty());
    world.assert_wrote([]);
    assert_eq!(world.hasher.hashes(), 0);
}

#[tokio::test]
async fn every_taken_identifier_is_named_whatever_its_case() {
    let world = World::new();
    for user in [
        UserBuilder::new().username("ALICE"),
        UserBuilder::new().email("aLICE@eXAMPLE.ORG"),
        UserBuilder::new().phone_number("+15551234567"),
    ] {
        world.add(user.build()).await;
    }
    let before = world.snapshot().await;
    let Err(Error::Conflict(Conflict::Taken(taken))) = register(&world, alice()).await else {
        panic!("not refused");
    };
    let named = [
        Identifier::Username,
        Identifier::Email,
        Identifier::PhoneNumber,
    ];
    assert_eq!(taken, named);
    assert_eq!(world.snapshot().await, before);
    assert_eq!(world.hasher.hashes(), 0);
}

#[tokio::test]
async fn identifiers_of_the_deleted_are_free() {
    let world = World::new();
    let old = UserBuilder::new()
        .username("alice")
        .email("alice@example.org");
    world
        .add(old.phone_number("+15551234567").deleted().build())
        .await;
    register(&world, alice()).await.unwrap();
}

#[tokio::test]
async fn one_of_two_who_register_the_same_name_at_once_is_refused() {
    let world = World::new();
    let (one, other) = tokio::join!(register(&world, alice()), register(&world, alice()));
    assert_eq!(one.is_ok() as u8 + other.is_ok() as u8, 1);
    let refused = if one.is_ok() { other } else { one };
    assert_eq!(code(refused), "username_taken");
    assert_eq!(world.store.all_users().len(), 1);
    assert_eq!(world.new_events().len(), 1);
}

#[tokio::test]
async fn a_failure_of_store_or_hasher_leaves_nothing() {
    let world = World::with(unthrottled());
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        assert_eq!(
            code(register(&world, alice()).await),
            "storage_unavailable",
            "{point:?}"
        );
    }
    world.hasher.overload(true);
    assert_eq!(code(register(&world, alice()).await), "overloaded");
    assert!(world.store.all_users().is_empty());
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_client_that_registers_too_often_waits() {
    let mut policy = Policy::default();
    policy.throttle.registration_of_client.free = 1;
    let world = World::with(policy);
    register(&world, alice()).await.unwrap();
    let before = world.snapshot().await;
    let other = RegisterInput {
        profile: ProfileInput {
            username: Some("other".to_owned()),
            ..ProfileInput::default()
        },
        ..alice()
    };
    let refused = register(&world, other).await;
    assert_eq!(code(refused), "too_many_requests");
    assert_eq!(world.snapshot().await, before);
    // Signing in is counted elsewhere.
    world.sign_in(&world.store.all_users()[0]).await;
}

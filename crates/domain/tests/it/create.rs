//! An administrator makes an account.

use userhub_domain::{
    Result,
    admin::{CreateUserCommand, CreateUserInput},
    audit::{Actor, EventKind},
    caller::Admin,
    mail::MailKind,
    policy::Policy,
    users::{ProfileInput, Role, User},
};
use userhub_testkit::{FaultPoint, UserBuilder};

use crate::fixture::{PASSWORD, World, code, operator, origin, verifying, violations};

fn root() -> CreateUserInput {
    CreateUserInput {
        profile: ProfileInput {
            username: Some("root".to_owned()),
            email: Some("root@example.org".to_owned()),
            ..ProfileInput::default()
        },
        password: Some(PASSWORD.into()),
        password_hash: None,
        role: Some("admin".to_owned()),
        email_verified: Some(true),
        external_id: Some("42".to_owned()),
        metadata: Some([("team".to_owned(), "blue".to_owned())].into()),
    }
}

async fn create(world: &World, admin: &Admin, input: CreateUserInput) -> Result<User> {
    let administration = &world.services.administration;
    let command = CreateUserCommand::parse(input, administration.rules()).unwrap();
    administration.create(admin, &origin(), command).await
}

#[tokio::test]
async fn an_account_is_made_with_everything_that_was_sent() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    let world = World::with(policy);
    let admin = world.admin().await;
    let user = create(&world, &admin.require_admin().unwrap(), root())
        .await
        .unwrap();
    assert_eq!((user.role, user.email_verified), (Role::Admin, true));
    assert_eq!(user.username.as_ref().unwrap().as_str(), "root");
    assert_eq!(user.external_id.as_ref().unwrap().as_str(), "42");
    assert_eq!(user.metadata.entries()["team"], "blue");
    assert_eq!(world.user(user.id).await, user);
    let created = world.event(EventKind::UserCreated, &Actor::User(admin.id()));
    world.assert_wrote([created.about(user.id)]);
    world.sign_in(&user).await;
}

#[tokio::test]
async fn an_operator_is_recorded_by_name_and_little_is_needed() {
    let world = World::new();
    let input = CreateUserInput {
        profile: ProfileInput {
            username: Some("ann".to_owned()),
            ..ProfileInput::default()
        },
        password: Some(PASSWORD.into()),
        email_verified: Some(true),
        ..CreateUserInput::default()
    };
    let user = create(&world, &operator(), input).await.unwrap();
    // Without an address there is nothing that could be verified.
    assert_eq!((user.role, user.email_verified), (Role::User, false));
    let created = world.event(EventKind::UserCreated, &Actor::Operator("tests".to_owned()));
    world.assert_wrote([created.about(user.id)]);
}

#[test]
fn all_violations_are_told_at_once() {
    let world = World::new();
    let rules = world.services.administration.rules();
    let sent = CreateUserInput {
        profile: ProfileInput {
            username: Some("by-email".to_owned()),
            email: Some("nobody".to_owned()),
            ..ProfileInput::default()
        },
        role: Some("emperor".to_owned()),
        external_id: Some(String::new()),
        metadata: Some([(String::new(), String::new())].into()),
        ..CreateUserInput::default()
    };
    assert_eq!(
        violations(CreateUserCommand::parse(sent, rules)),
        [
            "email invalid_format",
            "external_id too_short",
            "metadata too_short",
            "password required",
            "role invalid_format",
            "username reserved",
        ]
    );
    let weak = CreateUserInput {
        password: Some("root@example.org".into()),
        ..root()
    };
    assert_eq!(
        violations(CreateUserCommand::parse(weak, rules)),
        ["password weak_password"]
    );
}

#[tokio::test]
async fn taken_identifiers_and_failures_leave_nothing() {
    let world = World::new();
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = create(&world, &operator(), root()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    world.hasher.overload(true);
    assert_eq!(
        code(create(&world, &operator(), root()).await),
        "overloaded"
    );
    world.hasher.overload(false);
    assert_eq!(world.snapshot().await, before);
    world
        .add(UserBuilder::new().external_id("42").build())
        .await;
    let before = world.snapshot().await;
    assert_eq!(
        code(create(&world, &operator(), root()).await),
        "external_id_taken"
    );
    assert_eq!(world.snapshot().await, before);
}

fn with_hash(hash: &secrecy::SecretString) -> CreateUserInput {
    CreateUserInput {
        password: None,
        password_hash: Some(hash.clone()),
        ..root()
    }
}

#[tokio::test]
async fn a_hash_of_another_system_stands_in_place_of_a_password() {
    let world = World::new();
    // Weak, and not in normal form: the rules for new passwords do not hold.
    let password = "sa\u{30a}";
    let foreign = world.hasher.foreign_hash_of(password);
    let user = create(&world, &operator(), with_hash(&foreign)).await;
    let user = user.unwrap();
    assert_eq!(world.hasher.hashes(), 0);
    let stored = world.credentials(user.id).await.password_hash;
    assert_eq!(
        stored.expose(),
        secrecy::ExposeSecret::expose_secret(&foreign)
    );
    let refused = world.try_sign_in(&user, "sb").await;
    assert_eq!(code(refused), "invalid_credentials");
    world.try_sign_in(&user, password).await.unwrap();
    let replaced = world.credentials(user.id).await.password_hash;
    assert_ne!(replaced, stored);
    world.try_sign_in(&user, password).await.unwrap();
}

#[test]
fn a_password_and_a_hash_are_one_too_many_and_a_strange_hash_is_refused() {
    let world = World::new();
    let rules = world.services.administration.rules();
    let foreign = world.hasher.foreign_hash_of("sesame");
    let both = CreateUserInput {
        password: Some(PASSWORD.into()),
        ..with_hash(&foreign)
    };
    assert_eq!(
        violations(CreateUserCommand::parse(both, rules)),
        ["password_hash not_allowed"]
    );
    let strange = with_hash(&"$1$salt$digest".into());
    let Err(refused) = CreateUserCommand::parse(strange, rules) else {
        panic!("accepted");
    };
    let told: Vec<_> = refused.iter().collect();
    assert_eq!((&*told[0].field, told.len()), ("password_hash", 1));
    assert!(told[0].detail.contains("md5-crypt"), "{}", told[0].detail);
    assert!(!told[0].detail.contains("digest"));
    // Other violations are told beside it.
    let wrong = CreateUserInput {
        role: Some("emperor".to_owned()),
        ..with_hash(&"".into())
    };
    assert_eq!(
        violations(CreateUserCommand::parse(wrong, rules)),
        ["password_hash invalid_format", "role invalid_format"]
    );
}

#[tokio::test]
async fn an_address_that_must_be_verified_is_asked_unless_it_is_known() {
    let world = World::with(verifying());
    let user = create(&world, &operator(), root()).await.unwrap();
    assert_eq!(world.outbox(), []);
    let mut input = root();
    input.profile.username = Some("other".to_owned());
    input.profile.email = Some("other@example.org".to_owned());
    input.external_id = None;
    input.email_verified = None;
    let other = create(&world, &operator(), input).await.unwrap();
    let address = "other@example.org".to_owned();
    let mail = (MailKind::VerifyEmail, Some(other.id), address);
    assert_eq!(world.outbox(), [mail]);
    // Administrators are told what is taken, whatever is hidden from others.
    let mut again = root();
    again.profile.username = Some("third".to_owned());
    again.external_id = None;
    let refused = create(&world, &operator(), again).await;
    assert_eq!(code(refused), "email_taken");
    assert_eq!(world.user(user.id).await, user);
    assert_eq!(world.hasher.hashes(), 2);
}

//! An administrator makes an account.

use userhub_domain::{
    Result,
    admin::{CreateUserCommand, CreateUserInput},
    audit::{Actor, EventKind},
    caller::Admin,
    policy::Policy,
    users::{ProfileInput, Role, User},
};
use userhub_testkit::{FaultPoint, UserBuilder};

use crate::fixture::{PASSWORD, World, code, operator, origin, violations};

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

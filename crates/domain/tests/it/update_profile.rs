//! Changing one's own profile.

use userhub_domain::{
    Result,
    accounts::{UpdateProfileCommand, UpdateProfileInput},
    audit::{Actor, EventKind},
    caller::SignedIn,
    policy::{Policy, RequiredMember},
    users::{Change, User, Version},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{World, code, origin, violations},
    update::set,
};

async fn update(
    world: &World,
    caller: &SignedIn,
    input: UpdateProfileInput,
    expected: Option<Version>,
) -> Result<User> {
    let accounts = &world.services.accounts;
    let command = UpdateProfileCommand::parse(input, accounts.rules()).unwrap();
    accounts
        .update_profile(caller, &origin(), &command, expected)
        .await
}

fn first_name(name: Change<String>) -> UpdateProfileInput {
    UpdateProfileInput {
        first_name: name,
        ..UpdateProfileInput::default()
    }
}

#[tokio::test]
async fn members_are_set_cleared_and_kept() {
    let world = World::new();
    let user = UserBuilder::new()
        .first_name("Ann")
        .phone_number("+15551234567")
        .build();
    let user = world.add(user).await;
    let caller = world.caller(&user).await;
    let sent = UpdateProfileInput {
        username: set("Renamed"),
        first_name: Change::Clear,
        last_name: set("Lee"),
        phone_number: Change::Keep,
    };
    let changed = update(&world, &caller, sent, Some(user.version))
        .await
        .unwrap();
    assert_eq!(changed.username.as_ref().unwrap().as_str(), "Renamed");
    assert_eq!(
        (&changed.first_name, &changed.phone_number),
        (&None, &user.phone_number)
    );
    assert_eq!(world.user(user.id).await, changed);
    let event = world.event(EventKind::UserUpdated, &Actor::User(user.id));
    let fields = ["username", "first_name", "last_name"];
    world.assert_wrote([event.about(user.id).naming(fields)]);
}

#[tokio::test]
async fn nothing_changes_and_nothing_is_told_where_all_is_the_same() {
    let world = World::new();
    let caller = world
        .caller(
            &world
                .add(UserBuilder::new().first_name("Ann").build())
                .await,
        )
        .await;
    let before = world.snapshot().await;
    update(&world, &caller, first_name(set("Ann")), None)
        .await
        .unwrap();
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn refusals_change_nothing() {
    let world = World::new();
    world
        .add(UserBuilder::new().username("taken").build())
        .await;
    let user = world.add(UserBuilder::new().no_email().build()).await;
    let caller = world.caller(&user).await;
    let before = world.snapshot().await;
    let name = |username| UpdateProfileInput {
        username,
        ..UpdateProfileInput::default()
    };
    for (sent, expected, refusal) in [
        (name(set("Taken")), None, "username_taken"),
        (
            name(set("other")),
            Some(user.version.next()),
            "version_mismatch",
        ),
        (name(Change::Clear), None, "validation_failed"),
    ] {
        assert_eq!(code(update(&world, &caller, sent, expected).await), refusal);
    }
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = update(&world, &caller, name(set("other")), None).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn the_name_of_a_deleted_user_can_be_had() {
    let world = World::new();
    world
        .add(UserBuilder::new().username("ghost").deleted().build())
        .await;
    let caller = world.caller(&world.add(a_user()).await).await;
    let sent = UpdateProfileInput {
        username: set("ghost"),
        ..UpdateProfileInput::default()
    };
    update(&world, &caller, sent, None).await.unwrap();
}

#[test]
fn all_violations_are_told_at_once() {
    let mut policy = Policy::default();
    policy
        .registration
        .required
        .insert(RequiredMember::LastName);
    let world = World::with(policy);
    let sent = UpdateProfileInput {
        username: set("root"),
        first_name: set(""),
        last_name: Change::Clear,
        phone_number: set("1"),
    };
    assert_eq!(
        violations(UpdateProfileCommand::parse(
            sent,
            world.services.accounts.rules()
        )),
        [
            "first_name too_short",
            "last_name required",
            "phone_number invalid_format",
            "username reserved",
        ]
    );
}

#[test]
fn no_required_member_can_be_cleared() {
    let mut policy = Policy::default();
    policy.registration.required.extend(RequiredMember::ALL);
    let world = World::with(policy);
    let rules = world.services.accounts.rules();
    let sent = UpdateProfileInput {
        username: Change::Clear,
        first_name: Change::Clear,
        last_name: Change::Clear,
        phone_number: Change::Clear,
    };
    assert_eq!(
        violations(UpdateProfileCommand::parse(sent, rules)),
        [
            "first_name required",
            "last_name required",
            "phone_number required",
            "username required",
        ]
    );
    assert!(UpdateProfileCommand::parse(UpdateProfileInput::default(), rules).is_ok());
}

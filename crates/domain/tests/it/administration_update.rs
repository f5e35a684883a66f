//! Operators change members of anybody's account.

use userhub_domain::{
    Result,
    accounts::{UpdateUserCommand, UpdateUserInput},
    audit::{Actor, EventKind},
    caller::Admin,
    users::{Role, User, UserId},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user, an_admin};
use uuid::Uuid;

use crate::{
    api_keys::{authenticate, with_key},
    fixture::{World, code, operator, origin},
    update::{input, set, suspend},
};

async fn update(world: &World, admin: &Admin, id: UserId, input: UpdateUserInput) -> Result<User> {
    let administration = &world.services.administration;
    let command = UpdateUserCommand::parse_for_admin(input, administration.rules())?;
    administration
        .update(admin, &origin(), (id, None), &command)
        .await
}

fn role(role: Role) -> UpdateUserInput {
    input(|input| input.role = set(role.as_str()))
}

#[tokio::test]
async fn the_role_is_given_and_told_and_sessions_go_on() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let admin = operator();
    let give = |role_| update(&world, &admin, user.id, role(role_));
    let changed = give(Role::Admin).await.unwrap();
    assert_eq!(
        (changed.role, changed.version),
        (Role::Admin, user.version.next())
    );
    let told = world.event(EventKind::UserRoleChanged, &Actor::operator("tests"));
    world.assert_wrote([told.about(user.id).naming(["role"])]);
    let caller = world.authenticate(&pair).await.unwrap();
    caller.require_admin().unwrap();
    // Who has it already is left alone.
    give(Role::Admin).await.unwrap();
    world.assert_wrote([]);
    assert_eq!(world.user(user.id).await.version, changed.version);
}

#[tokio::test]
async fn refusals_and_failures_change_nothing() {
    let world = World::new();
    let last = world.add(an_admin()).await;
    let user = world.add(a_user()).await;
    let gone = world.add(UserBuilder::new().deleted().build()).await;
    let nobody = UserId::from_uuid(Uuid::nil());
    let before = world.snapshot().await;
    for (id, given, expected) in [
        (last.id, Role::User, "last_admin"),
        (gone.id, Role::Admin, "user_deleted"),
        (nobody, Role::Admin, "user_not_found"),
    ] {
        let refused = update(&world, &operator(), id, role(given)).await;
        assert_eq!(code(refused), expected);
    }
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = update(&world, &operator(), user.id, role(Role::Admin)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_job_suspends_and_the_sessions_end_with_it() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    update(&world, &operator(), user.id, suspend())
        .await
        .unwrap();
    let told = world.event(EventKind::UserSuspended, &Actor::operator("tests"));
    world.assert_wrote([told.about(user.id).naming(["is_active"])]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
}

#[tokio::test]
async fn a_version_that_is_not_the_current_one_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let administration = &world.services.administration;
    let rename = input(|input| input.profile.first_name = set("Ann"));
    let command = UpdateUserCommand::parse_for_admin(rename, administration.rules()).unwrap();
    for (version, expected) in [
        (user.version.next(), Err("version_mismatch")),
        (user.version, Ok(user.version.next())),
    ] {
        let changed = administration
            .update(&operator(), &origin(), (user.id, Some(version)), &command)
            .await;
        let told = changed
            .map(|user| user.version)
            .map_err(|error| error.code());
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_key_does_not_change_its_owners_address_here_either() {
    let world = World::new();
    let (owner, key) = with_key(&world, an_admin(), &["write"]).await;
    let admin = authenticate(&world, &key).await.unwrap().require_admin();
    let admin = admin.unwrap();
    let change = || input(|input| input.email = set("other@example.org"));
    let refused = update(&world, &admin, owner.signed_in().id(), change()).await;
    assert_eq!(code(refused), "session_required");
    let user = world.add(a_user()).await;
    let changed = update(&world, &admin, user.id, change()).await.unwrap();
    assert_eq!(
        changed.email.as_ref().unwrap().as_str(),
        "other@example.org"
    );
}

//! Operators give roles.

use userhub_domain::{
    audit::{Actor, EventKind},
    users::{Role, UserId},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user, an_admin};
use uuid::Uuid;

use crate::fixture::{World, code, operator, origin};

#[tokio::test]
async fn the_role_is_given_and_told_and_sessions_go_on() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let administration = &world.services.administration;
    let (admin, origin) = (operator(), origin());
    let give = |role| administration.change_role(&admin, &origin, user.id, role);
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
    let administration = &world.services.administration;
    let before = world.snapshot().await;
    for (id, role, expected) in [
        (last.id, Role::User, "last_admin"),
        (gone.id, Role::Admin, "user_deleted"),
        (nobody, Role::Admin, "user_not_found"),
    ] {
        let refused = administration
            .change_role(&operator(), &origin(), id, role)
            .await;
        assert_eq!(code(refused), expected);
    }
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = administration
            .change_role(&operator(), &origin(), user.id, Role::Admin)
            .await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

//! Soft deletion by an administrator.

use userhub_domain::{
    audit::{Actor, EventKind},
    users::{Status, UserId, UserKey},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};
use uuid::Uuid;

use crate::fixture::{World, code, operator, origin};

#[tokio::test]
async fn the_user_is_kept_the_identifiers_are_free_and_sessions_end() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(UserBuilder::new().username("ann").build()).await;
    let pair = world.sign_in(&user).await;
    let administration = &world.services.administration;
    let proof = admin.require_admin().unwrap();
    administration
        .delete(&proof, &origin(), user.id)
        .await
        .unwrap();
    let deleted = world.event(EventKind::UserDeleted, &Actor::User(admin.id()));
    world.assert_wrote([deleted.about(user.id)]);
    let stored = world.user(user.id).await;
    assert_eq!(
        (stored.status(), stored.deleted_at),
        (Status::Deleted, Some(world.now()))
    );
    assert_eq!(
        (stored.version, &stored.username),
        (user.version.next(), &user.username)
    );
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    let by_name = UserKey::Username(user.username.clone().unwrap());
    assert_eq!(
        code(administration.get(&proof, &by_name).await),
        "user_not_found"
    );
    world.add(UserBuilder::new().username("ann").build()).await;
}

#[tokio::test]
async fn a_second_time_does_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let before = world.snapshot().await;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn nobody_is_not_found_and_a_failure_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let administration = &world.services.administration;
    let before = world.snapshot().await;
    let nobody = UserId::from_uuid(Uuid::nil());
    let refused = administration.delete(&operator(), &origin(), nobody).await;
    assert_eq!(code(refused), "user_not_found");
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = administration.delete(&operator(), &origin(), user.id).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

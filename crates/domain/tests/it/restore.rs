//! Taking a deletion back.

use userhub_domain::{
    Error,
    audit::{Actor, EventKind},
    error::{Conflict, Identifier},
    users::{Status, UserId},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};
use uuid::Uuid;

use crate::fixture::{World, code, operator, origin};

#[tokio::test]
async fn the_user_is_back_and_no_session_is() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let administration = &world.services.administration;
    let proof = admin.require_admin().unwrap();
    administration
        .delete(&proof, &origin(), user.id)
        .await
        .unwrap();
    world.forget_events();
    let back = administration
        .restore(&proof, &origin(), user.id)
        .await
        .unwrap();
    assert_eq!((back.status(), back.deleted_at), (Status::Active, None));
    assert_eq!(back.version, user.version.next().next());
    assert_eq!(world.user(user.id).await, back);
    let restored = world.event(EventKind::UserRestored, &Actor::User(admin.id()));
    world.assert_wrote([restored.about(user.id)]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    world.sign_in(&user).await;
}

#[tokio::test]
async fn a_suspended_user_comes_back_suspended() {
    let world = World::new();
    let user = world
        .add(UserBuilder::new().suspended().deleted().build())
        .await;
    let administration = &world.services.administration;
    let back = administration
        .restore(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(back.status(), Status::Suspended);
}

#[tokio::test]
async fn every_identifier_with_a_new_owner_is_named() {
    let world = World::new();
    let gone = UserBuilder::new()
        .username("ann")
        .email("ann@example.org")
        .phone_number("+15551234567");
    let gone = world.add(gone.external_id("42").deleted().build()).await;
    let heir = UserBuilder::new().username("ANN").email("Ann@example.org");
    world
        .add(heir.phone_number("+15551234567").external_id("42").build())
        .await;
    let before = world.snapshot().await;
    let administration = &world.services.administration;
    let refused = administration
        .restore(&operator(), &origin(), gone.id)
        .await;
    let Err(Error::Conflict(Conflict::Taken(taken))) = refused else {
        panic!("not refused");
    };
    assert_eq!(taken, Identifier::ALL);
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn the_living_nobody_and_failures_change_nothing() {
    let world = World::new();
    let living = world.add(a_user()).await;
    let gone = world.add(UserBuilder::new().deleted().build()).await;
    let before = world.snapshot().await;
    let administration = &world.services.administration;
    let nobody = UserId::from_uuid(Uuid::nil());
    for (id, expected) in [(living.id, "not_deleted"), (nobody, "user_not_found")] {
        let refused = administration.restore(&operator(), &origin(), id).await;
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
            .restore(&operator(), &origin(), gone.id)
            .await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

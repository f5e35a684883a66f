//! Closing one's own account.

use userhub_domain::audit::{Actor, EventKind};
use userhub_testkit::{FaultPoint, a_user};

use crate::fixture::{PASSWORD, World, code, operator, origin};

#[tokio::test]
async fn the_account_is_deleted_and_can_be_restored() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let caller = world.authenticate(&pair).await.unwrap();
    world
        .services
        .accounts
        .close(&caller, &origin())
        .await
        .unwrap();
    let closed = world.event(EventKind::UserClosed, &Actor::User(user.id));
    world.assert_wrote([closed.about(user.id)]);
    assert_eq!(world.user(user.id).await.deleted_at, Some(world.now()));
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "invalid_credentials"
    );
    let administration = &world.services.administration;
    administration
        .restore(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    world.sign_in(&user).await;
}

#[tokio::test]
async fn a_second_time_does_nothing() {
    let world = World::new();
    let caller = world.caller(&world.add(a_user()).await).await;
    world
        .services
        .accounts
        .close(&caller, &origin())
        .await
        .unwrap();
    let before = world.snapshot().await;
    world
        .services
        .accounts
        .close(&caller, &origin())
        .await
        .unwrap();
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_failure_changes_nothing() {
    let world = World::new();
    let caller = world.caller(&world.add(a_user()).await).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = world.services.accounts.close(&caller, &origin()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

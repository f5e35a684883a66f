//! Removal for good.

use userhub_domain::{
    audit::{Actor, EventKind, Origin},
    users::UserId,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};
use uuid::Uuid;

use crate::{
    fixture::{OTHER_PASSWORD, World, code, operator, origin},
    interruption::meanwhile,
};

#[tokio::test]
async fn a_deleted_user_goes_and_events_stay_without_personal_data() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let stranger = world.add(a_user()).await;
    for one in [&user, &stranger] {
        world.sign_in(one).await;
    }
    let token = world.reset_token(user.id).await;
    let administration = &world.services.administration;
    let proof = admin.require_admin().unwrap();
    administration
        .delete(&proof, &origin(), user.id)
        .await
        .unwrap();
    let before = world.store.events();
    world.forget_events();
    administration
        .purge(&proof, &origin(), user.id)
        .await
        .unwrap();
    let purged = world.event(EventKind::UserPurged, &Actor::User(admin.id()));
    world.assert_wrote([purged.about(user.id)]);
    assert_eq!(world.find(user.id).await, None);
    let reset = crate::reset_password::reset(&world, &token, OTHER_PASSWORD).await;
    assert_eq!(code(reset), "token_invalid");
    let events = world.store.events();
    assert_eq!(events.len(), before.len() + 1);
    for event in &events[..before.len()] {
        let kept = if event.subject == Some(user.id) {
            Origin {
                address: None,
                user_agent: None,
                ..origin()
            }
        } else {
            origin()
        };
        assert_eq!(event.origin, kept);
    }
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
        let refused = administration.purge(&operator(), &origin(), id).await;
        assert_eq!(code(refused), expected);
    }
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = administration.purge(&operator(), &origin(), gone.id).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn who_was_purged_by_somebody_faster_is_as_asked_and_told_once() {
    let world = World::new();
    let gone = world.add(UserBuilder::new().deleted().build()).await.id;
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let administration = &world.services.administration;
                administration
                    .purge(&operator(), &origin(), gone)
                    .await
                    .unwrap();
            }
        }),
    );
    services
        .administration
        .purge(&operator(), &origin(), gone)
        .await
        .unwrap();
    assert_eq!(world.new_events().len(), 1);
}

#[tokio::test]
async fn who_was_restored_meanwhile_is_not_removed_and_not_said_to_be() {
    let world = World::new();
    let gone = world.add(UserBuilder::new().deleted().build()).await.id;
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let administration = &world.services.administration;
                administration
                    .restore(&operator(), &origin(), gone)
                    .await
                    .unwrap();
            }
        }),
    );
    let refused = services
        .administration
        .purge(&operator(), &origin(), gone)
        .await;
    assert_eq!(code(refused), "not_deleted");
    assert!(world.user(gone).await.is_active());
}

#[tokio::test]
async fn who_was_restored_and_deleted_again_meanwhile_is_purged() {
    let world = World::new();
    let gone = UserBuilder::new().deleted().build();
    let gone = world.add(gone).await.id;
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let administration = &world.services.administration;
                let (by, origin) = (operator(), origin());
                administration.restore(&by, &origin, gone).await.unwrap();
                administration.delete(&by, &origin, gone).await.unwrap();
            }
        }),
    );
    let administration = &services.administration;
    administration
        .purge(&operator(), &origin(), gone)
        .await
        .unwrap();
    assert_eq!(world.find(gone).await, None);
}

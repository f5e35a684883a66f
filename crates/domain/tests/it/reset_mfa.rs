//! An administrator takes a second factor away.

use userhub_domain::{
    Result,
    audit::{Actor, EventKind},
    mail::MailKind,
    users::UserId,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};
use uuid::Uuid;

use crate::{
    confirm_totp::set_up,
    enrol_totp::enrol,
    fixture::{PASSWORD, World, code, operator, origin},
};

async fn reset(world: &World, id: UserId) -> Result<()> {
    let administration = &world.services.administration;
    administration.reset_mfa(&operator(), &origin(), id).await
}

#[tokio::test]
async fn the_password_alone_signs_in_again_and_the_owner_is_told() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let (caller, _) = set_up(&world, &user).await;
    let before = world.user(user.id).await;
    let boss = world.admin().await;
    let administration = &world.services.administration;
    let admin = boss.require_admin().unwrap();
    administration
        .reset_mfa(&admin, &origin(), user.id)
        .await
        .unwrap();
    let event = world.event(EventKind::MfaReset, &Actor::User(boss.id()));
    world.assert_wrote([event.about(user.id)]);
    let address = user.email.as_ref().unwrap().to_string();
    let mail = (MailKind::MfaDisabled, Some(user.id), address);
    assert_eq!(world.outbox(), [mail]);
    let after = world.user(user.id).await;
    assert_eq!((after.mfa_enabled, after.version), (false, before.version));
    assert!(world.factor(user.id).await.is_none());
    let second_factor = &world.services.second_factor;
    let status = second_factor.show(caller.signed_in()).await.unwrap();
    assert_eq!(status.recovery_codes_left, 0);
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn nothing_happens_where_there_is_none() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let before = world.snapshot().await;
    reset(&world, user.id).await.unwrap();
    assert_eq!(world.snapshot().await, before);
    let caller = world.own_session(&user).await;
    enrol(&world, &caller, PASSWORD).await.unwrap();
    let before = world.snapshot().await;
    reset(&world, user.id).await.unwrap();
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn nobody_and_the_deleted_are_refused_and_nobody_without_an_address_is_told() {
    let world = World::new();
    let nobody = UserId::from_uuid(Uuid::nil());
    assert_eq!(code(reset(&world, nobody).await), "user_not_found");
    let user = world.add(UserBuilder::new().no_email().build()).await;
    set_up(&world, &user).await;
    reset(&world, user.id).await.unwrap();
    assert_eq!(world.outbox(), []);
    let user = world.add(a_user()).await;
    set_up(&world, &user).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let before = world.snapshot().await;
    assert_eq!(code(reset(&world, user.id).await), "user_deleted");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_failure_takes_nothing_away() {
    let world = World::new();
    let user = world.add(a_user()).await;
    set_up(&world, &user).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = reset(&world, user.id).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

//! Asking once more to confirm an address.

use userhub_domain::{
    Result,
    accounts::MailRequestCommand,
    mail::{Delivery, MailKind},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{World, code, origin, unthrottled, verifying},
    verify_email::verify,
};

pub(crate) async fn request(world: &World, email: &str) -> Result<()> {
    let command = MailRequestCommand::parse(Some(email.to_owned())).unwrap();
    let accounts = &world.services.accounts;
    accounts.request_verification(&origin(), command).await
}

#[tokio::test]
async fn the_owner_gets_a_token_and_no_event_is_written() {
    for policy in [verifying(), unthrottled()] {
        let world = World::with(policy);
        let user = world.add(a_user()).await;
        let address = user.email.as_ref().unwrap().to_string();
        request(&world, &address).await.unwrap();
        world.assert_wrote([]);
        let mail = (MailKind::VerifyEmail, Some(user.id), address);
        assert_eq!(world.outbox(), [mail]);
        let token = world.mailed(MailKind::VerifyEmail).await;
        verify(&world, &token).await.unwrap();
        assert!(world.user(user.id).await.email_verified);
    }
}

#[tokio::test]
async fn nobody_gets_the_same_answer_and_no_letter() {
    let world = World::with(verifying());
    let verified = world.add(UserBuilder::new().verified().build()).await;
    let suspended = world.add(UserBuilder::new().suspended().build()).await;
    for user in [&verified, &suspended] {
        let address = user.email.as_ref().unwrap().as_str();
        request(&world, address).await.unwrap();
        assert_eq!(world.outbox().len(), 1);
        assert_eq!(world.deliver().await, [Delivery::Discarded]);
    }
    request(&world, "nobody@example.org").await.unwrap();
    let mail = (MailKind::VerifyEmail, None, "nobody@example.org".to_owned());
    assert_eq!(world.outbox(), [mail]);
    assert_eq!(world.deliver().await, [Delivery::Discarded]);
    assert!(world.mailer.letters().is_empty());
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_failure_leaves_nothing() {
    let world = World::with(unthrottled());
    let user = world.add(a_user()).await;
    for point in [FaultPoint::Read, FaultPoint::Begin, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = request(&world, user.email.as_ref().unwrap().as_str()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.outbox(), []);
}

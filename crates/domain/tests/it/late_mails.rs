//! Mails that come late, and addresses that come back.

use chrono::TimeDelta;
use userhub_domain::mail::{Delivery, MailFailure, MailKind};
use userhub_testkit::UserBuilder;

use crate::{
    change_email::request,
    fixture::{OTHER_PASSWORD, World, code, operator, origin, verifying},
    reset_password::reset,
    update::{input, set, update},
    verify_email::verify,
};

#[tokio::test]
async fn a_mail_that_comes_late_does_not_void_what_was_asked_for_since() {
    let world = World::with(verifying());
    let user = UserBuilder::new().email("old@example.org").verified();
    let user = world.add(user.build()).await;
    let caller = world.own_session(&user).await;
    request(&world, &caller, "mistyped@example.org")
        .await
        .unwrap();
    // The notice to the old address, too, whichever goes first.
    for _ in 0..2 {
        let later = MailFailure::NotSent("451 later".to_owned());
        world.mailer.fail_next(later);
    }
    assert_eq!(world.deliver().await, [Delivery::Postponed; 2]);
    world.wait(TimeDelta::milliseconds(1));
    request(&world, &caller, "right@example.org").await.unwrap();
    let right = world.mailed(MailKind::ConfirmEmailChange).await;

    world.wait(TimeDelta::minutes(2));
    let deliveries = world.deliver().await;
    assert!(deliveries.contains(&Delivery::Discarded), "{deliveries:?}");
    verify(&world, &right).await.unwrap();
    let address = world.user(user.id).await.email.clone();
    assert_eq!(address.unwrap().as_str(), "right@example.org");
}

#[tokio::test]
async fn an_address_that_comes_back_revives_no_token() {
    let world = World::new();
    let user = UserBuilder::new().email("ann@example.org").build();
    let user = world.add(user).await;
    let admin = world.admin().await;
    crate::forgot_password::forgot(&world, "ann@example.org")
        .await
        .unwrap();
    let token = world.mailed(MailKind::ResetPassword).await;
    for address in ["other@example.org", "ann@example.org"] {
        let change = input(|input| input.email = set(address));
        update(&world, &admin, user.id, change).await.unwrap();
    }
    assert_eq!(
        code(reset(&world, &token, OTHER_PASSWORD).await),
        "token_invalid"
    );

    // One that was handed over in person is bound to no address.
    let administration = &world.services.administration;
    let (admin_by_hand, origin) = (operator(), origin());
    let ticket = administration.start_password_reset(&admin_by_hand, &origin, user.id);
    let ticket = ticket.await.unwrap().token.reveal();
    let change = input(|input| input.email = set("third@example.org"));
    update(&world, &admin, user.id, change).await.unwrap();
    reset(&world, &ticket, OTHER_PASSWORD).await.unwrap();
}

//! A use case that is dropped, because a client went away say, leaves nothing
//! but what it had committed before: mostly a counted attempt.

use std::{
    future::pending,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
};

use chrono::TimeDelta;
use userhub_domain::{
    Result,
    accounts::{MailRequestCommand, RegisterCommand},
    mail::Delivery,
    policy::Policy,
    ports::Services,
};
use userhub_testkit::a_user;

use crate::{
    fixture::{PASSWORD, World, code, login_command, origin},
    interruption::{InterruptedStore, meanwhile},
    register::{alice, register},
};

/// The same use cases, but the unit of work of this number, from 1, never
/// begins.
fn stuck_at(world: &World, number: usize) -> Services {
    let begun = AtomicUsize::new(0);
    let wait = meanwhile(move || {
        let is_stuck = begun.fetch_add(1, Ordering::SeqCst) + 1 == number;
        async move {
            if is_stuck {
                pending::<()>().await;
            }
        }
    });
    let store = InterruptedStore::new(world.store.clone(), usize::MAX, wait);
    Services::new(world.ports_over(Arc::new(store)), two_free_passwords())
}

/// The third password in a row has to wait.
fn two_free_passwords() -> Policy {
    let mut policy = Policy::default();
    policy.throttle.password_of_account.free = 2;
    policy
}

/// Runs a use case until it waits, and drops it.
fn drop_when_it_waits<T>(use_case: impl Future<Output = Result<T>>) {
    let mut context = Context::from_waker(Waker::noop());
    let polled = pin!(use_case).poll(&mut context);
    assert!(polled.is_pending(), "it should have waited");
}

#[tokio::test]
async fn a_sign_in_that_is_dropped_leaves_a_counted_attempt_and_no_session() {
    let world = World::with(two_free_passwords());
    let user = world.add(a_user()).await;
    let name = user.username.as_ref().unwrap().as_str();
    let before = world.snapshot().await;
    for password in [PASSWORD, "something else"] {
        let sessions = stuck_at(&world, 2).sessions;
        let command = login_command(name, password);
        drop_when_it_waits(sessions.login(&origin(), command));
    }
    assert_eq!(world.snapshot().await, before);
    let command = login_command(name, PASSWORD);
    let third = world.services.sessions.login(&origin(), command).await;
    assert_eq!(code(third), "too_many_requests");
    world.wait(TimeDelta::seconds(15));
    let command = login_command(name, PASSWORD);
    let sessions = &world.services.sessions;
    sessions.login(&origin(), command).await.unwrap();
}

#[tokio::test]
async fn a_registration_that_is_dropped_leaves_no_account_and_no_event() {
    let world = World::new();
    let before = world.snapshot().await;
    let accounts = stuck_at(&world, 2).accounts;
    let command = RegisterCommand::parse(alice(), accounts.rules()).unwrap();
    drop_when_it_waits(accounts.register(&origin(), command));
    assert_eq!(world.snapshot().await, before);
    register(&world, alice()).await.unwrap();
}

/// The mail is out and nobody knows: it goes out once more, and no third time.
#[tokio::test]
async fn a_mail_whose_delivery_is_dropped_is_sent_again_when_its_claim_ends() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let address = user.email.as_ref().map(ToString::to_string);
    let command = MailRequestCommand::parse(address).unwrap();
    let accounts = &world.services.accounts;
    accounts.forgot_password(&origin(), command).await.unwrap();
    let claimed = world.services.mails.claim(1).await.unwrap().remove(0);
    // The first unit of work stores the token, the second ends the claim.
    drop_when_it_waits(stuck_at(&world, 2).mails.deliver(claimed));
    assert_eq!(world.mailer.letters().len(), 1);
    assert_eq!(world.deliver().await, []);
    world.wait(TimeDelta::minutes(2));
    assert_eq!(world.deliver().await, [Delivery::Sent]);
    assert_eq!(world.mailer.letters().len(), 2);
}

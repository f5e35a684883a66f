//! Slowing down of guesses: what counts for whom, and how long one waits.

use std::time::Duration;

use chrono::TimeDelta;
use userhub_domain::{
    Error, Result,
    accounts::{ChangePasswordCommand, ChangePasswordInput, VerifyEmailCommand},
    audit::Origin,
    mail::MailKind,
    policy::Policy,
    sessions::TokenPair,
    throttle::AttemptRule,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    fixture::{
        OTHER_PASSWORD, PASSWORD, World, code, login_command, operator, origin, unthrottled,
    },
    reset_password::reset,
};

fn rule(free: u32) -> AttemptRule {
    AttemptRule {
        free,
        first_delay: TimeDelta::seconds(10),
        longest_delay: TimeDelta::seconds(60),
        forgotten_after: TimeDelta::hours(1),
    }
}

fn few_of_client(free: u32) -> Policy {
    let mut policy = Policy::default();
    policy.throttle.password_of_client = rule(free);
    policy
}

fn from(address: &str) -> Origin {
    let address = Some(address.parse().unwrap());
    Origin {
        address,
        ..origin()
    }
}

async fn guess(world: &World, identifier: &str, origin: &Origin) -> &'static str {
    sign_in(world, identifier, "wrong", origin).await
}

async fn sign_in(world: &World, identifier: &str, password: &str, origin: &Origin) -> &'static str {
    let command = login_command(identifier, password);
    let done = world.services.sessions.login(origin, command).await;
    done.map_or_else(|error| error.code(), |_| "signed in")
}

#[track_caller]
fn seconds(refused: Result<TokenPair>) -> u64 {
    match refused {
        Err(Error::TooMany { retry_after }) => {
            assert_eq!(retry_after.subsec_nanos(), 0);
            retry_after.as_secs()
        }
        other => panic!("not slowed down: {other:?}"),
    }
}

#[tokio::test]
async fn after_ten_wrong_passwords_one_waits_and_the_wait_doubles() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    for _ in 0..10 {
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    let (before, work) = (world.snapshot().await, world.hasher.verifications());
    assert_eq!(seconds(world.try_sign_in(&user, PASSWORD).await), 15);
    world.wait(TimeDelta::seconds(14));
    assert_eq!(seconds(world.try_sign_in(&user, PASSWORD).await), 1);
    assert_eq!(world.snapshot().await, before);
    assert_eq!(world.hasher.verifications(), work);
    // Who is signed in stays so.
    world.authenticate(&pair).await.unwrap();
    world.refresh(&pair).await.unwrap();
    world.wait(TimeDelta::seconds(1));
    let refused = world.try_sign_in(&user, "wrong").await;
    assert_eq!(code(refused), "invalid_credentials");
    assert_eq!(seconds(world.try_sign_in(&user, PASSWORD).await), 30);
    // A right one makes all of it forgotten.
    world.wait(TimeDelta::seconds(30));
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    for _ in 0..10 {
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    assert_eq!(seconds(world.try_sign_in(&user, PASSWORD).await), 15);
}

#[tokio::test]
async fn a_part_of_a_second_is_told_as_a_whole_one() {
    let world = World::new();
    let user = world.add(a_user()).await;
    for _ in 0..10 {
        world.try_sign_in(&user, "wrong").await.unwrap_err();
    }
    world.wait(TimeDelta::milliseconds(14_999));
    let refused = world.try_sign_in(&user, PASSWORD).await.unwrap_err();
    let Error::TooMany { retry_after } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(retry_after, Duration::from_secs(1));
}

#[tokio::test]
async fn of_many_guesses_at_once_ten_are_looked_at() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let name = user.username.as_ref().unwrap().as_str();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (world, name) = (world.clone(), name.to_owned());
        tasks.spawn(async move { guess(&world, &name, &origin()).await });
    }
    let said = tasks.join_all().await;
    let looked_at = said.iter().filter(|one| **one == "invalid_credentials");
    assert_eq!((looked_at.count(), world.hasher.verifications()), (10, 10));
}

#[tokio::test]
async fn names_of_nobody_are_slowed_down_alike_whatever_their_spelling() {
    let world = World::new();
    for name in ["nobody", "Nobody", " NOBODY ", "nobody ", "nobodY"].repeat(2) {
        let refused = guess(&world, name, &origin()).await;
        assert_eq!(refused, "invalid_credentials");
    }
    let before = world.snapshot().await;
    let refused = guess(&world, "nobody", &origin()).await;
    assert_eq!(refused, "too_many_requests");
    assert_eq!(world.snapshot().await, before);
    assert_eq!(
        (world.hasher.decoys(), world.hasher.verifications()),
        (10, 0)
    );
    let refused = guess(&world, "somebody", &origin()).await;
    assert_eq!(refused, "invalid_credentials");
}

#[tokio::test]
async fn name_and_address_of_an_account_count_together() {
    let world = World::new();
    let user = UserBuilder::new().username("ann").email("a@example.org");
    world.add(user.build()).await;
    for name in ["ann", "a@example.org"].repeat(5) {
        let refused = guess(&world, name, &origin()).await;
        assert_eq!(refused, "invalid_credentials");
    }
    for name in ["ann", "a@example.org"] {
        let refused = guess(&world, name, &origin()).await;
        assert_eq!(refused, "too_many_requests");
    }
}

#[tokio::test]
async fn what_is_typed_as_a_name_counts_for_no_account_and_no_client() {
    let world = World::with(few_of_client(100));
    let user = world.add(a_user()).await;
    let (id, client) = (user.id.to_string(), "192.0.2.7");
    for name in [id.as_str(), client] {
        for _ in 0..10 {
            guess(&world, name, &from("198.51.100.1")).await;
        }
        let refused = guess(&world, name, &from("198.51.100.1")).await;
        assert_eq!(refused, "too_many_requests", "{name}");
    }
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_client_is_slowed_down_over_all_accounts() {
    let world = World::with(few_of_client(3));
    let user = world.add(a_user()).await;
    let name = user.username.as_ref().unwrap().as_str();
    let near = from("2001:db8:1:2::1");
    for nobody in ["one", "two", "three"] {
        assert_eq!(guess(&world, nobody, &near).await, "invalid_credentials");
    }
    let same = from("2001:db8:1:2:ffff::9");
    let refused = sign_in(&world, name, PASSWORD, &same).await;
    assert_eq!(refused, "too_many_requests");
    for other in [from("2001:db8:1:3::1"), Origin::default()] {
        let done = sign_in(&world, name, PASSWORD, &other).await;
        assert_eq!(done, "signed in");
    }
    world.wait(TimeDelta::seconds(10));
    let done = sign_in(&world, name, PASSWORD, &same).await;
    assert_eq!(done, "signed in");
}

#[tokio::test]
async fn a_right_password_takes_its_own_attempt_of_the_client_back_and_no_other() {
    let world = World::with(few_of_client(3));
    let user = world.add(a_user()).await;
    for _ in 0..5 {
        world.try_sign_in(&user, PASSWORD).await.unwrap();
    }
    guess(&world, "one", &origin()).await;
    guess(&world, "two", &origin()).await;
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    let refused = guess(&world, "three", &origin()).await;
    assert_eq!(refused, "invalid_credentials");
    let refused = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(refused), "too_many_requests");
}

#[tokio::test]
async fn a_blocked_account_costs_its_clients_nothing() {
    let mut policy = few_of_client(3);
    policy.throttle.password_of_account = rule(1);
    let world = World::with(policy);
    guess(&world, "one", &origin()).await;
    for _ in 0..5 {
        let refused = guess(&world, "one", &origin()).await;
        assert_eq!(refused, "too_many_requests");
    }
    assert_eq!(guess(&world, "two", &origin()).await, "invalid_credentials");
}

#[tokio::test]
async fn nothing_is_counted_where_that_is_off() {
    let world = World::with(unthrottled());
    let user = world.add(a_user()).await;
    for _ in 0..30 {
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    // A sign-in is one unit of work then, and counts are not told in a mail.
    assert_eq!(world.outbox(), []);
    world.wait(TimeDelta::days(3));
    let administration = &world.services.administration;
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert_eq!(removed.attempts, 0);
}

#[tokio::test]
async fn repeating_the_current_password_counts_like_signing_in() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let accounts = &world.services.accounts;
    let change = async |current: &str| {
        let sent = ChangePasswordInput {
            current_password: Some(current.into()),
            new_password: Some(OTHER_PASSWORD.into()),
        };
        let command = ChangePasswordCommand::parse(sent, accounts.rules(), &caller).unwrap();
        accounts.change_password(&caller, &origin(), command).await
    };
    for _ in 0..5 {
        assert_eq!(code(change("wrong").await), "wrong_password");
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    let before = world.snapshot().await;
    assert_eq!(code(change(PASSWORD).await), "too_many_requests");
    let refused = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(refused), "too_many_requests");
    assert_eq!(world.snapshot().await, before);
    world.wait(TimeDelta::seconds(15));
    change(PASSWORD).await.unwrap();
    let refused = world.try_sign_in(&user, "wrong").await;
    assert_eq!(code(refused), "invalid_credentials");
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_reset_forgets_what_was_tried() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let token = world.reset_token(user.id).await;
    for _ in 0..10 {
        world.try_sign_in(&user, "wrong").await.unwrap_err();
    }
    let refused = world.try_sign_in(&user, PASSWORD).await;
    assert_eq!(code(refused), "too_many_requests");
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn tokens_count_for_their_client_and_a_right_one_is_taken_back() {
    let world = World::with(few_of_client(2));
    let user = world.add(a_user()).await;
    let unknown = format!("uhp_{}", "0".repeat(64)).into();
    for _ in 0..3 {
        let token = world.reset_token(user.id).await;
        reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    }
    let token = world.reset_token(user.id).await;
    let refused = reset(&world, &unknown, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "token_invalid");
    let command = VerifyEmailCommand::parse(Some("uhv_".into())).unwrap();
    let accounts = &world.services.accounts;
    let refused = accounts.verify_email(&origin(), command).await;
    assert_eq!(code(refused), "token_invalid");
    let before = world.snapshot().await;
    let refused = reset(&world, &token, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "too_many_requests");
    let command = VerifyEmailCommand::parse(Some("uhv_".into())).unwrap();
    let refused = accounts.verify_email(&origin(), command).await;
    assert_eq!(code(refused), "too_many_requests");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_confirmed_address_is_taken_back_too() {
    let world = World::with(few_of_client(2));
    for _ in 0..3 {
        let user = world.add(a_user()).await;
        let address = user.email.as_ref().unwrap().as_str();
        crate::request_verification::request(&world, address)
            .await
            .unwrap();
        let token = world.mailed(MailKind::VerifyEmail).await;
        crate::verify_email::verify(&world, &token).await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_in_after_three_failures_is_told_in_a_mail() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let address = user.email.as_ref().unwrap().to_string();
    for failures in [2, 3] {
        for _ in 0..failures {
            world.try_sign_in(&user, "wrong").await.unwrap_err();
        }
        world.try_sign_in(&user, PASSWORD).await.unwrap();
        let notice = (
            MailKind::SignInAfterFailures,
            Some(user.id),
            address.clone(),
        );
        let expected = if failures == 3 { vec![notice] } else { vec![] };
        assert_eq!(world.outbox(), expected);
    }
    world.try_sign_in(&user, PASSWORD).await.unwrap();
    assert_eq!(world.outbox().len(), 1);
    // Without an address there is nobody to tell.
    let silent = world.add(UserBuilder::new().no_email().build()).await;
    for _ in 0..3 {
        world.try_sign_in(&silent, "wrong").await.unwrap_err();
    }
    world.try_sign_in(&silent, PASSWORD).await.unwrap();
    assert_eq!(world.outbox().len(), 1);
}

#[tokio::test]
async fn an_attempt_that_cannot_be_counted_is_not_looked_at() {
    let world = World::new();
    let user = world.add(a_user()).await;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = world.try_sign_in(&user, PASSWORD).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.hasher.verifications(), 0);
}

#[tokio::test]
async fn counts_that_are_forgotten_are_removed() {
    let world = World::new();
    guess(&world, "one", &origin()).await;
    guess(&world, "two", &Origin::default()).await;
    let administration = &world.services.administration;
    world.wait(TimeDelta::hours(2));
    // The client's is forgotten after an hour, those of names after a day.
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert_eq!((removed.attempts, removed.is_nothing()), (1, false));
    world.wait(TimeDelta::hours(23));
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert_eq!(removed.attempts, 2);
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert!(removed.is_nothing());
}

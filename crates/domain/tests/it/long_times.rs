//! Times of the policy that no clock reaches: "without end", and less than none.

use chrono::TimeDelta;
use userhub_domain::{
    clock::Timestamp,
    policy::{Lifetimes, Policy},
    throttle::{AttemptRule, ThrottlePolicy},
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    fixture::{PASSWORD, World, code},
    forgot_password::forgot,
    verify_mfa::{challenge, with_app},
};

/// A policy that says the same time wherever it says one.
fn always(time: TimeDelta) -> Policy {
    let rule = AttemptRule {
        free: 2,
        first_delay: time,
        longest_delay: time,
        forgotten_after: time,
    };
    Policy {
        lifetimes: Lifetimes {
            access: time,
            refresh: time,
            session: time,
            refresh_grace: time,
            password_reset: time,
            email_verification: time,
            mfa_challenge: time,
        },
        throttle: ThrottlePolicy {
            password_of_account: rule,
            password_of_client: rule,
            code_of_account: rule,
            mail_of_address: rule,
            mail_of_client: rule,
            registration_of_client: rule,
            ..ThrottlePolicy::default()
        },
        ..Policy::default()
    }
}

/// Moments that every database and every JSON reader can hold.
#[track_caller]
fn assert_can_be_written(at: Timestamp) {
    assert!(
        at.to_rfc3339().starts_with("30") && at.timestamp() > 0,
        "{at}"
    );
}

#[tokio::test]
async fn without_end_is_a_thousand_years() {
    let world = World::with(always(TimeDelta::MAX));
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let pair = world.refresh(&pair).await.unwrap();
    assert_eq!(pair.expires_in, Policy::LONGEST);
    assert_eq!(pair.refresh_expires_in, Policy::LONGEST);
    world.wait(TimeDelta::days(36_500));
    let caller = world.authenticate(&pair).await.unwrap();
    for session in world.services.sessions.list(&caller).await.unwrap() {
        assert_can_be_written(session.ends_at);
        assert_can_be_written(session.expires_at);
    }
}

#[tokio::test]
async fn a_wait_without_end_is_told_and_counted_as_any_other() {
    let world = World::with(always(TimeDelta::MAX));
    let user = world.add(a_user()).await;
    for expected in [
        "invalid_credentials",
        "invalid_credentials",
        "too_many_requests",
    ] {
        assert_eq!(code(world.try_sign_in(&user, "wrong").await), expected);
    }
    world.wait(Policy::LONGEST);
    world.try_sign_in(&user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn challenges_and_mailed_tokens_may_last_as_long() {
    let world = World::with(always(TimeDelta::MAX));
    let (user, _) = with_app(&world).await;
    challenge(&world, &user).await;
    forgot(&world, user.email.as_ref().unwrap().as_str())
        .await
        .unwrap();
    for claimed in world.services.mails.claim(10).await.unwrap() {
        world.services.mails.deliver(claimed).await.unwrap();
    }
    let letters = world.mailer.letters();
    assert_can_be_written(letters.last().unwrap().expires_at.unwrap());
}

#[tokio::test]
async fn less_than_no_time_is_none() {
    let world = World::with(always(TimeDelta::MIN));
    let user = world.add(UserBuilder::new().username("ann").build()).await;
    let pair = world.sign_in(&user).await;
    assert_eq!(pair.expires_in, TimeDelta::seconds(1));
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    for _ in 0..5 {
        let refused = world.try_sign_in(&user, "wrong").await;
        assert_eq!(code(refused), "invalid_credentials");
    }
}

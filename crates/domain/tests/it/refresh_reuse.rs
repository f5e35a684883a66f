//! A spent refresh token comes again.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    audit::{Actor, EventKind},
    sessions::TokenPair,
};
use userhub_testkit::{FaultPoint, a_user};

use crate::{
    fixture::{World, code, origin},
    interruption::meanwhile,
};

fn text(pair: &TokenPair) -> String {
    pair.refresh_token.reveal().expose_secret().to_owned()
}

/// Demands that the session of this pair was ended for reuse, and no other.
async fn assert_family_ended(world: &World, pair: &TokenPair) {
    let reused = world.event(EventKind::SessionReuseDetected, &Actor::Anonymous);
    world.assert_wrote([reused.about(pair.user.id).in_session(pair.session_id)]);
    assert_eq!(code(world.authenticate(pair).await), "invalid_token");
    assert_eq!(code(world.refresh(pair).await), "invalid_refresh_token");
    world.assert_wrote([]);
}

#[tokio::test]
async fn within_the_grace_time_it_gets_the_same_successor_again() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let second = world.refresh(&first).await.unwrap();
    world.wait(TimeDelta::seconds(10) - TimeDelta::microseconds(1));
    let again = world.refresh(&first).await.unwrap();
    assert_eq!(text(&again), text(&second));
    assert_eq!(again.session_id, second.session_id);
    world.authenticate(&again).await.unwrap();
    world.authenticate(&second).await.unwrap();
    world.assert_wrote([]);
}

#[tokio::test]
async fn after_the_grace_time_the_session_ends_and_others_live() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let other = world.sign_in(&user).await;
    let first = world.sign_in(&user).await;
    let second = world.refresh(&first).await.unwrap();
    world.wait(TimeDelta::seconds(10));
    assert_eq!(code(world.refresh(&first).await), "invalid_refresh_token");
    assert_family_ended(&world, &second).await;
    world.authenticate(&other).await.unwrap();
    world.refresh(&other).await.unwrap();
}

#[tokio::test]
async fn once_the_successor_is_used_the_session_ends_also_within_the_grace_time() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let second = world.refresh(&first).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    assert_eq!(code(world.refresh(&first).await), "invalid_refresh_token");
    assert_family_ended(&world, &third).await;
}

#[tokio::test]
async fn a_session_that_is_over_is_not_ended_again() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    world.refresh(&first).await.unwrap();
    world.wait(TimeDelta::days(8));
    assert_eq!(code(world.refresh(&first).await), "invalid_refresh_token");
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_failure_does_not_lose_the_detection() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let second = world.refresh(&first).await.unwrap();
    world.wait(TimeDelta::minutes(1));
    world.store.fail_commit();
    assert_eq!(code(world.refresh(&first).await), "storage_unavailable");
    world.authenticate(&second).await.unwrap();
    world.store.fail_next(FaultPoint::Write);
    assert_eq!(code(world.refresh(&first).await), "storage_unavailable");
    world.assert_wrote([]);
    assert_eq!(code(world.refresh(&first).await), "invalid_refresh_token");
    assert_family_ended(&world, &second).await;
}

#[tokio::test]
async fn who_loses_the_race_for_the_step_gets_the_winners_token() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let winner = (world.clone(), first.clone());
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, first) = winner.clone();
            async move { world.refresh(&first).await.map(drop).unwrap() }
        }),
    );
    let token = first.refresh_token.reveal();
    let loser = services.sessions.refresh(&origin(), &token).await.unwrap();
    assert_eq!(text(&loser), text(&world.refresh(&first).await.unwrap()));
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_refresh_that_races_a_logout_gives_nothing() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let caller = world.authenticate(&first).await.unwrap();
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, caller) = (other.clone(), caller.clone());
            async move {
                world
                    .services
                    .sessions
                    .logout(&caller, &origin())
                    .await
                    .unwrap()
            }
        }),
    );
    let token = first.refresh_token.reveal();
    let refused = services.sessions.refresh(&origin(), &token).await;
    assert_eq!(code(refused), "invalid_refresh_token");
}

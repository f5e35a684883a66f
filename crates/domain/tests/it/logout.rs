//! Signing out.

use chrono::TimeDelta;
use userhub_domain::{
    audit::{Actor, EventKind},
    caller::SignedIn,
    sessions::TokenPair,
};
use userhub_testkit::{FaultPoint, a_user};

use crate::{
    fixture::{OTHER_PASSWORD, World, code, origin},
    reset_password::reset,
};

async fn by_token(world: &World, pair: &TokenPair) {
    let token = pair.refresh_token.reveal();
    let sessions = &world.services.sessions;
    sessions
        .logout_by_refresh_token(&origin(), &token)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_callers_session_ends_and_others_live() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let (here, there) = (world.sign_in(&user).await, world.sign_in(&user).await);
    let caller = world.authenticate(&here).await.unwrap();
    let sessions = &world.services.sessions;
    sessions.logout(&caller, &origin()).await.unwrap();
    let ended = world.event(EventKind::SessionEnded, &Actor::User(user.id));
    world.assert_wrote([ended.about(user.id).in_session(here.session_id)]);
    assert_eq!(code(world.authenticate(&here).await), "invalid_token");
    assert_eq!(code(world.refresh(&here).await), "invalid_refresh_token");
    world.authenticate(&there).await.unwrap();
    // Once more: nothing to end, nothing to tell.
    sessions.logout(&caller, &origin()).await.unwrap();
    world.assert_wrote([]);
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_end() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let trusted = SignedIn::trust(user);
    world
        .services
        .sessions
        .logout(&trusted, &origin())
        .await
        .unwrap();
    world.assert_wrote([]);
    world.authenticate(&pair).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_ends_its_session_spent_or_not() {
    let world = World::new();
    let user = world.add(a_user()).await;
    for spend in [false, true] {
        let pair = world.sign_in(&user).await;
        if spend {
            world.refresh(&pair).await.unwrap();
            world.wait(TimeDelta::minutes(1));
        }
        by_token(&world, &pair).await;
        let ended = world.event(EventKind::SessionEnded, &Actor::User(user.id));
        world.assert_wrote([ended.about(user.id).in_session(pair.session_id)]);
        assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
        by_token(&world, &pair).await;
        world.assert_wrote([]);
    }
}

#[tokio::test]
async fn an_unknown_refresh_token_ends_nothing_and_is_no_error() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let before = world.snapshot().await;
    for token in ["", "x", &format!("uhr_{}", "0".repeat(64))] {
        let sessions = &world.services.sessions;
        sessions
            .logout_by_refresh_token(&origin(), &token.into())
            .await
            .unwrap();
    }
    assert_eq!(world.snapshot().await, before);
    world.authenticate(&pair).await.unwrap();
}

#[tokio::test]
async fn everywhere_ends_every_session_and_handed_out_token() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let stranger = world.sign_in(&world.add(a_user()).await).await;
    let pairs = [world.sign_in(&user).await, world.sign_in(&user).await];
    let token = world.reset_token(user.id).await;
    let caller = world.authenticate(&pairs[0]).await.unwrap();
    world
        .services
        .sessions
        .logout_all(&caller, &origin())
        .await
        .unwrap();
    let ended = world.event(EventKind::SessionAllEnded, &Actor::User(user.id));
    world.assert_wrote([ended.about(user.id)]);
    for pair in &pairs {
        assert_eq!(code(world.authenticate(pair).await), "invalid_token");
        assert_eq!(code(world.refresh(pair).await), "invalid_refresh_token");
    }
    assert_eq!(
        code(reset(&world, &token, OTHER_PASSWORD).await),
        "token_invalid"
    );
    world.authenticate(&stranger).await.unwrap();
    // The password is the same, and so is the version.
    assert_eq!(world.user(user.id).await.version, user.version);
    world.sign_in(&user).await;
}

#[tokio::test]
async fn a_failure_ends_nothing() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let caller = world.authenticate(&pair).await.unwrap();
    let sessions = &world.services.sessions;
    let before = world.snapshot().await;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        assert_eq!(
            code(sessions.logout(&caller, &origin()).await),
            "storage_unavailable"
        );
        world.store.fail_next(point);
        assert_eq!(
            code(sessions.logout_all(&caller, &origin()).await),
            "storage_unavailable"
        );
    }
    assert_eq!(world.snapshot().await, before);
}

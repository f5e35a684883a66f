//! Seeing and ending sessions, one's own and somebody else's.

use chrono::TimeDelta;
use userhub_domain::{
    audit::{Actor, EventKind},
    sessions::SessionId,
    users::UserId,
};
use userhub_testkit::a_user;
use uuid::Uuid;

use crate::fixture::{World, code, operator, origin};

#[tokio::test]
async fn sessions_in_force_are_listed_the_last_used_first() {
    let world = World::new();
    let user = world.add(a_user()).await;
    world.sign_in(&world.add(a_user()).await).await;
    let expired = world.sign_in(&user).await;
    world.wait(TimeDelta::days(6));
    let old = world.sign_in(&user).await;
    world.wait(TimeDelta::days(2));
    let new = world.sign_in(&user).await;
    let caller = world.caller(&user).await;
    world
        .services
        .sessions
        .logout(&caller, &origin())
        .await
        .unwrap();

    let listed = world.services.sessions.list(&caller).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|one| one.id).collect();
    assert_eq!(ids, [new.session_id, old.session_id]);
    assert!(!ids.contains(&expired.session_id));
    let seen = world
        .services
        .administration
        .list_sessions(&operator(), user.id)
        .await;
    assert_eq!(seen.unwrap(), listed);

    world.wait(TimeDelta::minutes(1));
    world.refresh(&old).await.unwrap();
    let listed = world.services.sessions.list(&caller).await.unwrap();
    assert_eq!(listed[0].id, old.session_id);
}

#[tokio::test]
async fn one_of_ones_own_sessions_can_be_ended() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let other = world.sign_in(&user).await;
    let caller = world.caller(&user).await;
    let sessions = &world.services.sessions;
    sessions
        .end(&caller, &origin(), other.session_id)
        .await
        .unwrap();
    let ended = world.event(EventKind::SessionEnded, &Actor::User(user.id));
    world.assert_wrote([ended.about(user.id).in_session(other.session_id)]);
    assert_eq!(code(world.authenticate(&other).await), "invalid_token");
    let again = sessions.end(&caller, &origin(), other.session_id).await;
    assert_eq!(code(again), "session_not_found");
    world.assert_wrote([]);
}

#[tokio::test]
async fn sessions_of_others_and_of_nobody_are_not_found() {
    let world = World::new();
    let stranger = world.sign_in(&world.add(a_user()).await).await;
    let admin = world.admin().await;
    for id in [stranger.session_id, SessionId::from_uuid(Uuid::nil())] {
        let refused = world.services.sessions.end(&admin, &origin(), id).await;
        assert_eq!(code(refused), "session_not_found");
    }
    world.assert_wrote([]);
    world.authenticate(&stranger).await.unwrap();
}

#[tokio::test]
async fn an_administrator_ends_all_sessions_of_somebody() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let proof = admin.require_admin().unwrap();
    let administration = &world.services.administration;
    administration
        .end_sessions(&proof, &origin(), user.id)
        .await
        .unwrap();
    let ended = world.event(EventKind::SessionAllEnded, &Actor::User(admin.id()));
    world.assert_wrote([ended.about(user.id)]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert!(
        administration
            .list_sessions(&proof, user.id)
            .await
            .unwrap()
            .is_empty()
    );
    // The administrator is still signed in.
    assert_eq!(world.services.sessions.list(&admin).await.unwrap().len(), 1);
}

#[tokio::test]
async fn sessions_of_nobody_are_not_found_for_administrators() {
    let world = World::new();
    let nobody = UserId::from_uuid(Uuid::nil());
    let administration = &world.services.administration;
    let listed = administration.list_sessions(&operator(), nobody).await;
    assert_eq!(code(listed), "user_not_found");
    let ended = administration
        .end_sessions(&operator(), &origin(), nobody)
        .await;
    assert_eq!(code(ended), "user_not_found");
    world.assert_wrote([]);
}

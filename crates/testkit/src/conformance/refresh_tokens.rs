//! Refresh tokens: the chain of a session, step by step.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{sessions::Session, users::AuthVersion};

use super::{
    StoreFactory,
    sessions::{a_session_of_its_own, kept, living},
    steps::{Bench, a_rotation, a_session, later, token_hash},
};
use crate::a_user;

pub async fn an_unspent_refresh_token_leads_to_its_session(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store
        .insert_sessions([&session, &a_session(&user, 2)])
        .await;
    let found = store.sessions().find_by_refresh_token(token_hash(1)).await;
    let found = found.unwrap().expect("the token is known");
    assert_eq!(found.principal.session.id, session.id);
    assert_eq!(found.principal.user, user);
    assert_eq!(found.principal.auth_version, AuthVersion::FIRST);
    assert_eq!(found.spent, None);
}

pub async fn a_rotation_moves_the_session_on(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session_of_its_own(&user, 1);
    let other = a_session(&user, 2);
    store.insert_sessions([&session, &other]).await;
    let rotation = a_rotation(&session, 3);
    assert!(store.rotate(&rotation).await);
    let expected = Session {
        refresh_hash: rotation.next_hash,
        last_used_at: rotation.spent.spent_at,
        expires_at: rotation.expires_at,
        ..session
    };
    let found = store.principal(expected.id).await.unwrap();
    assert_eq!(kept(found.session), kept(expected));
    assert_eq!(found.auth_version, AuthVersion::FIRST);
    let found = store.principal(other.id).await.unwrap().session;
    assert_eq!(kept(found), kept(other));
}

pub async fn a_rotation_revives_no_void_session(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    // Whoever found it in force is overtaken by the end of all sessions.
    store.end_all_sessions(user.id).await;
    // Refused or done, but never in force again.
    store.rotate(&a_rotation(&session, 2)).await;
    let found = store.principal(session.id).await;
    assert!(!found.is_some_and(|one| one.is_living(later(60))));
    assert_eq!(living(&store, user.id, 60).await, []);
    for number in [1, 2] {
        let tokens = store.sessions();
        let found = tokens.find_by_refresh_token(token_hash(number)).await;
        let found = found.unwrap();
        assert!(!found.is_some_and(|one| one.principal.is_living(later(60))));
    }
}

pub async fn every_spent_refresh_token_leads_to_its_session(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let mut session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    let mut steps = Vec::new();
    for number in 2..5 {
        let rotation = a_rotation(&session, number);
        assert!(store.rotate(&rotation).await);
        session.refresh_hash = rotation.next_hash;
        steps.push(rotation);
    }
    for step in steps {
        let found = store
            .sessions()
            .find_by_refresh_token(step.spent.hash)
            .await;
        let found = found.unwrap().expect("a spent token is remembered");
        assert_eq!(found.spent, Some(step.spent));
        assert_eq!(found.principal.session.id, session.id);
        assert_eq!(found.principal.session.refresh_hash, token_hash(4));
    }
    let found = store.sessions().find_by_refresh_token(token_hash(4)).await;
    assert_eq!(found.unwrap().unwrap().spent, None);
}

pub async fn a_lost_rotation_changes_nothing(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    let stranger = a_user();
    store.insert([&user, &stranger]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    assert!(store.rotate(&a_rotation(&session, 2)).await);
    let before = store.principal(session.id).await;
    assert!(!store.rotate(&a_rotation(&session, 3)).await);
    let mut of_a_stranger = a_rotation(&session, 4);
    of_a_stranger.user_id = stranger.id;
    of_a_stranger.spent.hash = token_hash(2);
    assert!(!store.rotate(&of_a_stranger).await);
    assert_eq!(store.principal(session.id).await, before);
    for number in [3, 4] {
        let found = store
            .sessions()
            .find_by_refresh_token(token_hash(number))
            .await;
        assert_eq!(found.unwrap(), None);
    }
    let found = store.sessions().find_by_refresh_token(token_hash(1)).await;
    let spent = found.unwrap().unwrap().spent.unwrap();
    assert_eq!(spent.salt, [2; 32]);
}

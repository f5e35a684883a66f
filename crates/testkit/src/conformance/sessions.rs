//! Sessions and their chains of refresh tokens.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    audit::Origin,
    sessions::{AuthenticationMethods, Session, SessionId},
    users::{AuthVersion, SessionsAfter, User, UserId},
};

use super::{
    StoreFactory,
    steps::{Bench, a_rotation, a_session, changed, later, start, token_hash},
};
use crate::{UserBuilder, a_user};

async fn end(store: &Bench, id: SessionId, user: UserId) -> bool {
    let unit = store.unit().await;
    let ended = unit.sessions().end(id, user).await.unwrap();
    unit.commit(&[]).await.unwrap();
    ended
}

pub(super) async fn living(store: &Bench, user: UserId, seconds: i64) -> Vec<Session> {
    let list = store.sessions().list_living(user, later(seconds)).await;
    list.unwrap()
}

/// A session no member of which is as in others.
pub(super) fn a_session_of_its_own(user: &User, number: u64) -> Session {
    Session {
        created_at: later(-60),
        last_used_at: later(-30),
        expires_at: later(3000),
        ends_at: later(70_000),
        methods: AuthenticationMethods::PasswordAndTotp,
        ..a_session(user, number)
    }
}

/// What a store keeps of a session: of its origin, where it came from.
pub(super) fn kept(mut session: Session) -> Session {
    session.origin.request_id = None;
    session
}

pub async fn a_session_is_found_with_its_user(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().metadata([("key", "value")]).build();
    store.insert([&user, &a_user()]).await;
    let full = a_session(&user, 1);
    let bare = Session {
        origin: Origin::default(),
        methods: AuthenticationMethods::PasswordAndRecoveryCode,
        ..a_session(&user, 2)
    };
    let six = Session {
        origin: Origin {
            address: "2001:db8::ffff:1".parse().ok(),
            user_agent: Some("\u{1f980}".repeat(255)),
            request_id: None,
        },
        methods: AuthenticationMethods::PasswordAndTotp,
        ..a_session(&user, 3)
    };
    for session in [full, bare, six] {
        store.insert_sessions([&session]).await;
        let found = store
            .principal(session.id)
            .await
            .expect("the session is there");
        assert_eq!(found.user, user);
        assert_eq!(found.auth_version, AuthVersion::FIRST);
        assert!(found.is_living(start()));
        assert_eq!(kept(found.session), kept(session));
    }
}

pub async fn no_session_is_found_where_there_is_none(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    assert_eq!(store.principal(session.id).await, None);
    let found = store.sessions().find_by_refresh_token(token_hash(1)).await;
    assert_eq!(found.unwrap(), None);
    assert_eq!(living(&store, user.id, 0).await, []);
    assert!(!end(&store, session.id, user.id).await);
    assert!(!store.rotate(&a_rotation(&session, 2)).await);
}

pub async fn an_ended_session_is_gone_with_its_tokens(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    let stranger = a_user();
    store.insert([&user, &stranger]).await;
    let session = a_session(&user, 1);
    let other = a_session(&user, 3);
    store.insert_sessions([&session, &other]).await;
    assert!(store.rotate(&a_rotation(&session, 2)).await);
    assert!(!end(&store, session.id, stranger.id).await);
    assert!(store.principal(session.id).await.is_some());
    assert!(end(&store, session.id, user.id).await);
    assert!(!end(&store, session.id, user.id).await);
    assert_eq!(store.principal(session.id).await, None);
    for number in [1, 2] {
        let found = store
            .sessions()
            .find_by_refresh_token(token_hash(number))
            .await;
        assert_eq!(found.unwrap(), None);
    }
    assert!(store.principal(other.id).await.is_some());
}

pub async fn a_session_that_is_carried_over_outlives_the_others(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let [own, other] = [1, 2].map(|number| a_session_of_its_own(&user, number));
    store.insert_sessions([&own, &other]).await;
    let unit = store.unit().await;
    let next = unit
        .users()
        .set_password(user.id, &super::steps::hash("second"), AuthVersion::FIRST)
        .await
        .unwrap();
    unit.sessions()
        .carry_over(own.id, user.id, next)
        .await
        .unwrap();
    unit.commit(&[]).await.unwrap();
    let found = store.principal(own.id).await.unwrap();
    assert!(found.is_living(start()));
    let expected = Session {
        auth_version: next,
        ..own.clone()
    };
    assert_eq!(kept(found.session), kept(expected));
    let found = store.principal(other.id).await;
    assert!(!found.is_some_and(|one| one.is_living(start())));
    let ids: Vec<_> = living(&store, user.id, 0)
        .await
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids, [own.id]);
}

pub async fn nobody_carries_over_the_session_of_another(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    let stranger = a_user();
    store.insert([&user, &stranger]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    let unit = store.unit().await;
    // Refused or ignored, but never done.
    let done = unit
        .sessions()
        .carry_over(session.id, stranger.id, AuthVersion(9))
        .await;
    if done.is_ok() {
        unit.commit(&[]).await.unwrap();
    }
    let found = store.principal(session.id).await.unwrap();
    assert_eq!(found.session.auth_version, AuthVersion::FIRST);
}

pub async fn living_sessions_are_listed_last_used_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    let other = a_user();
    store.insert([&user, &other]).await;
    let used_at = |number, seconds| Session {
        last_used_at: later(seconds),
        ..a_session(&user, number)
    };
    let [old, new, mid] = [used_at(1, 10), used_at(2, 30), used_at(3, 20)];
    store
        .insert_sessions([&old, &new, &mid, &a_session(&other, 4)])
        .await;
    let ids: Vec<_> = living(&store, user.id, 0)
        .await
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids, [new.id, mid.id, old.id]);
}

pub async fn sessions_that_are_over_are_not_listed(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    store.insert_sessions([&a_session(&user, 1)]).await;
    assert_eq!(living(&store, user.id, 3599).await.len(), 1);
    assert_eq!(living(&store, user.id, 3600).await, []);
    let suspended = changed(&user, |record| record.suspended = true);
    store
        .update(&suspended, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(living(&store, user.id, 0).await, []);
    let active = changed(&suspended, |record| record.suspended = false);
    store
        .update(&active, suspended.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(living(&store, user.id, 0).await.len(), 1);
    store.end_all_sessions(user.id).await;
    assert_eq!(living(&store, user.id, 0).await, []);
}

pub async fn void_sessions_are_known_to_be_void(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    store.end_all_sessions(user.id).await;
    let found = store.principal(session.id).await;
    assert!(!found.is_some_and(|one| one.is_living(start())));
    let found = store
        .sessions()
        .find_by_refresh_token(token_hash(1))
        .await
        .unwrap();
    assert!(!found.is_some_and(|one| one.principal.is_living(start())));
}

pub async fn sessions_that_are_over_are_removed_in_portions(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, void, suspended] = [a_user(), a_user(), a_user()];
    store.insert([&user, &void, &suspended]).await;
    let expired = [1, 2, 3].map(|number| Session {
        expires_at: later(10),
        ..a_session(&user, number)
    });
    let kept = a_session(&user, 4);
    let voided = a_session(&void, 5);
    // What is not over: at the very moment, and of whom may be let in again.
    let just = Session {
        expires_at: later(20),
        ..a_session(&user, 7)
    };
    let waiting = a_session(&suspended, 8);
    store
        .insert_sessions(expired.iter().chain([&kept, &voided, &just, &waiting]))
        .await;
    let after = changed(&suspended, |record| record.suspended = true);
    let done = store.update(&after, suspended.version, SessionsAfter::Keep);
    done.await.unwrap();
    let step = a_rotation(
        &Session {
            expires_at: later(10),
            ..expired[0].clone()
        },
        6,
    );
    let step = userhub_domain::sessions::Rotation {
        expires_at: later(10),
        ..step
    };
    assert!(store.rotate(&step).await);
    store.end_all_sessions(void.id).await;
    let mut removed = Vec::new();
    for _ in 0..4 {
        let unit = store.unit().await;
        removed.push(unit.sessions().remove_expired(later(20), 2).await.unwrap());
        unit.commit(&[]).await.unwrap();
    }
    assert_eq!(removed.iter().sum::<u64>(), 4);
    assert_eq!(removed, [2, 2, 0, 0]);
    let again = changed(&after, |record| record.suspended = false);
    let done = store.update(&again, after.version, SessionsAfter::Keep);
    done.await.unwrap();
    for session in [&kept, &just, &waiting] {
        let found = store.principal(session.id).await;
        assert!(found.is_some_and(|one| one.is_living(start())));
    }
    for session in expired.iter().chain([&voided]) {
        assert_eq!(store.principal(session.id).await, None);
    }
    let found = store.sessions().find_by_refresh_token(token_hash(1)).await;
    assert_eq!(found.unwrap(), None);
}

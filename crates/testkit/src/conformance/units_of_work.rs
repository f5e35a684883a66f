//! Units of work: all or nothing, and when others see it.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::time::Duration;

use userhub_domain::{
    error::Identifier,
    users::{AuthVersion, SessionsAfter, UserKey},
};

use super::{
    StoreFactory,
    outcome::{code, taken},
    steps::{
        Bench, a_reset_token, a_rotation, a_session, an_event, changed, hash, later, start,
        token_hash,
    },
};
use crate::{SeededEntropy, UserBuilder, a_user};

pub async fn a_dropped_unit_of_work_leaves_no_trace(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    let newcomer = a_user();
    let unit = store.unit().await;
    let users = unit.users();
    users.insert(&newcomer, &hash("first")).await.unwrap();
    let after = changed(&user, |record| record.suspended = true);
    users
        .update(&after, user.version, SessionsAfter::End)
        .await
        .unwrap();
    users.record_login(user.id, later(60)).await.unwrap();
    users
        .set_password(user.id, &hash("second"), AuthVersion(2))
        .await
        .unwrap();
    assert!(
        unit.sessions()
            .rotate(&a_rotation(&session, 2))
            .await
            .unwrap()
    );
    unit.sessions().insert(&a_session(&user, 3)).await.unwrap();
    unit.handed_out_tokens()
        .replace(&a_reset_token(&user, 4))
        .await
        .unwrap();
    drop(unit);
    assert_eq!(store.find(newcomer.id).await, None);
    assert_eq!(store.user(user.id).await, user);
    let found = store.credentials(user.id).await;
    assert_eq!(found.password_hash, hash("first"));
    assert_eq!(found.auth_version, AuthVersion::FIRST);
    let found = store.principal(session.id).await.unwrap();
    assert_eq!(found.session.refresh_hash, session.refresh_hash);
    for number in [2, 3] {
        let found = store
            .sessions()
            .find_by_refresh_token(token_hash(number))
            .await;
        assert_eq!(found.unwrap(), None);
    }
    assert_eq!(store.find_token(token_hash(4)).await, None);
    assert_eq!(store.events().await, []);
    // The turn was given back.
    store.insert([&newcomer]).await;
}

pub async fn nothing_is_visible_before_the_commit(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    let newcomer = a_user();
    let unit = store.unit().await;
    let after = changed(&user, |record| record.suspended = true);
    unit.users()
        .update(&after, user.version, SessionsAfter::End)
        .await
        .unwrap();
    unit.users()
        .insert(&newcomer, &hash("first"))
        .await
        .unwrap();
    let reading = async {
        for reader in [&store, &other] {
            assert_eq!(reader.user(user.id).await, user);
            assert_eq!(reader.find(newcomer.id).await, None);
            let found = reader.principal(session.id).await.unwrap();
            assert!(found.is_living(start()));
        }
    };
    tokio::time::timeout(Duration::from_secs(3), reading)
        .await
        .expect("a reader does not wait for a writer");
    unit.commit(&[]).await.unwrap();
    for reader in [&store, &other] {
        assert_eq!(reader.user(user.id).await, after);
        assert!(reader.find(newcomer.id).await.is_some());
    }
    let found = store.principal(session.id).await;
    assert!(!found.is_some_and(|one| one.is_living(start())));
}

pub async fn events_are_stored_with_the_write_and_not_without(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let user = a_user();
    let first = an_event(&entropy, user.id, later(2));
    let second = an_event(&entropy, user.id, later(1));
    let unit = store.unit().await;
    unit.users().insert(&user, &hash("first")).await.unwrap();
    assert_eq!(store.events().await, []);
    unit.commit(&[first.clone(), second.clone()]).await.unwrap();
    assert!(store.find(user.id).await.is_some());
    assert_eq!(store.events().await, [first, second]);
    let unit = store.unit().await;
    unit.users().record_login(user.id, later(3)).await.unwrap();
    unit.commit(&[]).await.unwrap();
    assert_eq!(store.events().await.len(), 2);
}

pub async fn events_of_a_failed_write_are_not_stored(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let user = a_user();
    store.insert([&user]).await;
    let unit = store.unit().await;
    let failed = unit
        .users()
        .update(&user, user.version.next(), SessionsAfter::End)
        .await;
    assert_eq!(code(failed), "edit_conflict");
    let event = an_event(&entropy, user.id, start());
    assert!(unit.commit(&[event]).await.is_err());
    assert_eq!(store.events().await, []);
}

pub async fn after_a_conflict_a_unit_of_work_is_finished(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().username("taken").build();
    store.insert([&user]).await;
    // So that it is not by chance that this verb fails below.
    store.end_all_sessions(user.id).await;
    let early = a_user();
    let late = a_user();
    let unit = store.unit().await;
    unit.users().insert(&early, &hash("first")).await.unwrap();
    let same = UserBuilder::new().username("taken").build();
    let refused = unit.users().insert(&same, &hash("first")).await;
    assert_eq!(taken(refused), [Identifier::Username]);
    assert!(unit.users().insert(&late, &hash("first")).await.is_err());
    assert!(unit.users().end_all_sessions(user.id).await.is_err());
    assert!(unit.commit(&[]).await.is_err());
    for nobody in [&early, &same, &late] {
        assert_eq!(store.find(nobody.id).await, None);
    }
    store.insert([&late]).await;
}

pub async fn after_a_lost_race_a_unit_of_work_is_finished(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    let unit = store.unit().await;
    unit.users().record_login(user.id, later(60)).await.unwrap();
    let lost = unit
        .users()
        .set_password(user.id, &hash("second"), AuthVersion(7))
        .await;
    assert_eq!(code(lost), "edit_conflict");
    assert!(unit.sessions().insert(&session).await.is_err());
    let token = a_reset_token(&user, 2);
    assert!(unit.handed_out_tokens().replace(&token).await.is_err());
    assert!(unit.handed_out_tokens().consume(token.hash).await.is_err());
    assert!(unit.commit(&[]).await.is_err());
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(store.principal(session.id).await, None);
    assert_eq!(store.find_token(token.hash).await, None);
}

pub async fn after_an_internal_error_a_unit_of_work_is_finished(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, nobody] = [a_user(), a_user()];
    store.insert([&user]).await;
    // The last three are refused by whoever looks after what he is given.
    for number in 0..4 {
        let early = a_user();
        let unit = store.unit().await;
        unit.users().insert(&early, &hash("first")).await.unwrap();
        let tokens = unit.handed_out_tokens();
        let done = match number {
            0 => tokens.add_challenge(&a_reset_token(&user, 1)).await,
            1 => unit.users().insert(&user, &hash("second")).await,
            2 => unit.sessions().insert(&a_session(&nobody, 1)).await,
            _ => tokens.replace(&a_reset_token(&nobody, 2)).await.map(drop),
        };
        if number > 0 && done.is_ok() {
            continue;
        }
        assert!(done.is_err(), "a challenge of another purpose");
        assert!(unit.users().insert(&nobody, &hash("first")).await.is_err());
        assert!(unit.users().end_all_sessions(user.id).await.is_err());
        assert!(unit.commit(&[]).await.is_err(), "after error {number}");
        assert_eq!(store.find(early.id).await, None, "after error {number}");
    }
    assert_eq!(store.user(user.id).await, user);
    store.insert([&nobody]).await;
}

pub async fn verbs_of_one_unit_of_work_see_each_other(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().username("fresh").build();
    let unit = store.unit().await;
    unit.users().insert(&user, &hash("first")).await.unwrap();
    let after = changed(&user, |record| record.username = None);
    unit.users()
        .update(&after, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    let heir = UserBuilder::new().username("fresh").build();
    unit.users().insert(&heir, &hash("first")).await.unwrap();
    let session = a_session(&user, 1);
    unit.sessions().insert(&session).await.unwrap();
    assert!(
        unit.sessions()
            .rotate(&a_rotation(&session, 2))
            .await
            .unwrap()
    );
    unit.commit(&[]).await.unwrap();
    let key = UserKey::Username(heir.username.clone().unwrap());
    assert_eq!(store.users().find(&key).await.unwrap(), Some(heir));
    assert_eq!(store.user(user.id).await, after);
    let found = store.principal(session.id).await.unwrap();
    assert_eq!(found.session.refresh_hash, token_hash(2));
}

pub async fn a_store_sees_its_own_commits_in_the_session_check_at_once(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = [a_user(), a_user(), a_user()];
    let [suspended, renumbered, ended] = &users;
    store.insert(&users).await;
    let sessions =
        [(suspended, 1), (renumbered, 2), (ended, 3)].map(|(user, number)| a_session(user, number));
    store.insert_sessions(&sessions).await;
    for session in &sessions {
        assert!(
            store
                .principal(session.id)
                .await
                .unwrap()
                .is_living(start())
        );
    }
    let after = changed(suspended, |record| record.suspended = true);
    store
        .update(&after, suspended.version, SessionsAfter::Keep)
        .await
        .unwrap();
    store
        .set_password(renumbered.id, "second", AuthVersion::FIRST)
        .await
        .unwrap();
    let unit = store.unit().await;
    assert!(unit.sessions().end(sessions[2].id, ended.id).await.unwrap());
    unit.commit(&[]).await.unwrap();
    for session in &sessions {
        let found = store.principal(session.id).await;
        assert!(!found.is_some_and(|one| one.is_living(start())));
    }
}

pub async fn a_store_sees_commits_of_another_in_the_session_check_within_a_second(
    factory: &dyn StoreFactory,
) {
    let [store, other] = Bench::open_two(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    assert!(
        store
            .principal(session.id)
            .await
            .unwrap()
            .is_living(start())
    );
    assert!(
        other
            .principal(session.id)
            .await
            .unwrap()
            .is_living(start())
    );
    other.end_all_sessions(user.id).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let found = store.principal(session.id).await;
    assert!(!found.is_some_and(|one| one.is_living(start())));
}

pub async fn what_is_committed_is_there_when_the_store_is_opened_again(factory: &dyn StoreFactory) {
    let user = a_user();
    let session = a_session(&user, 1);
    {
        let store = Bench::open(factory).await;
        store.insert([&user]).await;
        store.insert_sessions([&session]).await;
    }
    let store = Bench::open(factory).await;
    assert_eq!(store.user(user.id).await, user);
    assert!(store.principal(session.id).await.is_some());
}

//! API keys and their owners.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::time::Duration;

use chrono::TimeDelta;
use userhub_domain::{
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, Scopes},
    users::{Role, SessionsAfter},
};

use super::{
    StoreFactory,
    flow_steps::a_key,
    steps::{Bench, changed, later, start, token_hash},
};
use crate::{UserBuilder, a_user, an_admin};

/// After this every store sees what another one committed.
const A_SECOND: Duration = Duration::from_millis(1100);

/// Whether the key of a number is good at the start.
async fn is_living(store: &Bench, number: u64) -> bool {
    let found = store.holder(token_hash(number)).await;
    found.is_some_and(|holder| holder.is_living(start()))
}

async fn ids(store: &Bench, owner: userhub_domain::users::UserId) -> Vec<ApiKeyId> {
    let keys = store.keys(owner).await;
    keys.into_iter().map(|key| key.id).collect()
}

pub async fn a_key_is_found_with_its_owner(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().metadata([("key", "value")]).build();
    store.insert([&user, &a_user()]).await;
    assert_eq!(store.holder(token_hash(1)).await, None);
    let odd = |seconds, micros| later(seconds) + TimeDelta::microseconds(micros);
    let full = ApiKey {
        name: ApiKeyName::parse(&"\u{1f980}".repeat(100)).unwrap(),
        scopes: Scopes::parse(["read", "write"]).unwrap(),
        created_at: odd(1, 123_457),
        expires_at: Some(odd(3600, 1)),
        last_used_at: Some(odd(60, 999_999)),
        ..a_key(&user, 1)
    };
    let bare = ApiKey {
        scopes: Scopes::parse(["write"]).unwrap(),
        ..a_key(&user, 2)
    };
    for key in [&full, &bare] {
        store.insert_key(key).await;
        let found = store.holder(key.hash).await.expect("the key is there");
        assert_eq!(found.key, *key);
        assert_eq!(found.user, user);
        assert!(found.is_living(start()));
    }
    assert_eq!(store.holder(token_hash(3)).await, None);
    assert_eq!(store.keys(user.id).await, [full, bare]);
}

pub async fn keys_are_listed_oldest_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    let at = |number, seconds| ApiKey {
        created_at: later(seconds),
        ..a_key(&user, number)
    };
    // The last two are of one moment: the id breaks the tie.
    let [third, first, fourth] = [at(3, 9), at(6, 1), at(4, 9)];
    let over = ApiKey {
        expires_at: Some(later(6)),
        ..at(1, 5)
    };
    for key in [&third, &first, &fourth, &over, &a_key(&other, 7)] {
        store.insert_key(key).await;
    }
    let listed = store.keys(user.id).await;
    assert_eq!(listed, [first, over, third, fourth]);
    assert_eq!(store.keys(other.id).await, [a_key(&other, 7)]);
    assert_eq!(store.keys(a_user().id).await, []);
}

pub async fn a_key_is_revoked_by_its_owner_alone(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    let [key, kept] = [1, 2].map(|number| a_key(&user, number));
    for one in [&key, &kept] {
        store.insert_key(one).await;
    }
    assert!(!store.revoke_key(key.id, other.id).await);
    assert!(is_living(&store, 1).await);
    assert!(store.revoke_key(key.id, user.id).await);
    assert!(!store.revoke_key(key.id, user.id).await);
    assert_eq!(store.holder(key.hash).await, None);
    assert_eq!(ids(&store, user.id).await, [kept.id]);
    assert!(is_living(&store, 2).await);
}

pub async fn all_keys_of_a_user_are_revoked_at_once(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    for number in 1..4 {
        store.insert_key(&a_key(&user, number)).await;
        assert!(is_living(&store, number).await);
    }
    store.insert_key(&a_key(&other, 4)).await;
    assert_eq!(store.revoke_all_keys(user.id).await, 3);
    assert_eq!(store.revoke_all_keys(user.id).await, 0);
    assert_eq!(ids(&store, user.id).await, []);
    for number in 1..4 {
        assert!(!is_living(&store, number).await);
    }
    assert!(is_living(&store, 4).await);
}

pub async fn a_key_that_is_being_stored_is_revoked_with_all(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let unit = store.unit().await;
    let inserted = unit.api_keys().insert(&a_key(&user, 1)).await;
    inserted.unwrap();
    // Somebody takes the account back, who must not overlook it.
    let id = user.id;
    let revoking = tokio::spawn(async move {
        let unit = other.unit().await;
        unit.users().end_all_sessions(id).await.unwrap();
        let revoked = unit.api_keys().revoke_all(id).await.unwrap();
        unit.commit(&[]).await.unwrap();
        revoked
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    unit.commit(&[]).await.unwrap();
    assert_eq!(revoking.await.unwrap(), 1);
    assert_eq!(ids(&store, user.id).await, []);
    assert!(!is_living(&store, 1).await);
}

pub async fn the_last_use_of_a_key_is_noted(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let [key, other] = [1, 2].map(|number| a_key(&user, number));
    for one in [&key, &other] {
        store.insert_key(one).await;
    }
    let at = later(60) + TimeDelta::microseconds(123_457);
    for noted in [at, later(30), at] {
        store.record_use(key.id, noted).await;
        let used = ApiKey {
            last_used_at: Some(at),
            ..key.clone()
        };
        assert_eq!(store.keys(user.id).await, [used, other.clone()]);
    }
    store.record_use(key.id, later(90)).await;
    let found = store.keys(user.id).await;
    assert_eq!(found[0].last_used_at, Some(later(90)));
    // Revoked meanwhile: nothing to note, and no error.
    assert!(store.revoke_key(key.id, user.id).await);
    store.record_use(key.id, later(120)).await;
    assert_eq!(store.keys(user.id).await, [other]);
    assert_eq!(store.user(user.id).await, user);
}

pub async fn a_revoked_key_is_refused_within_a_second(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let [user, owner] = [a_user(), a_user()];
    store.insert([&user, &owner]).await;
    // That it was not there is not remembered.
    assert!(!is_living(&store, 1).await);
    store.insert_key(&a_key(&user, 1)).await;
    store.insert_key(&a_key(&owner, 2)).await;
    for reader in [&store, &other] {
        assert!(is_living(reader, 1).await && is_living(reader, 2).await);
    }
    assert!(store.revoke_key(a_key(&user, 1).id, user.id).await);
    assert_eq!(store.revoke_all_keys(owner.id).await, 1);
    assert!(!is_living(&store, 1).await && !is_living(&store, 2).await);
    tokio::time::sleep(A_SECOND).await;
    assert!(!is_living(&other, 1).await && !is_living(&other, 2).await);
}

pub async fn a_change_of_a_keys_owner_is_seen_within_a_second(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let users = [an_admin(), an_admin(), an_admin()];
    store.insert(&users).await;
    for (user, number) in users.iter().zip(1..) {
        store.insert_key(&a_key(user, number)).await;
        assert!(is_living(&store, number).await && is_living(&other, number).await);
    }
    let [suspended, deleted, demoted] = &users;
    let suspended = changed(suspended, |record| record.suspended = true);
    let deleted = changed(deleted, |record| record.deleted_at = Some(later(60)));
    let demoted = changed(demoted, |record| record.role = Role::User);
    for (after, before) in [&suspended, &deleted, &demoted].into_iter().zip(&users) {
        let expected = before.version;
        let done = store.update(after, expected, SessionsAfter::Keep).await;
        done.unwrap();
    }
    let is_seen = async |reader: &Bench| {
        assert!(!is_living(reader, 1).await, "suspended");
        assert!(!is_living(reader, 2).await, "deleted");
        let found = reader.holder(token_hash(3)).await.unwrap();
        assert_eq!(found.user.role, Role::User);
    };
    is_seen(&store).await;
    tokio::time::sleep(A_SECOND).await;
    is_seen(&other).await;
}

//! Users: what is stored of them, and when.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::collections::BTreeMap;

use userhub_domain::{
    clock::Timestamp,
    users::{Metadata, Role, SessionsAfter, User, UserId, UserKey, Version},
};
use uuid::Uuid;

use super::{
    StoreFactory,
    steps::{Bench, changed, code, later, start},
};
use crate::{UserBuilder, a_user};

fn a_user_of_extremes() -> User {
    let metadata: BTreeMap<String, String> = (0..50)
        .map(|n| (format!("{n:ä>40}"), "\u{1f980}\n\"'\\".repeat(100)))
        .collect();
    let micros = |text: &str| text.parse::<Timestamp>().unwrap();
    UserBuilder::new()
        .id(UserId::from_uuid(Uuid::from_u128(u128::MAX)))
        .username("Abcdefghijklmnopqrstuvwxyz-._12X")
        .email(&format!(
            "{}@{}.example.org",
            "L'o%_".repeat(12),
            "d".repeat(60)
        ))
        .verified()
        .first_name(&"\u{1f980}".repeat(100))
        .last_name(&"Ǟ".repeat(100))
        .phone_number("+123456789012345")
        .external_id(&"\u{10ffff}'\"\\%_;--".repeat(28))
        .admin()
        .suspended()
        .last_login_at(micros("9999-12-31T23:59:59.999999Z"))
        .with(|record| {
            record.metadata = Metadata::parse(metadata).unwrap();
            record.version = Version(i64::MAX);
            record.created_at = micros("1969-12-31T23:59:59.000001Z");
            record.updated_at = micros("2026-02-28T23:59:59.100000Z");
        })
        .build()
}

pub async fn every_field_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let full = a_user_of_extremes();
    let bare = UserBuilder::new().no_email().build();
    let nameless = UserBuilder::new()
        .no_username()
        .email("n@example.org")
        .build();
    let deleted = UserBuilder::new().deleted_at(later(7)).build();
    let all = [full, bare, nameless, deleted];
    store.insert(&all).await;
    for user in &all {
        assert_eq!(store.user(user.id).await, *user);
    }
}

pub async fn an_update_writes_every_field(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let before = a_user();
    store.insert([&before]).await;
    let after = changed(&before, |record| {
        let version = record.version;
        let id = record.id;
        *record = a_user_of_extremes().record().clone();
        record.id = id;
        record.version = version;
        record.last_login_at = None;
    });
    store
        .update(&after, before.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(store.user(before.id).await, after);
    let bare = changed(&after, |record| {
        record.username = None;
        record.first_name = None;
        record.last_name = None;
        record.phone_number = None;
        record.external_id = None;
        record.metadata = Metadata::default();
        record.role = Role::User;
        record.suspended = false;
        record.version = Version(3);
    });
    store
        .update(&bare, after.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(store.user(before.id).await, bare);
}

pub async fn nobody_is_found_where_there_is_nobody(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    assert_eq!(store.find(user.id).await, None);
    let found = store
        .users()
        .find_with_credentials(&UserKey::Id(user.id))
        .await;
    assert_eq!(found.unwrap(), None);
    assert!(!store.purge(user.id).await);
}

pub async fn an_update_needs_the_current_version(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let second = changed(&user, |record| record.email_verified = true);
    store
        .update(&second, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    let late = changed(&user, |record| record.suspended = true);
    for expected in [user.version, Version(3), Version(0)] {
        let refused = store.update(&late, expected, SessionsAfter::End).await;
        assert_eq!(code(refused), "edit_conflict", "{expected:?}");
    }
    assert_eq!(store.user(user.id).await, second);
    let nobody = a_user();
    let refused = store
        .update(&nobody, nobody.version, SessionsAfter::Keep)
        .await;
    assert_eq!(code(refused), "edit_conflict");
}

pub async fn the_longest_deleted_are_listed_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let deleted_at = |seconds| UserBuilder::new().deleted_at(later(seconds)).build();
    let [third, first, second, young] = [30, 10, 20, 40].map(deleted_at);
    store
        .insert([&third, &first, &second, &young, &a_user()])
        .await;
    let list = async |at, limit| store.users().list_deleted_before(at, limit).await.unwrap();
    assert_eq!(list(later(40), 10).await, [first.id, second.id, third.id]);
    assert_eq!(list(later(40), 2).await, [first.id, second.id]);
    assert_eq!(list(start(), 10).await, []);
}

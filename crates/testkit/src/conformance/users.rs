//! Users: what is stored, found and unique.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::collections::BTreeMap;

use userhub_domain::{
    clock::Timestamp,
    error::Identifier,
    users::{
        EmailAddress, Metadata, Role, SessionsAfter, User, UserId, UserKey, Username, Version,
    },
};
use uuid::Uuid;

use super::{
    StoreFactory,
    steps::{Bench, changed, code, later, start, taken},
};
use crate::{UserBuilder, a_user};

fn username(text: &str) -> UserKey {
    UserKey::Username(Username::parse(text).unwrap())
}

fn email(text: &str) -> UserKey {
    UserKey::Email(EmailAddress::parse(text).unwrap())
}

fn a_user_of_extremes() -> User {
    let metadata: BTreeMap<String, String> = (0..50)
        .map(|n| (format!("{n:ä>40}"), "\u{1f980}\n\"'\\".repeat(100)))
        .collect();
    let micros = |text: &str| text.parse::<Timestamp>().unwrap();
    UserBuilder::new()
        .id(UserId::from_uuid(Uuid::from_u128(u128::MAX)))
        .username("Abcdefghijklmnopqrstuvwxyz-._12X")
        .email(&format!("{}@{}.example.org", "L'o%_".repeat(12), "d".repeat(60)))
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
    let nameless = UserBuilder::new().no_username().email("n@example.org").build();
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
    store.update(&after, before.version, SessionsAfter::Keep).await.unwrap();
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
    store.update(&bare, after.version, SessionsAfter::Keep).await.unwrap();
    assert_eq!(store.user(before.id).await, bare);
}

pub async fn names_and_addresses_are_found_in_canonical_form(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new()
        .username("Alice.B")
        .email("Alice@Example.ORG")
        .build();
    store.insert([&user, &a_user()]).await;
    for key in [
        username("alice.b"),
        username("ALICE.B"),
        email("alice@example.org"),
        email("ALICE@EXAMPLE.ORG"),
    ] {
        let found = store.users().find(&key).await.unwrap();
        assert_eq!(found.as_ref(), Some(&user), "{key:?}");
        let found = store.users().find_with_credentials(&key).await.unwrap();
        assert_eq!(found.map(|(user, _)| user).as_ref(), Some(&user), "{key:?}");
    }
    for key in [username("alice_b"), username("alice"), email("alice@example.com")] {
        assert_eq!(store.users().find(&key).await.unwrap(), None, "{key:?}");
    }
}

pub async fn nobody_is_found_where_there_is_nobody(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    assert_eq!(store.find(user.id).await, None);
    let found = store.users().find_with_credentials(&UserKey::Id(user.id)).await;
    assert_eq!(found.unwrap(), None);
    assert!(!store.purge(user.id).await);
}

pub async fn names_and_addresses_are_unique_in_canonical_form(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let first = UserBuilder::new().username("Alice").email("Alice@example.org").build();
    store.insert([&first]).await;
    let same_name = UserBuilder::new().username("aLICE").build();
    assert_eq!(taken(store.try_insert(&same_name).await), [Identifier::Username]);
    let same_address = UserBuilder::new().email("alice@EXAMPLE.org").build();
    assert_eq!(taken(store.try_insert(&same_address).await), [Identifier::Email]);
    assert_eq!(store.find(same_name.id).await, None);
    assert_eq!(store.find(same_address.id).await, None);
}

pub async fn external_ids_are_compared_exactly(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let with = |text: &str| UserBuilder::new().external_id(text).build();
    store.insert(&[with("X-1"), with("x-1"), with("x-1 %")]).await;
    assert_eq!(taken(store.try_insert(&with("X-1")).await), [Identifier::ExternalId]);
}

pub async fn any_number_of_users_lack_an_identifier(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users: Vec<User> = (0..3)
        .flat_map(|_| {
            [
                UserBuilder::new().no_email().build(),
                UserBuilder::new().no_username().build(),
            ]
        })
        .collect();
    store.insert(&users).await;
    for user in &users {
        assert_eq!(store.users().taken_identifiers(user).await.unwrap(), []);
    }
}

fn somebody_with_everything() -> UserBuilder {
    UserBuilder::new()
        .username("taken")
        .email("taken@example.org")
        .phone_number("+15551234567")
        .external_id("taken")
}

async fn insert_four_who_take_everything(store: &Bench) {
    let all = [
        UserBuilder::new().username("TAKEN").build(),
        UserBuilder::new().email("Taken@Example.org").build(),
        UserBuilder::new().phone_number("+15551234567").build(),
        UserBuilder::new().external_id("taken").build(),
    ];
    store.insert(&all).await;
}

pub async fn an_insert_names_all_taken_identifiers(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    insert_four_who_take_everything(&store).await;
    let late = somebody_with_everything().build();
    assert_eq!(store.users().taken_identifiers(&late).await.unwrap(), Identifier::ALL);
    assert_eq!(taken(store.try_insert(&late).await), Identifier::ALL);
    assert_eq!(store.find(late.id).await, None);
}

pub async fn an_update_names_all_taken_identifiers(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    insert_four_who_take_everything(&store).await;
    let user = a_user();
    store.insert([&user]).await;
    let greedy = changed(&user, |record| {
        let wanted = somebody_with_everything().build();
        record.username.clone_from(&wanted.username);
        record.email.clone_from(&wanted.email);
        record.phone_number.clone_from(&wanted.phone_number);
        record.external_id.clone_from(&wanted.external_id);
    });
    let refused = store.update(&greedy, user.version, SessionsAfter::Keep).await;
    assert_eq!(taken(refused), Identifier::ALL);
    assert_eq!(store.user(user.id).await, user);
}

pub async fn ones_own_identifiers_are_not_taken(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = somebody_with_everything().build();
    store.insert([&user]).await;
    assert_eq!(store.users().taken_identifiers(&user).await.unwrap(), []);
    let after = changed(&user, |record| {
        record.username = Username::parse("TAKEN").ok();
        record.email = EmailAddress::parse("TAKEN@example.org").ok();
    });
    store.update(&after, user.version, SessionsAfter::Keep).await.unwrap();
    assert_eq!(store.user(user.id).await, after);
}

pub async fn the_deleted_are_found_by_id_alone(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().username("gone").email("gone@example.org").build();
    store.insert([&user]).await;
    let mut deleted = user.clone();
    assert!(deleted.delete(later(60)));
    store.update(&deleted, user.version, SessionsAfter::End).await.unwrap();
    assert_eq!(store.user(user.id).await, deleted);
    for key in [username("gone"), email("gone@example.org")] {
        assert_eq!(store.users().find(&key).await.unwrap(), None);
        assert_eq!(store.users().find_with_credentials(&key).await.unwrap(), None);
    }
}

pub async fn identifiers_of_the_deleted_are_free(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let first = somebody_with_everything().deleted().build();
    let second = somebody_with_everything().deleted().build();
    let living = somebody_with_everything().build();
    assert_eq!(store.users().taken_identifiers(&living).await.unwrap(), []);
    store.insert([&first, &second, &living]).await;
    let found = store.users().find(&username("taken")).await.unwrap();
    assert_eq!(found, Some(living));
}

pub async fn a_restored_user_conflicts_with_the_living(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let gone = somebody_with_everything().deleted().build();
    let living = UserBuilder::new()
        .username("TAKEN")
        .phone_number("+15551234567")
        .build();
    store.insert([&gone, &living]).await;
    let mut restored = gone.clone();
    restored.restore(later(60)).unwrap();
    let named = store.users().taken_identifiers(&gone).await.unwrap();
    assert_eq!(named, [Identifier::Username, Identifier::PhoneNumber]);
    let refused = store.update(&restored, gone.version, SessionsAfter::End).await;
    assert_eq!(taken(refused), named);
    assert_eq!(store.user(gone.id).await, gone);
    let mut away = living.clone();
    away.delete(later(90));
    store.update(&away, living.version, SessionsAfter::End).await.unwrap();
    store.update(&restored, gone.version, SessionsAfter::End).await.unwrap();
    assert_eq!(store.user(gone.id).await, restored);
}

pub async fn an_update_needs_the_current_version(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let second = changed(&user, |record| record.email_verified = true);
    store.update(&second, user.version, SessionsAfter::Keep).await.unwrap();
    let late = changed(&user, |record| record.suspended = true);
    for expected in [user.version, Version(3), Version(0)] {
        let refused = store.update(&late, expected, SessionsAfter::End).await;
        assert_eq!(code(refused), "edit_conflict", "{expected:?}");
    }
    assert_eq!(store.user(user.id).await, second);
    let nobody = a_user();
    let refused = store.update(&nobody, nobody.version, SessionsAfter::Keep).await;
    assert_eq!(code(refused), "edit_conflict");
}

pub async fn the_longest_deleted_are_listed_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let deleted_at = |seconds| UserBuilder::new().deleted_at(later(seconds)).build();
    let [third, first, second, young] = [30, 10, 20, 40].map(deleted_at);
    store.insert([&third, &first, &second, &young, &a_user()]).await;
    let list = async |at, limit| store.users().list_deleted_before(at, limit).await.unwrap();
    assert_eq!(list(later(40), 10).await, [first.id, second.id, third.id]);
    assert_eq!(list(later(40), 2).await, [first.id, second.id]);
    assert_eq!(list(start(), 10).await, []);
}

//! Identifiers: how users are found, and what is unique.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    error::Identifier,
    users::{EmailAddress, SessionsAfter, User, UserKey, Username},
};

use super::{
    StoreFactory,
    outcome::taken,
    steps::{Bench, changed, later},
};
use crate::{UserBuilder, a_user};

fn username(text: &str) -> UserKey {
    UserKey::Username(Username::parse(text).unwrap())
}

fn email(text: &str) -> UserKey {
    UserKey::Email(EmailAddress::parse(text).unwrap())
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
    for key in [
        username("alice_b"),
        username("alice"),
        email("alice@example.com"),
    ] {
        assert_eq!(store.users().find(&key).await.unwrap(), None, "{key:?}");
    }
}

pub async fn the_deleted_are_found_by_id_alone(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new()
        .username("gone")
        .email("gone@example.org")
        .build();
    store.insert([&user]).await;
    let mut deleted = user.clone();
    assert!(deleted.delete(later(60)));
    store
        .update(&deleted, user.version, SessionsAfter::End)
        .await
        .unwrap();
    assert_eq!(store.user(user.id).await, deleted);
    for key in [username("gone"), email("gone@example.org")] {
        assert_eq!(store.users().find(&key).await.unwrap(), None);
        assert_eq!(
            store.users().find_with_credentials(&key).await.unwrap(),
            None
        );
    }
}

pub async fn names_and_addresses_are_unique_in_canonical_form(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let first = UserBuilder::new()
        .username("Alice")
        .email("Alice@example.org")
        .build();
    store.insert([&first]).await;
    let same_name = UserBuilder::new().username("aLICE").build();
    assert_eq!(
        taken(store.try_insert(&same_name).await),
        [Identifier::Username]
    );
    let same_address = UserBuilder::new().email("alice@EXAMPLE.org").build();
    assert_eq!(
        taken(store.try_insert(&same_address).await),
        [Identifier::Email]
    );
    assert_eq!(store.find(same_name.id).await, None);
    assert_eq!(store.find(same_address.id).await, None);
}

pub async fn external_ids_are_compared_exactly(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let with = |text: &str| UserBuilder::new().external_id(text).build();
    store
        .insert(&[with("X-1"), with("x-1"), with("x-1 %")])
        .await;
    assert_eq!(
        taken(store.try_insert(&with("X-1")).await),
        [Identifier::ExternalId]
    );
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
    assert_eq!(
        store.users().taken_identifiers(&late).await.unwrap(),
        Identifier::ALL
    );
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
    let refused = store
        .update(&greedy, user.version, SessionsAfter::Keep)
        .await;
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
    store
        .update(&after, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(store.user(user.id).await, after);
}

pub async fn identifiers_of_the_deleted_are_free(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let first = somebody_with_everything().deleted().build();
    let second = somebody_with_everything().deleted().build();
    let living = somebody_with_everything().build();
    assert_eq!(store.users().taken_identifiers(&living).await.unwrap(), []);
    store.insert([&first, &living, &second]).await;
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
    let refused = store
        .update(&restored, gone.version, SessionsAfter::End)
        .await;
    assert_eq!(taken(refused), named);
    assert_eq!(store.user(gone.id).await, gone);
    let mut away = living.clone();
    away.delete(later(90));
    store
        .update(&away, living.version, SessionsAfter::End)
        .await
        .unwrap();
    store
        .update(&restored, gone.version, SessionsAfter::End)
        .await
        .unwrap();
    assert_eq!(store.user(gone.id).await, restored);
}

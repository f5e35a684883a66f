//! Users: what is stored of them, and when.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use userhub_domain::{
    clock::Timestamp,
    handed_out::HandedOutToken,
    sessions::Session,
    users::{EmailAddress, Metadata, Role, SessionsAfter, User, UserId, UserKey, Version},
};
use uuid::Uuid;

use super::{
    StoreFactory,
    outcome::code,
    steps::{
        Bench, a_reset_token, a_rotation, a_session, an_event, changed, later, start, token_hash,
    },
};
use crate::{SeededEntropy, UserBuilder, a_user};

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
        .with(|record| record.mfa_enabled = true)
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
        record.mfa_enabled = false;
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
    // Whoever is overtaken has to look again, also where he takes what is taken.
    let other = UserBuilder::new().username("taken").build();
    store.insert([&other]).await;
    let late = changed(&user, |record| {
        record.suspended = true;
        record.username.clone_from(&other.username);
    });
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

pub async fn an_address_is_verified_while_it_is_the_users(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().email("Ann@Example.org").build();
    let other = a_user();
    let gone = UserBuilder::new()
        .email("gone@example.org")
        .deleted()
        .build();
    let bare = UserBuilder::new().no_email().build();
    let suspended = UserBuilder::new()
        .email("waiting@example.org")
        .suspended()
        .build();
    store
        .insert([&user, &other, &gone, &bare, &suspended])
        .await;
    let before = store.credentials(user.id).await;
    let verify = async |user: &User, email: &str, seconds| {
        let email = EmailAddress::parse(email).unwrap();
        store.verify_email(user.id, &email, later(seconds)).await
    };
    for nobody in [&other, &bare, &a_user()] {
        assert!(!verify(nobody, "ann@example.org", 50).await);
    }
    assert!(!verify(&gone, "gone@example.org", 50).await);
    assert!(!verify(&user, "ann@example.org.example", 50).await);
    assert_eq!(store.user(user.id).await, user);
    let after = changed(&user, |record| {
        record.email_verified = true;
        record.updated_at = later(60);
    });
    for seconds in [60, 70] {
        assert!(verify(&user, "ann@EXAMPLE.org", seconds).await);
        assert_eq!(store.user(user.id).await, after);
    }
    assert_eq!(store.credentials(user.id).await, before);
    for untouched in [&other, &gone, &bare, &suspended] {
        assert_eq!(store.user(untouched.id).await, *untouched);
    }
    assert!(verify(&suspended, "waiting@example.org", 80).await);
    assert!(store.user(suspended.id).await.email_verified);
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

pub async fn times_keep_their_microseconds(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let odd = |seconds, micros| later(seconds) + TimeDelta::microseconds(micros);
    let user = UserBuilder::new().created_at(odd(0, 1)).build();
    let gone = UserBuilder::new().deleted_at(odd(5, 999_999)).build();
    store.insert([&user, &gone]).await;
    let session = Session {
        created_at: odd(0, 654_321),
        last_used_at: odd(1, 3),
        expires_at: odd(3600, 100_001),
        ends_at: odd(86_400, 999_999),
        ..a_session(&user, 1)
    };
    store.insert_sessions([&session]).await;
    let token = HandedOutToken {
        created_at: odd(0, 7),
        expires_at: odd(3600, 123_457),
        ..a_reset_token(&user, 2)
    };
    store.replace_token(&token).await;
    let unit = store.unit().await;
    let at = odd(60, 250_001);
    assert!(unit.users().record_login(user.id, at).await.unwrap());
    let event = an_event(&SeededEntropy::new(1), user.id, odd(60, 250_002));
    unit.commit(std::slice::from_ref(&event)).await.unwrap();
    let found = store.user(user.id).await;
    assert_eq!(
        (found.created_at, found.last_login_at),
        (user.created_at, Some(at))
    );
    assert_eq!(store.user(gone.id).await.deleted_at, gone.deleted_at);
    let found = store.principal(session.id).await.unwrap().session;
    assert_eq!(
        found,
        Session {
            origin: found.origin.clone(),
            ..session.clone()
        }
    );
    assert_eq!(store.find_token(token.hash).await, Some(token));
    assert_eq!(store.events().await, [event]);
    let mut step = a_rotation(&session, 3);
    step.spent.spent_at = odd(61, 5);
    assert!(store.rotate(&step).await);
    let found = store.sessions().find_by_refresh_token(token_hash(1)).await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.spent.unwrap().spent_at, odd(61, 5));
    assert_eq!(found.principal.session.last_used_at, odd(61, 5));
}

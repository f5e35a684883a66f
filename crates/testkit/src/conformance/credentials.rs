//! Passwords, the number that voids sessions, and what goes with a user for good.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    audit::Actor,
    users::{AuthVersion, SessionsAfter, User, UserKey, UserRecord},
};

use super::{
    StoreFactory,
    outcome::code,
    steps::{
        Bench, a_reset_token, a_rotation, a_session, an_event, an_origin, changed, hash, later,
        start, token_hash,
    },
};
use crate::{SeededEntropy, UserBuilder, a_user};

/// Somebody with everything that a verb could take from him.
fn a_full_user() -> User {
    UserBuilder::new()
        .verified()
        .last_login_at(later(-60))
        .metadata([("key", "value")])
        .with(|record| record.mfa_enabled = true)
        .build()
}

pub async fn a_new_user_has_the_given_hash_and_the_first_number(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let found = store.credentials(user.id).await;
    assert_eq!(found.password_hash, hash("first"));
    assert_eq!(found.auth_version, AuthVersion::FIRST);
}

pub async fn a_long_hash_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let long = "x".repeat(400);
    store
        .set_password(user.id, &long, AuthVersion::FIRST)
        .await
        .unwrap();
    assert_eq!(store.credentials(user.id).await.password_hash, hash(&long));
}

pub async fn a_sign_in_is_recorded_and_changes_nothing_else(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_full_user();
    let other = a_user();
    store.insert([&user, &other]).await;
    let before = store.credentials(user.id).await;
    let unit = store.unit().await;
    assert!(unit.users().record_login(user.id, later(60)).await.unwrap());
    let nobody = unit.users().record_login(a_user().id, later(60)).await;
    assert!(!nobody.unwrap(), "there is no such user");
    unit.commit(&[]).await.unwrap();
    let expected = User::from_record(UserRecord {
        last_login_at: Some(later(60)),
        ..user.record().clone()
    });
    assert_eq!(store.user(user.id).await, expected);
    assert_eq!(store.credentials(user.id).await, before);
    assert_eq!(store.user(other.id).await, other);
}

pub async fn an_update_does_not_write_the_last_login(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let unit = store.unit().await;
    unit.users().record_login(user.id, later(60)).await.unwrap();
    unit.commit(&[]).await.unwrap();
    let after = changed(&user, |record| record.last_login_at = Some(later(5)));
    store
        .update(&after, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    let found = store.user(user.id).await;
    assert_eq!(found.last_login_at, Some(later(60)));
    assert_eq!(found.version, after.version);
}

pub async fn an_update_ends_sessions_only_when_it_is_told_to(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let second = changed(&user, |record| record.email_verified = true);
    store
        .update(&second, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(
        store.credentials(user.id).await.auth_version,
        AuthVersion::FIRST
    );
    let third = changed(&second, |record| record.suspended = true);
    store
        .update(&third, second.version, SessionsAfter::End)
        .await
        .unwrap();
    let found = store.credentials(user.id).await;
    assert_eq!(found.auth_version, AuthVersion(2));
    assert_eq!(found.password_hash, hash("first"));
}

pub async fn a_new_password_raises_the_number_and_nothing_else(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_full_user();
    let other = a_user();
    store.insert([&user, &other]).await;
    let next = store
        .set_password(user.id, "second", AuthVersion::FIRST)
        .await;
    assert_eq!(next.unwrap(), AuthVersion(2));
    let found = store.credentials(user.id).await;
    assert_eq!(found.auth_version, AuthVersion(2));
    assert_eq!(found.password_hash, hash("second"));
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(
        store.credentials(other.id).await.auth_version,
        AuthVersion::FIRST
    );
}

pub async fn a_password_is_set_only_under_the_expected_number(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    store
        .set_password(user.id, "second", AuthVersion::FIRST)
        .await
        .unwrap();
    for expected in [AuthVersion::FIRST, AuthVersion(3)] {
        let refused = store.set_password(user.id, "third", expected).await;
        assert_eq!(code(refused), "edit_conflict", "{expected:?}");
    }
    assert_eq!(
        store.credentials(user.id).await.password_hash,
        hash("second")
    );
}

pub async fn the_deleted_and_the_unknown_get_no_password(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let gone = UserBuilder::new().deleted().build();
    let suspended = UserBuilder::new().suspended().build();
    store.insert([&gone, &suspended]).await;
    for user in [&gone, &a_user()] {
        let refused = store
            .set_password(user.id, "second", AuthVersion::FIRST)
            .await;
        assert_eq!(code(refused), "edit_conflict");
    }
    assert_eq!(
        store.credentials(gone.id).await.password_hash,
        hash("first")
    );
    store
        .set_password(suspended.id, "second", AuthVersion::FIRST)
        .await
        .unwrap();
}

pub async fn a_rehash_replaces_only_the_old_hash_and_ends_nothing(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_full_user();
    store.insert([&user]).await;
    let rehash = async |old, new| {
        let unit = store.unit().await;
        unit.users()
            .rehash(user.id, &hash(old), &hash(new))
            .await
            .unwrap();
        unit.commit(&[]).await.unwrap();
        store.credentials(user.id).await
    };
    let found = rehash("another", "wrong").await;
    assert_eq!(found.password_hash, hash("first"));
    let found = rehash("first", "stronger").await;
    assert_eq!(found.password_hash, hash("stronger"));
    assert_eq!(found.auth_version, AuthVersion::FIRST);
    assert_eq!(store.user(user.id).await, user);
}

pub async fn ending_all_sessions_raises_the_number_and_nothing_else(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_full_user();
    let other = a_user();
    store.insert([&user, &other]).await;
    store.end_all_sessions(user.id).await;
    let found = store.credentials(user.id).await;
    assert_eq!(found.auth_version, AuthVersion(2));
    assert_eq!(found.password_hash, hash("first"));
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(
        store.credentials(other.id).await.auth_version,
        AuthVersion::FIRST
    );
}

pub async fn credentials_and_their_number_are_from_one_moment(factory: &dyn StoreFactory) {
    let [writer, reader] = Bench::open_two(factory).await;
    let user = a_user();
    let id = user.id;
    writer.insert([&user]).await;
    writer
        .set_password(id, "of 2", AuthVersion::FIRST)
        .await
        .unwrap();
    let writing = tokio::spawn(async move {
        for number in 3..33 {
            let word = format!("of {number}");
            let before = AuthVersion(number - 1);
            writer.set_password(id, &word, before).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let found = reader.credentials(id).await;
        let word = format!("of {}", found.auth_version.0);
        assert_eq!(found.password_hash, hash(&word));
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

pub async fn only_the_deleted_are_purged(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().username("gone").build();
    store.insert([&user]).await;
    assert!(!store.purge(user.id).await);
    assert_eq!(store.user(user.id).await, user);
    let mut deleted = user.clone();
    deleted.delete(later(60));
    store
        .update(&deleted, user.version, SessionsAfter::End)
        .await
        .unwrap();
    assert!(store.purge(user.id).await);
    assert!(!store.purge(user.id).await);
    assert_eq!(store.find(user.id).await, None);
    let found = store
        .users()
        .find_with_credentials(&UserKey::Id(user.id))
        .await;
    assert_eq!(found.unwrap(), None);
}

pub async fn a_purge_takes_sessions_and_tokens_along(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let gone = UserBuilder::new().deleted().build();
    let other = a_user();
    store.insert([&gone, &other]).await;
    let session = a_session(&gone, 1);
    let kept = a_session(&other, 2);
    store.insert_sessions([&session, &kept]).await;
    assert!(store.rotate(&a_rotation(&session, 3)).await);
    store.replace_token(&a_reset_token(&gone, 4)).await;
    store.replace_token(&a_reset_token(&other, 5)).await;
    assert!(store.principal(session.id).await.is_some());
    assert!(store.purge(gone.id).await);
    assert_eq!(store.principal(session.id).await, None);
    for number in [1, 3] {
        let found = store
            .sessions()
            .find_by_refresh_token(token_hash(number))
            .await;
        assert_eq!(found.unwrap(), None);
    }
    assert_eq!(store.find_token(token_hash(4)).await, None);
    let found = store.principal(kept.id).await.expect("of another user");
    assert_eq!(found.session.refresh_hash, kept.refresh_hash);
    assert!(store.find_token(token_hash(5)).await.is_some());
}

pub async fn events_of_the_purged_stay_without_personal_data(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let gone = UserBuilder::new().deleted().build();
    let other = a_user();
    store.insert([&gone, &other]).await;
    let about_gone = an_event(&entropy, gone.id, later(2));
    let about_other = an_event(&entropy, other.id, start());
    let mut by_gone = an_event(&entropy, other.id, later(1));
    by_gone.actor = Actor::User(gone.id);
    let all = [about_other.clone(), by_gone.clone(), about_gone.clone()];
    store.record(&all).await;
    assert!(store.purge(gone.id).await);
    let expected = [about_gone, by_gone].map(|mut event| {
        event.origin.address = None;
        event.origin.user_agent = None;
        assert_eq!(event.origin.request_id, an_origin().request_id);
        event
    });
    let [about_gone, by_gone] = expected;
    assert_eq!(store.events().await, [about_gone, by_gone, about_other]);
}

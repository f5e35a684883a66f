//! Tokens that are used once.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    handed_out::HandedOutToken,
    secret::{TokenHash, TokenPurpose},
    users::AuthVersion,
};

use super::{
    StoreFactory,
    flow_steps::{a_challenge, address},
    steps::{Bench, a_reset_token, later, token_hash},
};
use crate::a_user;

async fn consume(store: &Bench, hash: TokenHash) -> bool {
    let unit = store.unit().await;
    let won = unit.handed_out_tokens().consume(hash).await.unwrap();
    unit.commit(&[]).await.unwrap();
    won
}

pub async fn a_handed_out_token_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let token = HandedOutToken {
        auth_version: AuthVersion(7),
        ..a_reset_token(&user, 1)
    };
    let bare = HandedOutToken {
        purpose: TokenPurpose::EmailVerification,
        address: None,
        ..a_reset_token(&user, 2)
    };
    let full = HandedOutToken {
        purpose: TokenPurpose::EmailChange,
        address: Some(address("O'ld%_@EXAMPLE.org")),
        new_address: Some(address("New@Example.ORG")),
        ..a_reset_token(&user, 3)
    };
    // Each purpose has one token: none of them takes another's place.
    for token in [&token, &bare, &full] {
        store.replace_token(token).await;
    }
    for token in [token, bare, full] {
        let found = store.handed_out_tokens().find(token.hash, token.purpose);
        assert_eq!(found.await.unwrap(), Some(token));
    }
    assert_eq!(store.find_token(token_hash(4)).await, None);
}

pub async fn a_token_is_found_for_its_purpose_alone(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    store.replace_token(&a_reset_token(&user, 1)).await;
    let tokens = store.handed_out_tokens();
    let found = tokens.find(token_hash(1), TokenPurpose::Refresh).await;
    assert_eq!(found.unwrap(), None);
    let found = tokens
        .find(token_hash(1), TokenPurpose::PasswordReset)
        .await;
    assert!(found.unwrap().is_some());
}

pub async fn a_new_token_voids_the_one_before(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    let other = a_user();
    store.insert([&user, &other]).await;
    store.replace_token(&a_reset_token(&other, 1)).await;
    store.replace_token(&a_reset_token(&user, 2)).await;
    store.replace_token(&a_reset_token(&user, 3)).await;
    assert!(store.find_token(token_hash(1)).await.is_some());
    assert_eq!(store.find_token(token_hash(2)).await, None);
    assert!(store.find_token(token_hash(3)).await.is_some());
    assert!(!consume(&store, token_hash(2)).await);
}

pub async fn a_token_that_was_asked_for_later_stays(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let asked_for = |number: u64, seconds| HandedOutToken {
        created_at: later(seconds),
        ..a_reset_token(&user, number)
    };
    store.replace_token(&asked_for(1, 10)).await;
    let unit = store.unit().await;
    let late = unit.handed_out_tokens().replace(&asked_for(2, 9)).await;
    assert!(!late.unwrap());
    unit.commit(&[]).await.unwrap();
    assert_eq!(
        store.find_token(token_hash(1)).await,
        Some(asked_for(1, 10))
    );
    assert_eq!(store.find_token(token_hash(2)).await, None);
    // At the same moment the one that comes last counts.
    store.replace_token(&asked_for(3, 10)).await;
    assert_eq!(store.find_token(token_hash(1)).await, None);
    assert!(store.find_token(token_hash(3)).await.is_some());
}

pub async fn tokens_of_an_address_are_voided_together(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    let handed_over = HandedOutToken {
        purpose: TokenPurpose::EmailChange,
        address: None,
        ..a_reset_token(&user, 2)
    };
    let verification = HandedOutToken {
        purpose: TokenPurpose::EmailVerification,
        ..a_reset_token(&user, 3)
    };
    let tokens = [
        a_reset_token(&user, 1),
        handed_over,
        verification,
        a_reset_token(&other, 4),
    ];
    for token in &tokens {
        store.replace_token(token).await;
    }
    store.add_challenge(&a_challenge(&user, 5)).await;
    let unit = store.unit().await;
    unit.handed_out_tokens().void_mailed(user.id).await.unwrap();
    unit.commit(&[]).await.unwrap();
    for (token, stays) in tokens.iter().zip([false, true, false, true]) {
        let found = store.handed_out_tokens().find(token.hash, token.purpose);
        assert_eq!(found.await.unwrap().is_some(), stays, "{token:?}");
    }
    assert!(store.find_challenge(5).await.is_some());
}

pub async fn a_consumed_token_is_gone(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    store.replace_token(&a_reset_token(&user, 1)).await;
    assert!(!consume(&store, token_hash(2)).await);
    assert!(consume(&store, token_hash(1)).await);
    assert!(!consume(&store, token_hash(1)).await);
    assert_eq!(store.find_token(token_hash(1)).await, None);
    store.replace_token(&a_reset_token(&user, 3)).await;
    assert!(consume(&store, token_hash(3)).await);
}

pub async fn expired_tokens_are_found_until_they_are_removed(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = [a_user(), a_user(), a_user(), a_user(), a_user()];
    store.insert(&users).await;
    for (user, number) in users.iter().zip(1..) {
        // The last two end at the very moment, and later.
        let seconds = [10, 10, 10, 20, 30][usize::try_from(number).unwrap() - 1];
        let token = HandedOutToken {
            expires_at: later(seconds),
            ..a_reset_token(user, number)
        };
        store.replace_token(&token).await;
    }
    // What is void for another reason goes when its time has come, not before.
    store.end_all_sessions(users[4].id).await;
    assert!(store.find_token(token_hash(1)).await.is_some());
    let mut removed = Vec::new();
    for _ in 0..3 {
        let unit = store.unit().await;
        let count = unit.handed_out_tokens().remove_expired(later(20), 2).await;
        unit.commit(&[]).await.unwrap();
        removed.push(count.unwrap());
    }
    assert_eq!(removed, [2, 1, 0]);
    for number in 1..4 {
        assert_eq!(store.find_token(token_hash(number)).await, None);
    }
    for number in [4, 5] {
        assert!(store.find_token(token_hash(number)).await.is_some());
    }
}

pub async fn challenges_stand_side_by_side(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    store.replace_token(&a_reset_token(&user, 9)).await;
    let all = [(&user, 1), (&user, 2), (&user, 3), (&other, 4)];
    for (user, number) in all {
        store.add_challenge(&a_challenge(user, number)).await;
    }
    for (user, number) in all {
        let found = store.find_challenge(number).await;
        assert_eq!(found, Some(a_challenge(user, number)));
    }
    assert!(consume(&store, token_hash(2)).await);
    assert!(!consume(&store, token_hash(2)).await);
    for number in [1, 3, 4] {
        assert!(store.find_challenge(number).await.is_some());
    }
    assert!(store.find_token(token_hash(9)).await.is_some());
    // What has one token per user is not handed out so.
    let unit = store.unit().await;
    let reset = a_reset_token(&user, 5);
    assert!(
        unit.handed_out_tokens()
            .add_challenge(&reset)
            .await
            .is_err()
    );
    drop(unit);
    assert_eq!(store.find_token(token_hash(5)).await, None);
}

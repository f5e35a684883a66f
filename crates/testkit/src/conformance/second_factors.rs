//! Second factors: apps, their spent steps, and recovery codes.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::TimeDelta;
use userhub_domain::{
    second_factor::{SealedSeed, TotpFactor},
    users::{SessionsAfter, User, UserRecord},
};

use super::{
    StoreFactory,
    concurrency::race,
    flow_steps::{a_code, a_factor},
    steps::{Bench, a_session, changed, later, start},
};
use crate::{UserBuilder, a_user};

/// The same user with or without a second factor, and nothing else moved.
fn with_factor(user: &User, mfa_enabled: bool) -> User {
    User::from_record(UserRecord {
        mfa_enabled,
        ..user.record().clone()
    })
}

fn count(all: &[bool]) -> usize {
    all.iter().filter(|one| **one).count()
}

pub async fn a_factor_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    assert_eq!(store.factor(user.id).await, None);
    let factor = TotpFactor {
        seed: SealedSeed::new((0..=255).collect()),
        created_at: start() + TimeDelta::microseconds(250_001),
        last_step: 59_000_000,
        ..a_factor(&user, 0)
    };
    assert!(store.enrol(&a_factor(&other, 7)).await);
    assert!(store.enrol(&factor).await);
    assert_eq!(store.factor(user.id).await, Some(factor.clone()));
    let at = later(60) + TimeDelta::microseconds(123_457);
    let step = i64::from(i32::MAX) + 1;
    assert!(store.confirm(user.id, &factor.seed, step, at).await);
    let confirmed = TotpFactor {
        confirmed_at: Some(at),
        last_step: step,
        ..factor
    };
    assert_eq!(store.factor(user.id).await, Some(confirmed));
    assert_eq!(store.factor(other.id).await, Some(a_factor(&other, 7)));
}

pub async fn a_confirmed_factor_is_not_replaced(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let [first, second, third] = [1, 2, 3].map(|number: u8| TotpFactor {
        created_at: later(number.into()),
        last_step: number.into(),
        ..a_factor(&user, number)
    });
    assert!(store.enrol(&first).await);
    assert!(store.enrol(&second).await);
    assert_eq!(store.factor(user.id).await, Some(second.clone()));
    assert!(store.confirm(user.id, &second.seed, 100, later(60)).await);
    let confirmed = store.factor(user.id).await;
    assert!(!store.enrol(&third).await);
    assert_eq!(store.factor(user.id).await, confirmed);
    assert!(store.user(user.id).await.mfa_enabled);
}

pub async fn confirming_a_factor_is_seen_on_the_user(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    let session = a_session(&user, 1);
    store.insert_sessions([&session]).await;
    let before = store.credentials(user.id).await;
    assert!(!store.principal(session.id).await.unwrap().user.mfa_enabled);
    let factor = a_factor(&user, 1);
    for one in [&factor, &a_factor(&other, 2)] {
        assert!(store.enrol(one).await);
    }
    assert_eq!(store.user(user.id).await, user);
    // Of nobody, and with the seed of somebody else.
    let nobody = a_user();
    let wrong = a_factor(&other, 2).seed;
    assert!(!store.confirm(nobody.id, &factor.seed, 9, later(60)).await);
    assert!(!store.confirm(user.id, &wrong, 9, later(60)).await);
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(store.factor(user.id).await, Some(factor.clone()));
    assert!(store.confirm(user.id, &factor.seed, 9, later(60)).await);
    assert_eq!(store.user(user.id).await, with_factor(&user, true));
    assert_eq!(store.credentials(user.id).await, before);
    let found = store.principal(session.id).await.unwrap();
    assert!(found.user.mfa_enabled && found.is_living(start()));
    assert_eq!(store.user(other.id).await, other);
    assert!(!store.confirm(user.id, &factor.seed, 10, later(70)).await);
    let found = store.factor(user.id).await.unwrap();
    assert_eq!((found.last_step, found.confirmed_at), (9, Some(later(60))));
}

pub async fn an_update_does_not_write_the_second_factor(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let second = changed(&user, |record| record.mfa_enabled = true);
    let keep = SessionsAfter::Keep;
    store.update(&second, user.version, keep).await.unwrap();
    let expected = with_factor(&second, false);
    assert_eq!(store.user(user.id).await, expected);
    store.set_up_factor(&user, &[]).await;
    let third = changed(&second, |record| record.mfa_enabled = false);
    store.update(&third, second.version, keep).await.unwrap();
    assert_eq!(store.user(user.id).await, with_factor(&third, true));
}

pub async fn a_step_is_spent_once(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let store = &stores[0];
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    let factor = a_factor(&user, 1);
    assert!(store.enrol(&factor).await);
    assert!(!store.spend_step(user.id, 100).await, "not confirmed yet");
    assert!(store.confirm(user.id, &factor.seed, 100, later(60)).await);
    let expected = [
        (100, false),
        (99, false),
        (101, true),
        (101, false),
        (100, false),
        (103, true),
        (102, false),
    ];
    for (step, is_spent) in expected {
        assert_eq!(store.spend_step(user.id, step).await, is_spent, "{step}");
    }
    assert!(!store.spend_step(other.id, 200).await, "without an app");
    let id = user.id;
    let spend = |store: Bench, _| async move { store.spend_step(id, 200).await };
    assert_eq!(count(&race(&stores, 20, spend).await), 1);
    assert_eq!(store.factor(user.id).await.unwrap().last_step, 200);
}

pub async fn a_recovery_code_is_used_once(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let store = &stores[0];
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    assert_eq!(store.count_codes(user.id).await, 0);
    assert!(!store.use_code(user.id, &a_code(1)).await);
    store.set_up_factor(&user, &[1, 2, 3].map(a_code)).await;
    store.set_up_factor(&other, &[4, 5].map(a_code)).await;
    assert!(!store.use_code(user.id, &a_code(4)).await, "of another");
    assert!(!store.use_code(user.id, &a_code(9)).await, "of nobody");
    assert!(store.use_code(user.id, &a_code(2)).await);
    assert!(!store.use_code(user.id, &a_code(2)).await, "used");
    assert_eq!(store.count_codes(user.id).await, 2);
    assert_eq!(store.count_codes(other.id).await, 2);
    let id = user.id;
    let using = |store: Bench, _| async move { store.use_code(id, &a_code(3)).await };
    assert_eq!(count(&race(&stores, 20, using).await), 1);
    assert_eq!(store.count_codes(user.id).await, 1);
    assert!(store.use_code(other.id, &a_code(4)).await);
}

pub async fn new_recovery_codes_void_the_others(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [user, other] = [a_user(), a_user()];
    store.insert([&user, &other]).await;
    store.set_up_factor(&user, &[1, 2, 3].map(a_code)).await;
    store.set_up_factor(&other, &[4].map(a_code)).await;
    assert!(store.use_code(user.id, &a_code(1)).await);
    store.replace_codes(user.id, &[5, 6].map(a_code)).await;
    assert_eq!(store.count_codes(user.id).await, 2);
    for (code, is_good) in [(1, false), (2, false), (3, false), (5, true)] {
        let used = store.use_code(user.id, &a_code(code)).await;
        assert_eq!(used, is_good, "{code}");
    }
    store.replace_codes(user.id, &[]).await;
    assert_eq!(store.count_codes(user.id).await, 0);
    assert_eq!(store.count_codes(other.id).await, 1);
}

pub async fn a_removed_factor_is_gone_with_its_codes(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().metadata([("key", "value")]).build();
    let other = a_user();
    store.insert([&user, &other]).await;
    assert!(!store.remove_factor(user.id).await, "there is none");
    assert!(store.enrol(&a_factor(&user, 9)).await);
    assert!(!store.remove_factor(user.id).await, "not confirmed yet");
    assert_eq!(store.factor(user.id).await, None);
    store.set_up_factor(&user, &[1, 2].map(a_code)).await;
    store.set_up_factor(&other, &[3, 4].map(a_code)).await;
    let before = store.credentials(user.id).await;
    assert!(store.remove_factor(user.id).await);
    assert!(!store.remove_factor(user.id).await, "gone already");
    assert_eq!(store.factor(user.id).await, None);
    assert_eq!(store.count_codes(user.id).await, 0);
    assert!(!store.use_code(user.id, &a_code(1)).await);
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(store.credentials(user.id).await, before);
    assert!(store.factor(other.id).await.is_some());
    assert_eq!(store.count_codes(other.id).await, 2);
    assert!(store.user(other.id).await.mfa_enabled);
    // Another one can be set up.
    store.set_up_factor(&user, &[5].map(a_code)).await;
    assert_eq!(store.count_codes(user.id).await, 1);
}

pub async fn an_unconfirmed_factor_is_removed_with_all_that_hangs_on_it(
    factory: &dyn StoreFactory,
) {
    let store = Bench::open(factory).await;
    // As an import may leave it: marked, with codes, and with no app that is confirmed.
    let user = with_factor(&a_user(), true);
    store.insert([&user]).await;
    assert!(store.enrol(&a_factor(&user, 1)).await);
    store.replace_codes(user.id, &[1, 2].map(a_code)).await;
    assert!(!store.remove_factor(user.id).await, "not confirmed yet");
    assert_eq!(store.factor(user.id).await, None);
    assert_eq!(store.count_codes(user.id).await, 0);
    assert_eq!(store.user(user.id).await, with_factor(&user, false));
}

pub async fn one_of_many_confirms_a_factor(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    let factor = a_factor(&user, 1);
    assert!(stores[0].enrol(&factor).await);
    let results = race(&stores, 20, |store, number| {
        // Every second one has the seed of an app that was given up.
        let seed = match number % 2 {
            0 => factor.seed.clone(),
            _ => a_factor(&user, 2).seed,
        };
        let (id, step) = (user.id, i64::try_from(number).unwrap() + 100);
        async move { store.confirm(id, &seed, step, later(60)).await }
    })
    .await;
    assert_eq!(count(&results), 1);
    let winner = results.iter().position(|won| *won).unwrap();
    assert_eq!(winner % 2, 0, "only the seed that is there");
    let found = stores[1].factor(user.id).await.unwrap();
    assert_eq!(found.last_step, i64::try_from(winner).unwrap() + 100);
}

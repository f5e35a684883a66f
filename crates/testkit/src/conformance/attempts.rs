//! How attempts are counted.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::TimeDelta;
use userhub_domain::{
    clock::Timestamp,
    throttle::{AttemptKey, AttemptRule, Counted},
};

use super::{
    StoreFactory,
    concurrency::race,
    steps::{Bench, later},
};

/// So many are free, then one waits for 10, 20, 40, 60 and again 60 seconds;
/// everything is forgotten after 300.
fn rule(free: u32) -> AttemptRule {
    AttemptRule {
        free,
        first_delay: TimeDelta::seconds(10),
        longest_delay: TimeDelta::seconds(60),
        forgotten_after: TimeDelta::seconds(300),
    }
}

fn key(canonical: &str) -> AttemptKey {
    AttemptKey::new("password", canonical)
}

/// Counts an attempt on the key `ann`, two of which are free.
async fn count(store: &Bench, seconds: i64) -> Counted {
    store
        .count_attempt(key("ann"), &rule(2), later(seconds))
        .await
}

/// As [`count`], one after the other.
async fn counts(store: &Bench, seconds: &[i64]) -> Vec<Counted> {
    let mut all = Vec::new();
    for at in seconds {
        all.push(count(store, *at).await);
    }
    all
}

pub async fn attempts_are_counted_as_the_rule_says(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    for free in [0, 1, 3] {
        let (key, rule) = (key(&format!("{free} free")), rule(free));
        // No time of these is cut to milliseconds.
        let mut now = later(0) + TimeDelta::microseconds(250_001);
        let count = |at: Timestamp| store.count_attempt(key, &rule, at);
        for attempt in 1..=8 {
            assert_eq!(count(now).await, Counted::Allowed(attempt), "{free} free");
            let Some(delay) = rule.delay_after(attempt) else {
                continue;
            };
            let until = now + delay;
            let before = until - TimeDelta::microseconds(1);
            for blocked in [now, before] {
                assert_eq!(count(blocked).await, Counted::Blocked(until));
            }
            now = until;
        }
    }
}

pub async fn a_blocked_attempt_is_not_counted(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    counts(&store, &[0, 0]).await;
    for seconds in [0, 1, 5, 9] {
        let blocked = Counted::Blocked(later(10));
        assert_eq!(count(&store, seconds).await, blocked);
    }
    assert_eq!(count(&store, 10).await, Counted::Allowed(3));
    let blocked = Counted::Blocked(later(30));
    assert_eq!(count(&store, 29).await, blocked);
    // Forgotten 300 seconds after the wait of the third, not of the blocked one.
    assert_eq!(count(&store, 331).await, Counted::Allowed(1));
}

pub async fn old_attempts_are_forgotten(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let all = counts(&store, &[0, 299, 608, 928, 1228]).await;
    // The second is followed by a wait of 10 seconds, the third by one of 20;
    // the last two come at the very moment.
    assert_eq!(all, [1, 2, 3, 1, 1].map(Counted::Allowed));
}

pub async fn attempts_of_one_key_do_not_count_for_another(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let all = [
        key("ann"),
        key("bob"),
        key("Ann"),
        key(""),
        AttemptKey::new("code", "ann"),
    ];
    for number in 1..=2 {
        for key in all {
            let counted = store.count_attempt(key, &rule(3), later(0)).await;
            assert_eq!(counted, Counted::Allowed(number));
        }
    }
    store.forget_attempts(all[1]).await;
    store.take_back_attempt(all[2]).await;
    for (key, number) in all.into_iter().zip([3, 1, 2, 3, 3]) {
        let counted = store.count_attempt(key, &rule(3), later(1)).await;
        assert_eq!(counted, Counted::Allowed(number));
    }
}

pub async fn a_key_can_be_forgotten(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    store.forget_attempts(key("ann")).await;
    counts(&store, &[0, 0]).await;
    assert_eq!(count(&store, 1).await, Counted::Blocked(later(10)));
    store.forget_attempts(key("ann")).await;
    let all = counts(&store, &[1, 1]).await;
    assert_eq!(all, [1, 2].map(Counted::Allowed));
    assert_eq!(count(&store, 1).await, Counted::Blocked(later(11)));
}

pub async fn an_attempt_can_be_taken_back(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    store.take_back_attempt(key("ann")).await;
    let all = counts(&store, &[0, 0, 10]).await;
    assert_eq!(all, [1, 2, 3].map(Counted::Allowed));
    assert_eq!(count(&store, 10).await, Counted::Blocked(later(30)));
    store.take_back_attempt(key("ann")).await;
    assert_eq!(count(&store, 10).await, Counted::Allowed(3));
    for _ in 0..5 {
        store.take_back_attempt(key("ann")).await;
    }
    let all = counts(&store, &[11, 11]).await;
    assert_eq!(all, [1, 2].map(Counted::Allowed));
    // When it is forgotten stays as it was: 300 seconds after the wait of before.
    let rule = rule(2);
    for (name, seconds, number) in [("bob", 309, 2), ("cid", 310, 1)] {
        let count = |seconds| store.count_attempt(key(name), &rule, later(seconds));
        for attempt in 1..=2 {
            assert_eq!(count(0).await, Counted::Allowed(attempt));
        }
        store.take_back_attempt(key(name)).await;
        assert_eq!(count(seconds).await, Counted::Allowed(number), "{name}");
    }
}

pub async fn forgotten_attempts_are_removed_in_portions(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    for old in ["a", "b", "c"] {
        store.count_attempt(key(old), &rule(2), later(0)).await;
    }
    // Made as early, and forgotten later for the wait that it brings.
    counts(&store, &[0, 0]).await;
    // Forgotten at the very moment.
    store.count_attempt(key("d"), &rule(2), later(5)).await;
    let mut removed = Vec::new();
    for _ in 0..3 {
        removed.push(store.remove_forgotten_attempts(later(305), 2).await);
    }
    assert_eq!(removed, [2, 1, 0]);
    assert_eq!(count(&store, 305).await, Counted::Allowed(3));
    assert_eq!(store.remove_forgotten_attempts(later(306), 2).await, 1);
}

pub async fn no_more_attempts_at_once_than_are_free(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let results = race(&stores, 40, |store, _| async move {
        store.count_attempt(key("ann"), &rule(5), later(0)).await
    })
    .await;
    let (mut allowed, mut blocked) = (Vec::new(), 0);
    for counted in results {
        match counted {
            Counted::Allowed(number) => allowed.push(number),
            Counted::Blocked(until) => {
                assert_eq!(until, later(10));
                blocked += 1;
            }
        }
    }
    allowed.sort_unstable();
    assert_eq!((allowed, blocked), (vec![1, 2, 3, 4, 5], 35));
}

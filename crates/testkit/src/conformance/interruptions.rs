//! Calls that are given up in the middle, and those that others overtake.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use userhub_domain::users::User;

use super::{
    StoreFactory,
    flow_steps::a_key,
    steps::{Bench, a_session, an_event, hash, start, token_hash},
};
use crate::{SeededEntropy, a_user};

/// After so many steps a call is given up or overtaken, again and again: where
/// that finds it is not the same each time.
const STEPS: [u32; 12] = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4];
/// What a call waits for comes meanwhile.
const A_MOMENT: Duration = Duration::from_millis(5);
/// Whoever writes has to wait for somebody who reads: then both go on.
const A_WHILE: Duration = Duration::from_millis(500);

/// A call, as `async_trait` makes it.
type Call<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Takes so many steps of a call at most; gives what came of it where it ended.
async fn begin<T>(call: &mut Call<'_, T>, steps: u32) -> Option<T> {
    for _ in 0..steps {
        let step = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
        if let Poll::Ready(done) = step {
            return Some(done);
        }
        tokio::time::sleep(A_MOMENT).await;
    }
    None
}

/// Ends a call before a reading that is under way is allowed to go on.
async fn overtake<T>(reading: Call<'_, T>, call: Call<'_, ()>) {
    let mut call = call;
    if tokio::time::timeout(A_WHILE, &mut call).await.is_ok() {
        reading.await;
    } else {
        let reading: Call<'_, ()> = Box::pin(async { drop(reading.await) });
        super::all_at_once([reading, call].into_iter()).await;
    }
}

pub async fn a_unit_of_work_dropped_in_a_call_leaves_no_trace(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let first = hash("first");
    for steps in STEPS {
        let [early, late]: [User; 2] = [a_user(), a_user()];
        let unit = store.unit().await;
        unit.users().insert(&early, &first).await.unwrap();
        let mut call = unit.users().insert(&late, &first);
        begin(&mut call, steps).await;
        drop(call);
        drop(unit);
        // The turn was given back.
        store.insert([&a_user()]).await;
        for nobody in [&early, &late] {
            assert_eq!(store.find(nobody.id).await, None, "after {steps} steps");
        }
    }
}

pub async fn a_dropped_commit_is_done_wholly_or_not_at_all(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    for steps in STEPS {
        let user = a_user();
        let event = [an_event(&entropy, user.id, start())];
        let unit = store.unit().await;
        unit.users().insert(&user, &hash("first")).await.unwrap();
        let mut commit = unit.commit(&event);
        begin(&mut commit, steps).await;
        drop(commit);
        // It may go on in the background, so each is looked for after the other.
        let is_recorded = async || store.events().await.contains(&event[0]);
        let is_stored = async || store.find(user.id).await.is_some();
        if is_stored().await {
            assert!(is_recorded().await, "after {steps} steps");
        }
        if is_recorded().await {
            assert!(is_stored().await, "after {steps} steps");
        }
        // The turn was given back.
        store.insert([&a_user()]).await;
    }
}

pub async fn a_session_read_before_a_commit_is_not_remembered_after_it(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    for (number, steps) in (1..).zip(STEPS) {
        let user = a_user();
        store.insert([&user]).await;
        let session = a_session(&user, number);
        store.insert_sessions([&session]).await;
        let mut reading = store.sessions().find_principal(session.id);
        if begin(&mut reading, steps).await.is_some() {
            continue;
        }
        overtake(reading, Box::pin(store.end_all_sessions(user.id))).await;
        let found = store.principal(session.id).await;
        let is_living = found.is_some_and(|one| one.is_living(start()));
        assert!(!is_living, "overtaken after {steps} steps");
    }
}

pub async fn a_key_read_before_a_commit_is_not_remembered_after_it(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    for (number, steps) in (1..).zip(STEPS) {
        let user = a_user();
        store.insert([&user]).await;
        store.insert_key(&a_key(&user, number)).await;
        let mut reading = store.api_keys().find_holder(token_hash(number));
        let revoking = async {
            assert_eq!(store.revoke_all_keys(user.id).await, 1);
        };
        if begin(&mut reading, steps).await.is_some() {
            continue;
        }
        overtake(reading, Box::pin(revoking)).await;
        let found = store.holder(token_hash(number)).await;
        assert_eq!(found, None, "overtaken after {steps} steps");
    }
}

#![cfg(test)]
//! What no fake can do: lose every race, or fail in the middle.

use std::sync::Arc;

use swap_mocks::Newsletter;
use userhub_domain::{
    Error,
    audit::Origin,
    caller::SignedIn,
    error::Conflict,
    users::{SessionsAfter, User},
};
use userhub_testkit::{
    FixedClock, SeededEntropy, a_user,
    mocks::{MockEntropy, MockStore, MockUnitOfWork},
};

fn a_store_with(user: &User) -> MockStore {
    let mut store = MockStore::new();
    let user = user.clone();
    store
        .users
        .expect_find()
        .returning(move |_| Ok(Some(user.clone())));
    store
}

/// Somebody else is always faster.
fn a_lost_race() -> MockUnitOfWork {
    let mut unit = MockUnitOfWork::new();
    unit.users
        .expect_update()
        .times(1)
        .returning(|_, _, _| Err(Conflict::Stale.into()));
    unit
}

fn newsletter(store: MockStore) -> Newsletter {
    let entropy = Arc::new(SeededEntropy::default());
    Newsletter::new(Arc::new(store), Arc::new(FixedClock::new()), entropy)
}

#[tokio::test]
async fn a_lost_race_is_run_again() {
    let user = a_user();
    let store = a_store_with(&user);
    store.will_begin(a_lost_race());
    let mut unit = MockUnitOfWork::new();
    let (next, keep) = (user.version.next(), SessionsAfter::Keep);
    unit.users
        .expect_update()
        .withf(move |user, _, sessions| user.version == next && *sessions == keep)
        .returning(|_, _, _| Ok(()));
    let commits = unit.commits();
    store.will_begin(unit);
    let caller = SignedIn::trust(user);
    let done = newsletter(store).join(&caller, &Origin::default()).await;
    assert!(done.unwrap());
    assert_eq!(commits.all().len(), 1);
    assert_eq!(commits.all()[0].len(), 1);
}

#[tokio::test]
async fn after_three_lost_races_it_gives_up() {
    let user = a_user();
    let store = a_store_with(&user);
    let lost: Vec<_> = (0..3).map(|_| a_lost_race()).collect();
    let commits: Vec<_> = lost.iter().map(MockUnitOfWork::commits).collect();
    lost.into_iter().for_each(|unit| store.will_begin(unit));
    let caller = SignedIn::trust(user);
    let refused = newsletter(store).join(&caller, &Origin::default()).await;
    assert_eq!(refused.unwrap_err().code(), "edit_conflict");
    assert!(commits.iter().all(|one| one.all().is_empty()));
}

#[tokio::test]
async fn without_an_event_nothing_is_begun() {
    let user = a_user();
    let mut entropy = MockEntropy::new();
    entropy
        .expect_fill()
        .returning(|_| Err(Error::internal("no random bytes")));
    // A store that gives no unit of work would fail otherwise.
    let store = Arc::new(a_store_with(&user));
    let newsletter = Newsletter::new(store, Arc::new(FixedClock::new()), Arc::new(entropy));
    let failed = newsletter
        .join(&SignedIn::trust(user), &Origin::default())
        .await
        .unwrap_err();
    assert_eq!(failed.to_string(), "internal error: no random bytes");
}

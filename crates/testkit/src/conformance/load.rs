//! Many callers at once, and many failures one after the other.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    error::Identifier,
    page::PageRequest,
    users::{AuthVersion, SessionsAfter, User, UserQuery},
};

use super::{
    StoreFactory,
    concurrency::race,
    outcome::{code, taken},
    steps::{Bench, a_rotation, a_session, an_event, changed, first, hash, later, start},
};
use crate::{SeededEntropy, UserBuilder, a_user};

/// One caller of a busy store: a user of his own signs in, refreshes twice and
/// is changed; all of it must be there at once.
async fn a_busy_day(store: Bench, user: User, number: u64) {
    let entropy = SeededEntropy::new(number);
    let unit = store.unit().await;
    unit.users().insert(&user, &hash("first")).await.unwrap();
    let event = an_event(&entropy, user.id, start());
    unit.commit(&[event]).await.unwrap();
    let mut session = a_session(&user, 1000 * number);
    store.insert_sessions([&session]).await;
    for step in 1..3 {
        let rotation = a_rotation(&session, 1000 * number + step);
        assert!(store.rotate(&rotation).await);
        session.refresh_hash = rotation.next_hash;
        let found = store.principal(session.id).await.unwrap();
        assert_eq!(found.session.refresh_hash, session.refresh_hash);
    }
    let after = changed(&user, |record| record.email_verified = true);
    store
        .update(&after, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(store.user(user.id).await, after);
    let page = store
        .users()
        .list(&UserQuery::default(), &first(100))
        .await
        .unwrap();
    assert!(page.items.iter().any(|one| one.id == user.id));
}

pub async fn many_at_once_are_all_served(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    race(&stores, 24, |store, number| {
        a_busy_day(store, a_user(), number + 1)
    })
    .await;
    let counting = PageRequest {
        count: true,
        ..first(1)
    };
    let page = stores[1]
        .users()
        .list(&UserQuery::default(), &counting)
        .await
        .unwrap();
    assert_eq!(page.total, Some(24));
    assert_eq!(stores[0].events().await.len(), 24);
}

pub async fn many_failures_leave_the_store_working(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().username("taken").build();
    store.insert([&user]).await;
    // More than any pool of connections holds.
    for _ in 0..40 {
        let same = UserBuilder::new().username("Taken").build();
        assert_eq!(taken(store.try_insert(&same).await), [Identifier::Username]);
        let refused = store.set_password(user.id, "second", AuthVersion(7)).await;
        assert_eq!(code(refused), "edit_conflict");
        let unit = store.unit().await;
        unit.users().record_login(user.id, later(60)).await.unwrap();
        drop(unit);
    }
    assert_eq!(store.user(user.id).await, user);
    store.insert([&a_user()]).await;
}

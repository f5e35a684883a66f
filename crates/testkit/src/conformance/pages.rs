//! Lists of users: pages, cursors, totals.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    page::{PageLimit, PageRequest, PageStart},
    users::{SessionsAfter, Status, User, UserQuery, UserSort},
};

use super::{
    StoreFactory,
    crowd::{crowd, expected, searching},
    steps::{Bench, first, later},
};
use crate::UserBuilder;

pub async fn cursors_hold_while_rows_come_and_go(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let made_at = |seconds| UserBuilder::new().created_at(later(seconds)).build();
    let users: Vec<User> = (1..=9).map(|n| made_at(n * 10)).collect();
    store.insert(&users).await;
    let query = UserQuery::default();
    let page = store.users().list(&query, &first(3)).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|user| user.id).collect();
    assert_eq!(seen, [users[0].id, users[1].id, users[2].id]);
    // The very row of the cursor goes, another before it goes, one before it
    // and one after it come.
    for gone in [&users[1], &users[2], &users[5]] {
        let mut deleted = gone.clone();
        deleted.delete(later(500));
        store
            .update(&deleted, gone.version, SessionsAfter::End)
            .await
            .unwrap();
        assert!(store.purge(gone.id).await);
    }
    let between = made_at(45);
    store.insert([&made_at(15), &between]).await;
    let request = PageRequest {
        limit: PageLimit::parse(4).unwrap(),
        start: PageStart::After(page.next.unwrap()),
        count: true,
    };
    let page = store.users().list(&query, &request).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|user| user.id).collect();
    assert_eq!(seen, [users[3].id, between.id, users[4].id, users[6].id]);
    assert_eq!(page.total, Some(8));
}

pub async fn pages_start_at_an_offset(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(60);
    store.insert(&users).await;
    let query = UserQuery {
        sort: UserSort::Email,
        ..UserQuery::default()
    };
    let wanted = expected(&users, &query);
    let at = |offset| PageRequest {
        start: PageStart::Offset(offset),
        ..first(10)
    };
    for offset in [0_u32, 1, 10, 33] {
        let page = store.users().list(&query, &at(offset)).await.unwrap();
        let seen: Vec<_> = page.items.iter().map(|user| user.id).collect();
        let from = usize::try_from(offset).unwrap();
        assert_eq!(seen, wanted[from..from + 10]);
        assert_eq!(
            page.next,
            Some(query.cursor_after(page.items.last().unwrap()))
        );
    }
    let length = u32::try_from(wanted.len()).unwrap();
    let last = store.users().list(&query, &at(length - 10)).await.unwrap();
    assert_eq!((last.items.len(), last.next), (10, None));
    for beyond in [length, u32::MAX] {
        let page = store.users().list(&query, &at(beyond)).await.unwrap();
        assert_eq!((page.items.len(), page.next), (0, None));
    }
}

pub async fn the_total_counts_all_that_match(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(60);
    let counting = PageRequest {
        count: true,
        ..first(5)
    };
    let page = store
        .users()
        .list(&UserQuery::default(), &counting)
        .await
        .unwrap();
    assert_eq!(
        (page.items.len(), page.next, page.total),
        (0, None, Some(0))
    );
    store.insert(&users).await;
    for query in [
        UserQuery::default(),
        UserQuery {
            status: Some(Status::Deleted),
            ..UserQuery::default()
        },
        searching("ann"),
        searching("nobody of this name"),
    ] {
        let page = store.users().list(&query, &counting).await.unwrap();
        let wanted = expected(&users, &query).len();
        assert_eq!(page.total, u64::try_from(wanted).ok(), "{query:?}");
        let page = store.users().list(&query, &first(5)).await.unwrap();
        assert_eq!(page.total, None);
    }
}

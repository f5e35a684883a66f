//! Lists of users: pages, cursors, totals.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    page::{PageLimit, PageRequest, PageStart},
    users::{Direction, SessionsAfter, Status, User, UserQuery, UserSort},
};

use super::{
    StoreFactory,
    crowd::{SORTS, crowd, expected, searching},
    steps::{Bench, first, later},
};
use crate::{SeededEntropy, UserBuilder};

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

pub async fn a_walk_sees_every_row_that_stays_once(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let mut crowd = crowd(90);
    crowd.retain(|user| user.deleted_at.is_none());
    let (newcomers, users) = crowd.split_at(25);
    store.insert(users).await;
    let chance = SeededEntropy::new(5);
    let (mut newcomers, mut gone) = (newcomers.iter(), Vec::new());
    for sort in SORTS {
        let direction =
            [Direction::Ascending, Direction::Descending][usize::from(chance.below(2) == 1)];
        let query = UserQuery {
            sort,
            direction,
            ..UserQuery::default()
        };
        let (mut request, mut seen) = (first(7), Vec::new());
        loop {
            let page = store.users().list(&query, &request).await.unwrap();
            seen.extend(page.items.iter().map(|user| user.id));
            assert!(seen.len() <= 200, "the cursors lead in a circle");
            let Some(next) = page.next else { break };
            request.start = PageStart::After(next);
            // Between two pages somebody comes and somebody goes for good.
            store.insert(newcomers.next()).await;
            let place = usize::try_from(chance.below(users.len().try_into().unwrap())).unwrap();
            let leaver = &users[place];
            if !gone.contains(&leaver.id) && gone.len() < users.len() / 2 {
                let mut deleted = leaver.clone();
                deleted.delete(later(500));
                store
                    .update(&deleted, leaver.version, SessionsAfter::End)
                    .await
                    .unwrap();
                assert!(store.purge(leaver.id).await);
                gone.push(leaver.id);
            }
        }
        let stayed = users
            .iter()
            .filter(|user| !gone.contains(&user.id))
            .cloned();
        let wanted = expected(&stayed.collect::<Vec<_>>(), &query);
        let kept: Vec<_> = seen
            .iter()
            .copied()
            .filter(|id| wanted.contains(id))
            .collect();
        assert_eq!(kept, wanted, "{query:?}");
        seen.sort_unstable();
        let all = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), all, "nobody is seen twice: {query:?}");
    }
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

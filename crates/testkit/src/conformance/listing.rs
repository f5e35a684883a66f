//! Lists of users: which ones, in which order.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::users::{Direction, Role, Status, User, UserId, UserQuery, UserSort};

use super::{
    StoreFactory,
    crowd::{SORTS, any_query, crowd, expected, ids, searching, walk},
    steps::{Bench, later, start},
};
use crate::{SeededEntropy, UserBuilder};

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

pub async fn every_order_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(250);
    store.insert(&users).await;
    for sort in SORTS {
        for direction in DIRECTIONS {
            let query = UserQuery {
                sort,
                direction,
                ..UserQuery::default()
            };
            let wanted = expected(&users, &query);
            assert!(wanted.len() > 100);
            assert_eq!(walk(&store, &query, 37).await, wanted, "{query:?}");
        }
    }
}

pub async fn every_filter_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(250);
    store.insert(&users).await;
    let any = UserQuery::default;
    let queries = [
        any(),
        UserQuery {
            role: Some(Role::Admin),
            ..any()
        },
        UserQuery {
            role: Some(Role::User),
            ..any()
        },
        UserQuery {
            status: Some(Status::Active),
            ..any()
        },
        UserQuery {
            status: Some(Status::Suspended),
            ..any()
        },
        UserQuery {
            status: Some(Status::Deleted),
            ..any()
        },
        UserQuery {
            email_verified: Some(true),
            ..any()
        },
        UserQuery {
            email_verified: Some(false),
            ..any()
        },
        UserQuery {
            created_from: Some(later(3)),
            ..any()
        },
        UserQuery {
            created_to: Some(later(3)),
            ..any()
        },
        UserQuery {
            created_from: Some(later(2)),
            created_to: Some(later(4)),
            ..any()
        },
        UserQuery {
            role: Some(Role::User),
            status: Some(Status::Active),
            email_verified: Some(true),
            created_from: Some(later(1)),
            created_to: Some(later(9)),
            sort: UserSort::Email,
            direction: Direction::Descending,
            ..searching("a")
        },
    ];
    for query in queries {
        let wanted = expected(&users, &query);
        assert!(!wanted.is_empty(), "{query:?}");
        assert_eq!(ids(&store, &query).await, wanted, "{query:?}");
    }
}

/// A property over random filters, orders and page sizes; what fails is
/// printed, and is the same in every run.
pub async fn any_list_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(120);
    store.insert(&users).await;
    let chance = SeededEntropy::new(11);
    let mut longest = 0;
    for _ in 0..80 {
        let query = any_query(&chance);
        let limit = 1 + i64::try_from(chance.below(40)).unwrap();
        let wanted = expected(&users, &query);
        longest = longest.max(wanted.len());
        let found = walk(&store, &query, limit).await;
        assert_eq!(found, wanted, "{query:?}, {limit} on a page");
    }
    assert!(longest > 50, "the lists are long enough to have pages");
}

pub async fn nothing_sorts_before_everything(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let none = UserBuilder::new()
        .no_username()
        .email("z@example.org")
        .build();
    let upper = UserBuilder::new()
        .username("Bbb")
        .no_email()
        .last_login_at(later(2))
        .build();
    let lower = UserBuilder::new()
        .username("aaa")
        .email("A@b.example")
        .last_login_at(later(1));
    let lower = lower.build();
    store.insert([&upper, &none, &lower]).await;
    for (sort, wanted) in [
        (UserSort::Username, [none.id, lower.id, upper.id]),
        (UserSort::Email, [upper.id, lower.id, none.id]),
        (UserSort::LastLoginAt, [none.id, lower.id, upper.id]),
    ] {
        let mut query = UserQuery {
            sort,
            ..UserQuery::default()
        };
        assert_eq!(walk(&store, &query, 1).await, wanted, "{sort:?}");
        query.direction = Direction::Descending;
        let backwards: Vec<_> = wanted.into_iter().rev().collect();
        assert_eq!(walk(&store, &query, 1).await, backwards, "{sort:?}");
    }
}

pub async fn equal_keys_are_ordered_by_id(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let mut users: Vec<User> = crowd(30)
        .into_iter()
        .map(|user| UserBuilder::new().id(user.id).created_at(start()).build())
        .collect();
    store.insert(&users).await;
    users.sort_by_key(|user| user.id);
    let mut wanted: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let mut query = UserQuery::default();
    for limit in [1, 7] {
        assert_eq!(walk(&store, &query, limit).await, wanted);
    }
    wanted.reverse();
    query.direction = Direction::Descending;
    for limit in [1, 7] {
        assert_eq!(walk(&store, &query, limit).await, wanted);
    }
}

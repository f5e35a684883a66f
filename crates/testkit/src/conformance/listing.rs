//! Lists of users: filters, orders, pages.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::{
    page::{PageLimit, PageRequest, PageStart},
    users::{
        Direction, Role, SearchText, SessionsAfter, Status, User, UserId, UserQuery, UserSort,
    },
};

use super::{
    StoreFactory,
    crowd::crowd,
    steps::{Bench, changed, first, later, start},
};
use crate::{UserBuilder, a_user};

const SORTS: [UserSort; 5] = [
    UserSort::CreatedAt,
    UserSort::UpdatedAt,
    UserSort::LastLoginAt,
    UserSort::Username,
    UserSort::Email,
];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

fn searching(text: &str) -> UserQuery {
    UserQuery {
        search: Some(SearchText::parse(text).unwrap()),
        ..UserQuery::default()
    }
}

/// What a list must hold, by the domain's own judgement.
fn expected(users: &[User], query: &UserQuery) -> Vec<UserId> {
    let mut rows: Vec<&User> = users.iter().filter(|user| query.matches(user)).collect();
    rows.sort_by_key(|user| (query.sort_key(user), user.id));
    if query.direction == Direction::Descending {
        rows.reverse();
    }
    rows.into_iter().map(|user| user.id).collect()
}

/// The whole list, page by page, through the cursors as clients send them.
async fn walk(store: &Bench, query: &UserQuery, limit: i64) -> Vec<UserId> {
    let mut request = first(limit);
    let mut all = Vec::new();
    loop {
        let page = store.users().list(query, &request).await.unwrap();
        assert!(page.items.len() <= request.limit.get());
        assert_eq!(page.total, None);
        all.extend(page.items.iter().map(|user| user.id));
        let Some(next) = page.next else { return all };
        assert_eq!(page.items.len(), request.limit.get());
        let next = query.parse_cursor(&next.encode()).unwrap();
        request.start = PageStart::After(next);
    }
}

async fn ids(store: &Bench, query: &UserQuery) -> Vec<UserId> {
    walk(store, query, 100).await
}

pub async fn every_order_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(250);
    store.insert(&users).await;
    for sort in SORTS {
        for direction in DIRECTIONS {
            let query = UserQuery { sort, direction, ..UserQuery::default() };
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
        UserQuery { role: Some(Role::Admin), ..any() },
        UserQuery { role: Some(Role::User), ..any() },
        UserQuery { status: Some(Status::Active), ..any() },
        UserQuery { status: Some(Status::Suspended), ..any() },
        UserQuery { status: Some(Status::Deleted), ..any() },
        UserQuery { email_verified: Some(true), ..any() },
        UserQuery { email_verified: Some(false), ..any() },
        UserQuery { created_from: Some(later(3)), ..any() },
        UserQuery { created_to: Some(later(3)), ..any() },
        UserQuery { created_from: Some(later(2)), created_to: Some(later(4)), ..any() },
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

pub async fn every_search_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(250);
    store.insert(&users).await;
    for text in [
        "", " ", "a", "A", "%", "_", "\\", "'", "\"", "*", "?", "[a-z]", "100%", "a_b", "a\\b",
        "%%", "\\%", "_%", "''", "--", "O'B", "o\u{301}", "ó", "Ó", "ANN", "ÅNG", "a\u{30a}ng",
        "straße", "STRASSE", "ist", "İst", "δημ", "ΔΗΜ", "σ", "ς", "李小", "\u{1f980}",
        "example.org", "@", "r-1", "nobody of this name", "null", ".*", "(?i)a",
    ] {
        let query = UserQuery { sort: UserSort::Username, ..searching(text) };
        let wanted = expected(&users, &query);
        assert_eq!(ids(&store, &query).await, wanted, "{text:?}");
    }
}

pub async fn a_search_is_literal(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let named = |name: &str| UserBuilder::new().first_name(name).build();
    let names = ["100% Ann", "100x Ann", "a_b", "axb", "a\\b", "O'Brien", "Say \"hi\"", "a*?[b]"];
    let users = names.map(named);
    store.insert(&users).await;
    for (text, place) in [
        ("0%", 0), ("% a", 0), ("0x", 1), ("a_b", 2), ("axb", 3), ("a\\b", 4), ("\\", 4),
        ("o'b", 5), ("'", 5), ("\"hi", 6), ("*?[", 7),
    ] {
        assert_eq!(ids(&store, &searching(text)).await, [users[place].id], "{text:?}");
    }
    for text in ["a%b", "a__b", "1_0", "\\%", "a?b", "a.b", "brien'"] {
        assert_eq!(ids(&store, &searching(text)).await, [], "{text:?}");
    }
}

pub async fn a_search_ignores_case_and_unicode_form(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new()
        .username("MixedCase")
        .email("Other.Name@Example.ORG")
        .first_name("\u{c9}douard")
        .last_name("\u{c5}ngstr\u{f6}m")
        .build();
    store.insert([&user, &a_user()]).await;
    for text in [
        "mixedcase", "EDCAS", "other.NAME@", "\u{e9}DOUARD", "E\u{301}dou", "a\u{30a}NGSTR",
        "str\u{d6}m",
    ] {
        assert_eq!(ids(&store, &searching(text)).await, [user.id], "{text:?}");
    }
    for text in ["edouard", "case@", "casea", "caseother", "douard\u{c5}"] {
        assert_eq!(ids(&store, &searching(text)).await, [], "{text:?}");
    }
}

pub async fn a_search_sees_what_an_update_wrote(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().first_name("Before").build();
    store.insert([&user]).await;
    let other = UserBuilder::new().first_name("After").build();
    let after = changed(&user, |record| record.first_name.clone_from(&other.first_name));
    store.update(&after, user.version, SessionsAfter::Keep).await.unwrap();
    assert_eq!(ids(&store, &searching("before")).await, []);
    assert_eq!(ids(&store, &searching("after")).await, [user.id]);
}

pub async fn nothing_sorts_before_everything(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let none = UserBuilder::new().no_username().email("z@example.org").build();
    let upper = UserBuilder::new().username("Bbb").no_email().last_login_at(later(2)).build();
    let lower = UserBuilder::new().username("aaa").email("A@b.example").last_login_at(later(1));
    let lower = lower.build();
    store.insert([&upper, &none, &lower]).await;
    for (sort, wanted) in [
        (UserSort::Username, [none.id, lower.id, upper.id]),
        (UserSort::Email, [upper.id, lower.id, none.id]),
        (UserSort::LastLoginAt, [none.id, lower.id, upper.id]),
    ] {
        let mut query = UserQuery { sort, ..UserQuery::default() };
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
        store.update(&deleted, gone.version, SessionsAfter::End).await.unwrap();
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
    let query = UserQuery { sort: UserSort::Email, ..UserQuery::default() };
    let wanted = expected(&users, &query);
    let at = |offset| PageRequest { start: PageStart::Offset(offset), ..first(10) };
    for offset in [0_u32, 1, 10, 33] {
        let page = store.users().list(&query, &at(offset)).await.unwrap();
        let seen: Vec<_> = page.items.iter().map(|user| user.id).collect();
        let from = usize::try_from(offset).unwrap();
        assert_eq!(seen, wanted[from..from + 10]);
        assert_eq!(page.next, Some(query.cursor_after(page.items.last().unwrap())));
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
    let counting = PageRequest { count: true, ..first(5) };
    let page = store.users().list(&UserQuery::default(), &counting).await.unwrap();
    assert_eq!((page.items.len(), page.next, page.total), (0, None, Some(0)));
    store.insert(&users).await;
    for query in [
        UserQuery::default(),
        UserQuery { status: Some(Status::Deleted), ..UserQuery::default() },
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

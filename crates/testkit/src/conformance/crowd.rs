//! Many users who are as different as users can be, the same in every run, and
//! the lists of them.

use chrono::TimeDelta;
use userhub_domain::{
    page::PageStart,
    users::{
        Direction, EmailAddress, PersonName, Role, SearchText, Status, User, UserId, UserQuery,
        UserRecord, UserSort, Username,
    },
};
use uuid::Uuid;

use super::steps::{Bench, first, start};
use crate::{SeededEntropy, UserBuilder};

const NAMES: [&str; 24] = [
    "Ann",
    "ann",
    "ANN",
    "100%",
    "100x",
    "a_b",
    "axb",
    "a\\b",
    "O'Brien",
    "Say \"hi\"",
    "*?[a-z]",
    "--;",
    "É\u{301}clair",
    "Ångström",
    "Straße",
    "İstanbul",
    "ΔΗΜΗΤΡΗΣ",
    "Δημήτρης",
    "李小龍",
    "\u{1f980} crab",
    "Zoë",
    "null",
    "ﬁne",
    "Ó",
];
const USERNAMES: [&str; 8] = ["Ann", "bob", "BOB", "a_b", "a.b", "a-b", "Zed", "zed"];
const ADDRESSES: [&str; 8] = ["Ann", "100%", "o'brien", "a_b", "A.b", "x+y", "{z}", "Zed"];

pub(super) const SORTS: [UserSort; 5] = [
    UserSort::CreatedAt,
    UserSort::UpdatedAt,
    UserSort::LastLoginAt,
    UserSort::Username,
    UserSort::Email,
];

/// So many users, among them the living, the suspended and the deleted. Times
/// repeat often and have no, three or six digits after the point.
pub(super) fn crowd(size: u64) -> Vec<User> {
    let chance = SeededEntropy::new(7);
    (0..size).map(|number| somebody(&chance, number)).collect()
}

fn somebody(chance: &SeededEntropy, number: u64) -> User {
    let pick = |from: &[&'static str]| {
        let place = chance.below(from.len().try_into().unwrap());
        from[usize::try_from(place).unwrap()]
    };
    let one_in = |n| chance.below(n) == 0;
    let moment = || {
        let fractions = [0, 0, 100_000, 120_000, 123_000, 123_456, 1, 999_999];
        let fraction = fractions[usize::try_from(chance.below(8)).unwrap()];
        let seconds = i64::try_from(chance.below(10)).unwrap();
        start() + TimeDelta::seconds(seconds) + TimeDelta::microseconds(fraction)
    };
    let name = |text| PersonName::parse(text).ok();
    let id = u128::from(chance.below(u64::MAX)) << 64 | u128::from(chance.below(u64::MAX));
    let username = Username::parse(&format!("{}{number}", pick(&USERNAMES))).ok();
    let email = EmailAddress::parse(&format!("{}{number}@Example.org", pick(&ADDRESSES))).ok();
    let lacks = chance.below(5);
    UserBuilder::new()
        .with(|record| {
            *record = UserRecord {
                id: UserId::from_uuid(Uuid::from_u128(id)),
                username: username.filter(|_| lacks != 0),
                email: email.filter(|_| lacks != 1),
                email_verified: lacks != 1 && one_in(2),
                first_name: name(pick(&NAMES)).filter(|_| !one_in(4)),
                last_name: name(pick(&NAMES)).filter(|_| !one_in(4)),
                role: if one_in(5) { Role::Admin } else { Role::User },
                suspended: one_in(5),
                created_at: moment(),
                updated_at: moment(),
                last_login_at: Some(moment()).filter(|_| !one_in(3)),
                deleted_at: Some(moment()).filter(|_| one_in(8)),
                ..record.clone()
            };
        })
        .build()
}

/// Any filters and any order, some of them of no use together.
pub(super) fn any_query(chance: &SeededEntropy) -> UserQuery {
    const WORDS: [&str; 8] = ["a", "ann", "%", "_", "example.org", "1", "\u{e5}ng", "o'"];
    let index = |end: usize| usize::try_from(chance.below(end.try_into().unwrap())).unwrap();
    let one_in = |n| chance.below(n) == 0;
    let statuses = [Status::Active, Status::Suspended, Status::Deleted];
    let moment = |from: i64| {
        start() + TimeDelta::milliseconds(from + 500 * i64::try_from(index(10)).unwrap())
    };
    UserQuery {
        search: one_in(2).then(|| SearchText::parse(WORDS[index(8)]).unwrap()),
        role: one_in(4).then(|| [Role::User, Role::Admin][index(2)]),
        status: one_in(2).then(|| statuses[index(3)]),
        email_verified: one_in(4).then(|| one_in(2)),
        created_from: one_in(3).then(|| moment(0)),
        created_to: one_in(3).then(|| moment(5000)),
        sort: SORTS[index(SORTS.len())],
        direction: [Direction::Ascending, Direction::Descending][index(2)],
    }
}

pub(super) fn searching(text: &str) -> UserQuery {
    UserQuery {
        search: Some(SearchText::parse(text).unwrap()),
        ..UserQuery::default()
    }
}

/// What a list must hold, by the domain's own judgement.
pub(super) fn expected(users: &[User], query: &UserQuery) -> Vec<UserId> {
    let mut rows: Vec<&User> = users.iter().filter(|user| query.matches(user)).collect();
    rows.sort_by_key(|user| (query.sort_key(user), user.id));
    if query.direction == Direction::Descending {
        rows.reverse();
    }
    rows.into_iter().map(|user| user.id).collect()
}

/// The whole list, page by page, through the cursors as clients send them.
pub(super) async fn walk(store: &Bench, query: &UserQuery, limit: i64) -> Vec<UserId> {
    let mut request = first(limit);
    let mut all = Vec::new();
    loop {
        let page = store.users().list(query, &request).await.unwrap();
        assert!(page.items.len() <= request.limit.get());
        assert_eq!(page.total, None);
        all.extend(page.items.iter().map(|user| user.id));
        assert!(all.len() <= 1000, "the cursors lead in a circle");
        let Some(next) = page.next else { return all };
        assert_eq!(page.items.len(), request.limit.get());
        let next = query.parse_cursor(&next.encode()).unwrap();
        request.start = PageStart::After(next);
    }
}

pub(super) async fn ids(store: &Bench, query: &UserQuery) -> Vec<UserId> {
    walk(store, query, 100).await
}

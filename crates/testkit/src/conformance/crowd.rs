//! Many users who are as different as users can be, the same in every run.

use chrono::TimeDelta;
use userhub_domain::users::{EmailAddress, PersonName, Role, User, UserId, UserRecord, Username};
use uuid::Uuid;

use super::steps::start;
use crate::{SeededEntropy, UserBuilder};

const NAMES: [&str; 24] = [
    "Ann", "ann", "ANN", "100%", "100x", "a_b", "axb", "a\\b", "O'Brien", "Say \"hi\"", "*?[a-z]",
    "--;", "É\u{301}clair", "Ångström", "Straße", "İstanbul", "ΔΗΜΗΤΡΗΣ", "Δημήτρης", "李小龍",
    "\u{1f980} crab", "Zoë", "null", "ﬁne", "Ó",
];
const USERNAMES: [&str; 8] = ["Ann", "bob", "BOB", "a_b", "a.b", "a-b", "Zed", "zed"];
const ADDRESSES: [&str; 8] = ["Ann", "100%", "o'brien", "a_b", "A.b", "x+y", "{z}", "Zed"];

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

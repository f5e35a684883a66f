use chrono::TimeDelta;

use super::*;
use crate::users::{Metadata, PersonName, UserId, UserRecord, Version};

fn record() -> UserRecord {
    UserRecord {
        id: UserId::from_uuid(uuid::Uuid::from_u128(1)),
        username: Username::parse("Ann").ok(),
        email: None,
        email_verified: false,
        first_name: PersonName::parse("Zo\u{eb}").ok(),
        last_name: None,
        phone_number: None,
        role: Role::User,
        suspended: false,
        mfa_enabled: false,
        external_id: None,
        metadata: Metadata::default(),
        version: Version::FIRST,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        last_login_at: None,
        deleted_at: None,
    }
}

fn search(text: &str) -> UserQuery {
    UserQuery {
        search: Some(SearchText::parse(text).expect("valid")),
        ..UserQuery::default()
    }
}

#[test]
fn a_text_is_found_literally_whatever_its_case_and_within_one_member() {
    let user = User::from_record(record());
    for found in ["", "ANN", "nn", "zoe\u{308}", "\u{cb}"] {
        assert!(search(found).matches(&user), "{found:?}");
    }
    for missing in ["%", "_", "a*", "annzo", "zoe"] {
        assert!(!search(missing).matches(&user), "{missing:?}");
    }
    assert!(SearchText::parse(&"x".repeat(200)).is_ok());
    assert!(SearchText::parse(&"x".repeat(201)).is_err());
    assert!(SearchText::parse("ann\u{1f}zo").is_err());
    // Characters count, not bytes, of which each of these has four.
    assert!(SearchText::parse(&"\u{10400}".repeat(200)).is_ok());
    assert!(SearchText::parse(&"\u{10400}".repeat(201)).is_err());
    // Each is two characters when it is folded; what was typed counts.
    assert!(SearchText::parse(&"\u{130}".repeat(200)).is_ok());
}

#[test]
fn the_deleted_are_found_only_where_they_are_asked_for() {
    let deleted_at = Some(Timestamp::UNIX_EPOCH);
    let deleted = User::from_record(UserRecord {
        deleted_at,
        ..record()
    });
    let suspended = User::from_record(UserRecord {
        suspended: true,
        mfa_enabled: false,
        ..record()
    });
    let with = |status| UserQuery {
        status,
        ..UserQuery::default()
    };
    assert!(!with(None).matches(&deleted) && with(None).matches(&suspended));
    assert!(with(Some(Status::Deleted)).matches(&deleted));
    assert!(!with(Some(Status::Active)).matches(&suspended));
    assert!(with(Some(Status::Suspended)).matches(&suspended));
}

#[test]
fn every_other_filter_counts() {
    let user = User::from_record(record());
    let later = user.created_at + TimeDelta::microseconds(1);
    let all = UserQuery::default();
    let finding = [
        UserQuery {
            role: Some(Role::User),
            ..all.clone()
        },
        UserQuery {
            email_verified: Some(false),
            ..all.clone()
        },
        UserQuery {
            created_from: Some(user.created_at),
            created_to: Some(later),
            ..all.clone()
        },
    ];
    let missing = [
        UserQuery {
            role: Some(Role::Admin),
            ..all.clone()
        },
        UserQuery {
            email_verified: Some(true),
            ..all.clone()
        },
        UserQuery {
            created_from: Some(later),
            ..all.clone()
        },
        UserQuery {
            created_to: Some(user.created_at),
            ..all.clone()
        },
    ];
    assert!(finding.iter().all(|query| query.matches(&user)));
    assert!(!missing.iter().any(|query| query.matches(&user)));
}

#[test]
fn a_cursor_is_read_back_by_its_own_list_alone() {
    let user = User::from_record(record());
    for sort in [
        UserSort::CreatedAt,
        UserSort::LastLoginAt,
        UserSort::Username,
        UserSort::Email,
    ] {
        let query = UserQuery {
            sort,
            ..UserQuery::default()
        };
        let cursor = query.cursor_after(&user);
        assert_eq!(query.parse_cursor(&cursor.encode()), Ok(cursor.clone()));
        let turned = UserQuery {
            direction: Direction::Descending,
            ..query
        };
        assert!(turned.parse_cursor(&cursor.encode()).is_err());
    }
    let query = UserQuery::default();
    let forged = Cursor::after(query.fingerprint(), SortKey::Text(None), user.id.as_uuid());
    assert!(query.parse_cursor(&forged.encode()).is_err());
}

//! Cursors: what is read goes on where its list ended, is written again as it
//! was, and is good for no other list.
//!
//! The first byte chooses a list. A cursor begins with a digest that no input
//! would meet, so the target writes it; a first byte of 128 or more leaves the
//! text as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use userhub_domain::{
    audit::AuditQuery,
    page::{Cursor, ListFingerprint, SortKey},
    users::{Direction, UserQuery, UserSort},
};

const SORTS: [UserSort; 5] = [
    UserSort::CreatedAt,
    UserSort::UpdatedAt,
    UserSort::LastLoginAt,
    UserSort::Username,
    UserSort::Email,
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(rest) = std::str::from_utf8(rest) else {
        return;
    };
    let users = UserQuery {
        sort: SORTS[usize::from(*choice) % SORTS.len()],
        direction: Direction::Descending,
        ..UserQuery::default()
    };
    let events = AuditQuery::default();
    if *choice >= 128 {
        assert!(users.parse_cursor(rest).is_err() && events.parse_cursor(rest).is_err());
        return;
    }
    let of_users = format!("{}{rest}", digits(users.fingerprint()));
    let of_events = format!("{}{rest}", digits(events.fingerprint()));
    assert!(users.parse_cursor(&of_events).is_err(), "of another list");
    assert!(events.parse_cursor(&of_users).is_err(), "of another list");

    let any = Cursor::parse(&of_users, users.fingerprint());
    if let Ok(cursor) = &any {
        is_written_again(&of_users, cursor);
    }
    let is_text = matches!(users.sort, UserSort::Username | UserSort::Email);
    match (users.parse_cursor(&of_users), any) {
        (Ok(cursor), any) => {
            assert_eq!(any.as_ref(), Ok(&cursor));
            assert_eq!(is_text, matches!(cursor.key, SortKey::Text(_)));
        }
        (Err(_), Ok(any)) => assert_ne!(is_text, matches!(any.key, SortKey::Text(_))),
        (Err(_), Err(_)) => {}
    }
    if let Ok(cursor) = events.parse_cursor(&of_events) {
        is_written_again(&of_events, &cursor);
        assert!(matches!(cursor.key, SortKey::Time(Some(_))));
    }
});

/// The digits that every cursor of a list begins with.
fn digits(list: ListFingerprint) -> String {
    let empty = Cursor::after(list, SortKey::Time(None), uuid::Uuid::nil());
    empty.encode()[..16].to_owned()
}

fn is_written_again(text: &str, cursor: &Cursor) {
    assert!(text.len() <= 1024);
    assert_eq!(cursor.encode(), text);
    match &cursor.key {
        SortKey::Time(Some(at)) => {
            assert_eq!(at.timestamp_subsec_nanos() % 1000, 0);
            let year = at.format("%Y").to_string();
            assert!(
                year.len() == 4 && year != "0000",
                "every store has such times"
            );
        }
        SortKey::Text(Some(text)) => assert!(!text.contains('\0'), "Postgres takes none"),
        SortKey::Time(None) | SortKey::Text(None) => {}
    }
}

use super::*;
use proptest::prelude::*;

#[test]
fn limits_are_one_to_a_hundred() {
    for bad in [i64::MIN, -1, 0, 101, 256, 257, i64::MAX] {
        assert!(PageLimit::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(PageLimit::parse(100).map(PageLimit::get), Ok(100));
}

#[test]
fn a_limit_that_is_refused_says_why() {
    let code = |number| PageLimit::parse(number).map_err(|broken| broken.code);
    assert_eq!(code(0), Err(ViolationCode::TooShort));
    assert_eq!(code(101), Err(ViolationCode::TooLong));
    assert_eq!(code(1).map(PageLimit::get), Ok(1));
    assert_eq!(PageLimit::default().get(), 20);
}

#[test]
fn a_cursor_is_of_bounded_length_and_holds_no_nul() {
    let list = ListFingerprint::of(&"list");
    let parse = |text: &str| {
        let key = SortKey::Text(Some(text.to_owned()));
        Cursor::parse(&Cursor::after(list, key, Uuid::nil()).encode(), list)
    };
    // 25 bytes stand before the text, and each byte is two digits.
    assert!(parse(&"x".repeat(1024 / 2 - 25)).is_ok());
    assert!(parse(&"x".repeat(1024 / 2 - 24)).is_err());
    assert!(parse("a\0b").is_err());
}

#[test]
fn one_row_too_many_means_another_page() {
    let request = PageRequest {
        limit: PageLimit::parse(2).expect("valid"),
        ..PageRequest::default()
    };
    let list = ListFingerprint::of(&"list");
    let cursor = |_: &u8| Cursor::after(list, SortKey::Time(None), Uuid::nil());
    let page = Page::from_rows(vec![1, 2, 3], &request, None, cursor);
    assert_eq!((page.items, page.next.is_some()), (vec![1, 2], true));
    let page = Page::from_rows(vec![1, 2], &request, None, cursor);
    assert_eq!((page.items, page.next.is_some()), (vec![1, 2], false));
}

#[test]
fn a_cursor_belongs_to_its_list() {
    let list = ListFingerprint::of(&"list");
    let at = Timestamp::from_timestamp_micros(1_234_567);
    for key in [
        SortKey::Time(None),
        SortKey::Time(at),
        SortKey::Text(None),
        SortKey::Text(Some("é".to_owned())),
    ] {
        let cursor = Cursor::after(list, key, Uuid::from_u128(9));
        let text = cursor.encode();
        assert_eq!(Cursor::parse(&text, list).as_ref(), Ok(&cursor));
        assert!(Cursor::parse(&text, ListFingerprint::of(&"other")).is_err());
    }
}

#[test]
fn a_time_that_no_store_can_hold_is_refused() {
    let list = ListFingerprint::of(&"list");
    let year = |year| {
        let day = chrono::NaiveDate::from_ymd_opt(year, 6, 1).expect("a day");
        let at = Some(day.and_time(chrono::NaiveTime::MIN).and_utc());
        let forged = Cursor::after(list, SortKey::Time(at), Uuid::nil());
        Cursor::parse(&forged.encode(), list).is_ok()
    };
    assert!(year(1) && year(9999));
    assert!(!year(0) && !year(-5000) && !year(10_000) && !year(-200_000));
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_or_refused(text in "[0-9a-f]{0,200}|\\PC{0,50}") {
        if let Some(cursor) = Cursor::decode(&text) {
            prop_assert_eq!(cursor.encode(), text);
        }
    }
}

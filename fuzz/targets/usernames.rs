//! Names, and what somebody types to sign in: a text is a name or an address,
//! never both, and means the same account however it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use userhub_domain::users::{EmailAddress, ReservedUsernames, UserId, UserKey, Username};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(name) = Username::parse(text) {
        keeps_its_rules(text, &name);
    }
    if let Ok(name) = ReservedUsernames::default().parse(text) {
        assert_eq!(Username::parse(text), Ok(name), "a narrower rule");
        let shouted = text.to_ascii_uppercase();
        assert!(ReservedUsernames::default().parse(&shouted).is_ok());
    }
    identifies_one(text);
});

fn keeps_its_rules(text: &str, name: &Username) {
    assert_eq!(name.as_str(), text);
    assert!((3..=32).contains(&text.len()) && text.is_ascii());
    assert!(text.starts_with(|first: char| first.is_ascii_alphabetic()));
    assert!(
        !text.contains(['@', '/', '%', '?', '#', ' ']),
        "safe in a path"
    );
    assert!(UserId::parse(text).is_none() && uuid::Uuid::try_parse(text).is_err());

    let canonical = name.canonical();
    assert!(canonical.eq_ignore_ascii_case(text));
    let same = Username::parse(&canonical).expect("the canonical form is a name");
    assert_eq!(same.canonical(), canonical);
    assert!(
        matches!(UserKey::parse_identifier(text), Some(UserKey::Username(one)) if one == *name)
    );
}

fn identifies_one(text: &str) {
    match UserKey::parse_identifier(text) {
        Some(UserKey::Email(address)) => {
            assert_eq!(EmailAddress::parse(text).as_ref(), Ok(&address));
            assert!(Username::parse(text).is_err());
        }
        Some(UserKey::Username(name)) => {
            assert_eq!(name.as_str(), text.trim_matches(' '));
            assert!(EmailAddress::parse(text).is_err());
        }
        Some(_) => panic!("typed texts name nothing else"),
        None => {
            let text = text.trim_matches(' ');
            assert!(Username::parse(text).is_err() && EmailAddress::parse(text).is_err());
        }
    }
}

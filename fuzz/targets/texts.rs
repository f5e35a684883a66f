//! The other values that are made of text: each reads what it wrote, within
//! its length, and holds nothing invisible.
#![no_main]

use std::{collections::BTreeMap, fmt::Debug};

use libfuzzer_sys::fuzz_target;
use userhub_domain::{
    api_keys::{ApiKeyName, Scopes},
    audit::Origin,
    text::folded,
    users::{ExternalId, Metadata, PasswordAttempt, PersonName, PhoneNumber, SearchText},
    violation::Broken,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    reads_what_it_wrote(text, PersonName::parse, PersonName::as_str, 100);
    reads_what_it_wrote(text, ExternalId::parse, ExternalId::as_str, 255);
    reads_what_it_wrote(text, ApiKeyName::parse, ApiKeyName::as_str, 100);
    reads_what_it_wrote(text, PhoneNumber::parse, PhoneNumber::as_str, 16);

    if let Ok(search) = SearchText::parse(text) {
        assert_eq!(folded(search.as_str()), search.as_str());
        is_visible(search.as_str());
    }
    if let Some(shown) = Origin::user_agent(text) {
        assert!(shown.chars().count() <= 255);
        is_visible(&shown);
        assert_eq!(Origin::user_agent(&shown), Some(shown));
    }
    if let Some(scopes) = Scopes::parse_stored(text) {
        assert_eq!(Scopes::parse_stored(&scopes.to_text()), Some(scopes));
        assert_eq!(scopes.to_text().len(), text.len());
    }
    passwords_are_normalised_once(text);
    metadata_keeps_its_bounds(text);
});

fn reads_what_it_wrote<T: PartialEq + Debug>(
    text: &str,
    parse: fn(&str) -> Result<T, Broken>,
    shown: fn(&T) -> &str,
    most: usize,
) {
    let Ok(value) = parse(text) else {
        return;
    };
    let written = shown(&value);
    assert!((1..=most).contains(&written.chars().count()));
    assert_eq!(written.trim(), written);
    is_visible(written);
    assert_eq!(parse(written).as_ref(), Ok(&value));
}

fn is_visible(text: &str) {
    assert!(!text.chars().any(char::is_control));
    assert!(!text.contains(['\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}']));
}

fn passwords_are_normalised_once(text: &str) {
    let Ok(attempt) = PasswordAttempt::parse(&text.into()) else {
        return;
    };
    let normalised = attempt.expose();
    assert!(text.len() <= 1024 && normalised.len() <= 1024);
    assert_eq!(
        attempt.expose_as_sent(),
        (normalised != text).then_some(text)
    );
    let again = PasswordAttempt::parse(&normalised.into()).expect("as long as it was");
    assert_eq!(again.expose(), normalised);
    assert_eq!(again.expose_as_sent(), None);
}

fn metadata_keeps_its_bounds(text: &str) {
    let pairs = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let sent: BTreeMap<_, _> = pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let Ok(metadata) = Metadata::parse(sent.clone()) else {
        return;
    };
    assert_eq!(metadata.entries(), &sent);
    assert!(sent.len() <= 50);
    for (key, value) in &sent {
        assert!((1..=40).contains(&key.chars().count()) && value.chars().count() <= 500);
        assert!(
            !key.contains('\0') && !value.contains('\0'),
            "Postgres takes none"
        );
    }
    let removal = sent.keys().map(|key| (key.clone(), None)).collect();
    assert_eq!(metadata.patched(removal), Ok(Metadata::default()));
    let addition = sent
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect();
    assert_eq!(Metadata::default().patched(addition), Ok(metadata));
}

//! Values in and out of text: whichever way is taken, `parse` is behind it.

use std::{collections::BTreeMap, fmt::Debug, fmt::Display, str::FromStr};

use proptest::prelude::*;
use serde_json::{Value, from_value, json, to_value};
use userhub_domain::{
    api_keys::{ApiKeyId, ApiKeyName, Scope, Scopes},
    audit::{Actor, AuditEventId, EventKind},
    error::Identifier,
    mail::{Delivery, MailId, MailKind, MailState},
    page::PageLimit,
    policy::RequiredMember,
    secret::TokenPurpose,
    sessions::{AccessTokenId, AuthenticationMethods, SessionId},
    users::{
        AuthVersion, EmailAddress, ExternalId, Metadata, PersonName, PhoneNumber, Role, Status,
        UserId, UserSort, Username, Version,
    },
    violation::{Broken, ViolationCode},
};
use uuid::Uuid;

/// What every value with a text can do.
trait Texted:
    Display
    + Debug
    + Clone
    + PartialEq
    + FromStr<Err = Broken>
    + TryFrom<String, Error = Broken>
    + for<'a> TryFrom<&'a str, Error = Broken>
    + serde::Serialize
    + serde::de::DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<T> Texted for T where
    T: Display
        + Debug
        + Clone
        + PartialEq
        + FromStr<Err = Broken>
        + TryFrom<String, Error = Broken>
        + for<'a> TryFrom<&'a str, Error = Broken>
        + serde::Serialize
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// All ways in agree on a text; what is read survives all ways out.
fn check_text<T: Texted>(text: &str) -> Result<Option<T>, TestCaseError> {
    let read = text.parse::<T>();
    prop_assert_eq!(&T::try_from(text), &read);
    prop_assert_eq!(&T::try_from(text.to_owned()), &read);
    let by_serde = from_value::<T>(json!(text));
    match read {
        Ok(value) => {
            prop_assert_eq!(&by_serde.ok(), &Some(value.clone()));
            let again = value.to_string();
            prop_assert_eq!(&again.parse::<T>(), &Ok(value.clone()));
            prop_assert_eq!(to_value(&value).unwrap(), Value::String(again));
            Ok(Some(value))
        }
        Err(broken) => {
            let refused = by_serde.unwrap_err().to_string();
            prop_assert!(refused.contains(&*broken.detail), "{}", refused);
            Ok(None)
        }
    }
}

/// As [`check_text`], for values that are a text inside.
fn check_owned<T: Texted + AsRef<str> + Into<String>>(text: &str) -> Result<(), TestCaseError> {
    if let Some(value) = check_text::<T>(text)? {
        prop_assert_eq!(value.as_ref(), value.to_string());
        prop_assert_eq!(value.clone().into(), value.to_string());
    }
    Ok(())
}

proptest! {
    #[test]
    fn texts_survive_every_way(text in "\\PC{0,60}|[ -~]{1,40}") {
        check_owned::<EmailAddress>(&text)?;
        check_owned::<Username>(&text)?;
        check_owned::<PersonName>(&text)?;
        check_owned::<PhoneNumber>(&text)?;
        check_owned::<ExternalId>(&text)?;
        check_owned::<ApiKeyName>(&text)?;
        check_text::<Scopes>(&text)?;
        check_text::<Role>(&text)?;
        check_text::<Status>(&text)?;
        check_text::<EventKind>(&text)?;
        check_text::<MailKind>(&text)?;
        check_text::<UserId>(&text)?;
    }

    #[test]
    fn good_texts_are_read(
        local in "[A-Za-z0-9_+-]{1,20}",
        name in "[A-Za-z][A-Za-z0-9._-]{6,20}",
        digits in "[1-9][0-9]{6,14}",
    ) {
        let address = format!(" {local}@example.org ");
        prop_assert!(address.parse::<EmailAddress>().is_ok());
        check_owned::<EmailAddress>(&address)?;
        check_owned::<Username>(&name)?;
        check_owned::<PersonName>(&format!(" {name} "))?;
        let number = format!("+{digits}");
        prop_assert!(number.parse::<PhoneNumber>().is_ok());
        check_owned::<PhoneNumber>(&number)?;
    }

    #[test]
    fn ids_survive_every_way(number: u128) {
        let uuid = Uuid::from_u128(number);
        let text = uuid.to_string();
        prop_assert_eq!(check_text::<UserId>(&text)?.map(Uuid::from), Some(uuid));
        prop_assert_eq!(check_text::<SessionId>(&text)?, Some(SessionId::from(uuid)));
        prop_assert_eq!(check_text::<AccessTokenId>(&text)?, Some(AccessTokenId::from(uuid)));
        prop_assert_eq!(check_text::<AuditEventId>(&text)?, Some(AuditEventId::from(uuid)));
        prop_assert_eq!(check_text::<MailId>(&text)?, Some(MailId::from(uuid)));
        prop_assert_eq!(check_text::<ApiKeyId>(&text)?, Some(ApiKeyId::from(uuid)));
        let simple = uuid.simple().to_string();
        prop_assert_eq!(check_text::<UserId>(&simple)?, None);
    }

    #[test]
    fn counters_survive_every_way(number: i64) {
        let version = Version(number);
        prop_assert_eq!(version.to_string().parse(), Ok(version));
        prop_assert_eq!(i64::from(version), number);
        prop_assert_eq!(AuthVersion::from(number), AuthVersion(number));
        let limit = PageLimit::try_from(number % 200);
        prop_assert_eq!(&limit, &PageLimit::parse(number % 200));
        if let Ok(limit) = limit {
            prop_assert_eq!(limit.to_string(), limit.get().to_string());
        }
        prop_assert_eq!(to_value(version).unwrap(), json!(number));
        prop_assert_eq!(from_value::<Version>(json!(number)).unwrap(), version);
        prop_assert_eq!(from_value::<AuthVersion>(json!(number)).unwrap(), AuthVersion(number));
    }

    #[test]
    fn metadata_survives_every_way(
        entries in proptest::collection::btree_map("\\PC{0,42}", "\\PC{0,20}", 0..6)
    ) {
        let read = Metadata::try_from(entries.clone());
        let by_serde = from_value::<Metadata>(to_value(&entries).unwrap());
        match read {
            Ok(metadata) => {
                prop_assert_eq!(to_value(&metadata).unwrap(), to_value(&entries).unwrap());
                prop_assert_eq!(&by_serde.ok(), &Some(metadata.clone()));
                prop_assert_eq!(BTreeMap::from(metadata), entries);
            }
            Err(broken) => {
                let refused = by_serde.unwrap_err().to_string();
                prop_assert!(refused.contains(&*broken.detail), "{}", refused);
            }
        }
    }
}

/// Every word is that of one value, whichever way is taken.
fn check_words<T: Texted + Copy + AsRef<str>>(all: &[T], word: fn(T) -> &'static str) {
    for one in all {
        assert_eq!(check_text(one.as_ref()).unwrap(), Some(*one));
        assert_eq!(
            (one.to_string().as_str(), one.as_ref()),
            (word(*one), word(*one))
        );
    }
    for bad in ["", " ", "no such word"] {
        assert_eq!(check_text::<T>(bad).unwrap(), None, "{bad:?}");
    }
}

#[test]
fn every_word_survives_every_way() {
    check_words(Role::ALL, Role::as_str);
    check_words(Status::ALL, Status::as_str);
    check_words(EventKind::ALL, EventKind::as_str);
    check_words(MailKind::ALL, MailKind::as_str);
    check_words(&MailState::ALL, MailState::as_str);
    check_words(&Delivery::ALL, Delivery::as_str);
    check_words(&Scope::ALL, Scope::as_str);
    check_words(&TokenPurpose::ALL, TokenPurpose::as_str);
    check_words(&AuthenticationMethods::ALL, AuthenticationMethods::as_str);
    check_words(ViolationCode::ALL, ViolationCode::as_str);
    check_words(&Identifier::ALL, Identifier::field);
    check_words(&RequiredMember::ALL, RequiredMember::field);
    check_words(&UserSort::ALL, UserSort::field);
}

#[test]
fn scopes_are_a_set_and_a_text() {
    for words in ["read", "write", "read write"] {
        let scopes = check_text::<Scopes>(words).unwrap().unwrap();
        assert_eq!(scopes.to_string(), words);
        assert!(scopes.into_iter().eq(scopes.iter()), "{words}");
    }
    for scope in Scope::ALL {
        assert!(Scopes::from(scope).iter().eq([scope]), "{scope}");
    }
}

#[test]
fn an_actor_has_a_text_even_if_it_is_nobody() {
    let user = Actor::User(UserId::from_uuid(Uuid::from_u128(7)));
    for actor in [Actor::Anonymous, user, Actor::operator("nightly")] {
        let shown = actor.to_string();
        assert_eq!(shown, actor.to_text().unwrap_or("anonymous".to_owned()));
        assert_eq!(shown.parse(), Ok(actor));
    }
    assert!("somebody".parse::<Actor>().is_err() && "".parse::<Actor>().is_err());
}

#[test]
fn those_who_may_do_more_are_greater_and_texts_are_ordered_as_they_are_written() {
    assert!(Role::Admin > Role::User);
    let parse = |text| Username::parse(text).unwrap();
    // As with `==`: another spelling is another value.
    assert!(parse("Zoe") < parse("ann") && parse("Ann") != parse("ann"));
}

#[test]
fn a_value_of_another_type_is_refused() {
    assert!(from_value::<EmailAddress>(json!(7)).is_err());
    assert!(from_value::<UserId>(json!(null)).is_err());
    assert!(from_value::<Version>(json!("1")).is_err());
    assert!(from_value::<Metadata>(json!({"key": 1})).is_err());
    assert!("1.5".parse::<Version>().is_err() && "".parse::<Version>().is_err());
}

#[test]
fn texts_keep_to_the_width_they_are_given() {
    let name = Username::parse("ann").unwrap();
    assert_eq!(format!("{name:>5}|{:<6}|", Role::User), "  ann|user  |");
}

//! What the strategies make is what the domain accepts.

use proptest::prelude::*;
use userhub_domain::{
    audit::{Actor, EventKind},
    page::PageStart,
    policy::Lifetimes,
    second_factor::SecondFactorCode,
    secret::RawToken,
    store::Store,
    users::{EmailAddress, PasswordHash, UserKey, Username},
};
use userhub_testkit::{MemoryStore, a_user, strategies};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_are_read_back(name in strategies::usernames(), address in strategies::email_addresses()) {
        prop_assert_eq!(Username::parse(name.as_str()), Ok(name));
        prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
    }

    #[test]
    fn events_are_written_and_read(event in strategies::audit_events(), query in strategies::audit_queries()) {
        prop_assert_eq!(EventKind::parse(event.kind.as_str()), Ok(event.kind));
        let text = event.actor.to_text();
        prop_assert_eq!(Actor::parse(text.as_deref()), Ok(event.actor.clone()));
        let cursor = query.cursor_after(&event);
        prop_assert_eq!(query.parse_cursor(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn users_have_a_place_in_every_list(user in strategies::users(), query in strategies::user_queries()) {
        prop_assert!(user.username.is_some() || user.email.is_some());
        let cursor = query.cursor_after(&user);
        prop_assert_eq!(query.parse_cursor(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn whatever_is_stored_is_found(user in strategies::users(), page in strategies::page_requests()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(async {
            let store = MemoryStore::new();
            let unit = store.begin().await.unwrap();
            unit.users().insert(&user, &PasswordHash::new("$x")).await.unwrap();
            unit.commit(&[]).await.unwrap();
            store.users().list(&Default::default(), &page).await.unwrap();
            store.users().find(&UserKey::Id(user.id)).await.unwrap()
        });
        prop_assert_eq!(found, Some(user));
    }

    #[test]
    fn a_page_may_start_anywhere_in_its_list((query, start) in strategies::user_queries()
        .prop_flat_map(|query| (Just(query.clone()), strategies::page_starts_in(&query))))
    {
        if let PageStart::After(cursor) = start {
            prop_assert_eq!(query.parse_cursor(&cursor.encode()), Ok(cursor));
        }
    }

    #[test]
    fn changes_are_made_or_refused_for_a_reason(
        user in strategies::users(),
        profile in strategies::profile_changes(),
        admin in strategies::admin_changes(),
        now in strategies::timestamps(),
    ) {
        let mut changed = user.clone();
        match changed.apply(&profile, &admin, now) {
            Ok(fields) => prop_assert_eq!(fields.is_empty(), changed == user),
            Err(error) => {
                prop_assert!(["user_deleted", "validation_failed"].contains(&error.code()));
                prop_assert_eq!(changed, user);
            }
        }
    }

    #[test]
    fn what_is_signed_and_mailed_is_of_its_kind(
        claims in strategies::access_claims_of(a_user().id),
        letter in strategies::letters(),
        hash in strategies::password_hashes(),
        code in strategies::second_factor_codes(),
    ) {
        prop_assert!(claims.is_current(claims.issued_at));
        prop_assert!(!claims.is_current(claims.expires_at));
        prop_assert_eq!(claims.issued_at.timestamp_subsec_micros(), 0);
        let purpose = letter.kind.token(&Lifetimes::default()).map(|(purpose, _)| purpose);
        prop_assert_eq!(letter.token.as_ref().map(RawToken::purpose), purpose);
        prop_assert_eq!(letter.expires_at.is_some(), letter.token.is_some());
        prop_assert!(hash.expose().starts_with("$argon2id$"));
        let typed = match code {
            SecondFactorCode::Totp(code) => code.expose().into(),
            SecondFactorCode::Recovery(code) => code.reveal(),
        };
        prop_assert!(SecondFactorCode::parse(&typed).is_ok());
    }

    #[test]
    fn secrets_are_of_their_kind(
        token in strategies::raw_tokens(),
        password in strategies::new_passwords(),
        attempt in strategies::password_attempts(),
    ) {
        prop_assert_eq!(token.hash(), token.clone().hash());
        prop_assert!(password.expose().chars().count() >= 8);
        prop_assert!(attempt.expose().len() <= 1024);
    }
}

//! What the strategies make is what the domain accepts.

use proptest::prelude::*;
use userhub_domain::{
    audit::{Actor, EventKind},
    store::Store,
    users::{EmailAddress, PasswordHash, UserKey, Username},
};
use userhub_testkit::{MemoryStore, strategies};

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

//! What is remembered of API keys.

use chrono::TimeDelta;
use userhub_domain::{
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, Scopes},
    secret::TokenHash,
    store::Store,
    users::PasswordHash,
};
use userhub_testkit::a_user;

use crate::database::TestDatabase;

/// Otherwise every request within the second after it would note it again.
async fn a_use_that_was_noted_is_known_at_once(database: TestDatabase) {
    let store = database.prepared().await;
    let user = a_user();
    let key = ApiKey {
        id: ApiKeyId::from_uuid(user.id.as_uuid()),
        user_id: user.id,
        name: ApiKeyName::parse("nightly").expect("a name"),
        prefix: "uhk_12345678".to_owned(),
        hash: TokenHash::parse_stored(&[7; 32]).expect("32 bytes"),
        scopes: Scopes::parse(["read"]).expect("a scope"),
        created_at: user.created_at,
        expires_at: None,
        last_used_at: None,
    };
    let unit = store.begin().await.expect("begun");
    let hash = PasswordHash::new("x");
    unit.users().insert(&user, &hash).await.expect("inserted");
    unit.api_keys().insert(&key).await.expect("inserted");
    unit.commit(&[]).await.expect("committed");

    let last_used_at = async || {
        let found = store.api_keys().find_holder(key.hash).await;
        found.expect("read").expect("there").key.last_used_at
    };
    // Asked before, so that the answer is remembered.
    assert_eq!(last_used_at().await, None);
    let at = key.created_at + TimeDelta::minutes(5);
    let unit = store.begin().await.expect("begun");
    unit.api_keys().record_use(key.id, at).await.expect("noted");
    unit.commit(&[]).await.expect("committed");
    assert_eq!(last_used_at().await, Some(at));
}

#[tokio::test]
async fn a_use_that_was_noted_is_known_at_once_on_sqlite() {
    a_use_that_was_noted_is_known_at_once(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_use_that_was_noted_is_known_at_once_on_postgres() {
    a_use_that_was_noted_is_known_at_once(TestDatabase::postgres().await).await;
}

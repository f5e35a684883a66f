#![cfg(test)]
//! What should work, and what must not be left behind: over fakes that remember.

use std::sync::Arc;

use secrecy::ExposeSecret;
use swap_mocks::{KEY, Newsletter};
use userhub_domain::{
    api_keys::{CreateApiKeyCommand, CreateApiKeyInput},
    audit::{Actor, EventKind, Origin},
    caller::SignedIn,
    users::User,
};
use userhub_testkit::{TestServices, UserBuilder, a_user};

async fn with(user: User) -> (TestServices, Newsletter, SignedIn) {
    let test = TestServices::new();
    let user = test.add(user).await.unwrap();
    let store = Arc::new(test.store.clone());
    let newsletter = Newsletter::new(
        store,
        Arc::new(test.clock.clone()),
        Arc::new(test.entropy.clone()),
    );
    (test, newsletter, SignedIn::trust(user))
}

fn stored(test: &TestServices) -> User {
    test.store.all_users().remove(0)
}

#[tokio::test]
async fn who_joins_is_remembered_with_an_event() {
    let (test, newsletter, caller) = with(a_user()).await;
    let origin = Origin::default();
    assert!(newsletter.join(&caller, &origin).await.unwrap());
    let joined = stored(&test);
    assert_eq!(joined.metadata.entries()[KEY], "yes");
    let events = test.store.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, EventKind::UserUpdated);
    assert_eq!(events[0].actor, Actor::User(caller.id()));
    assert_eq!(events[0].fields, ["metadata"]);
    assert!(!newsletter.join(&caller, &origin).await.unwrap());
    assert_eq!(stored(&test).version, joined.version);
    assert_eq!(test.store.events().len(), 1);
}

#[tokio::test]
async fn who_leaves_keeps_everything_else() {
    let user = UserBuilder::new()
        .metadata([(KEY, "yes"), ("plan", "free")])
        .build();
    let (test, newsletter, caller) = with(user).await;
    assert!(newsletter.leave(&caller, &Origin::default()).await.unwrap());
    let metadata = stored(&test).metadata.clone();
    assert_eq!(metadata.entries().len(), 1);
    assert_eq!(metadata.entries()["plan"], "free");
}

#[tokio::test]
async fn a_commit_that_fails_leaves_nothing() {
    let (test, newsletter, caller) = with(a_user()).await;
    test.store.fail_commit();
    let failed = newsletter.join(&caller, &Origin::default()).await;
    assert_eq!(failed.unwrap_err().code(), "storage_unavailable");
    assert!(stored(&test).metadata.entries().is_empty());
    assert!(test.store.events().is_empty());
    assert!(newsletter.join(&caller, &Origin::default()).await.unwrap());
}

#[tokio::test]
async fn the_deleted_cannot_join() {
    let (_, newsletter, caller) = with(UserBuilder::new().deleted().build()).await;
    let refused = newsletter.join(&caller, &Origin::default()).await;
    assert_eq!(refused.unwrap_err().code(), "user_deleted");
}

/// By an API key of the first user, as a program would call.
async fn by_key(test: &TestServices, scope: &str) -> SignedIn {
    let sessions = &test.services.sessions;
    let tokens = test.sign_in(&stored(test)).await.unwrap();
    let person = sessions.authenticate(tokens.access_token.expose_secret());
    let session = person.await.unwrap().require_session().unwrap();
    let input = CreateApiKeyInput {
        name: Some("script".to_owned()),
        scopes: Some(vec![scope.to_owned()]),
        expires_at: None,
    };
    let command = CreateApiKeyCommand::parse(input).unwrap();
    let api_keys = &test.services.api_keys;
    let made = api_keys.create(&session, &Origin::default(), command).await;
    sessions
        .authenticate(made.unwrap().token.reveal().expose_secret())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_key_that_may_only_read_changes_nothing() {
    let (test, newsletter, _) = with(a_user()).await;
    let (read, write) = (by_key(&test, "read").await, by_key(&test, "write").await);
    let origin = Origin::default();
    for refused in [
        newsletter.join(&read, &origin).await,
        newsletter.leave(&read, &origin).await,
    ] {
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    }
    assert!(stored(&test).metadata.entries().is_empty());
    assert!(newsletter.join(&write, &origin).await.unwrap());
}

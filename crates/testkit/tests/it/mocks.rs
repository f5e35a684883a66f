//! An example of each kind: mock readers, a mock unit of work, a mock store.

use std::sync::Arc;

use userhub_domain::{
    Error,
    error::Conflict,
    store::{Store, UnitOfWork},
    users::{PasswordStrength, SessionsAfter, Strength, UserKey, UserReader, Version},
};
use userhub_testkit::{
    a_user,
    mocks::{
        MockAccessTokens, MockPasswordHasher, MockPasswordStrength, MockStore, MockUnitOfWork,
        MockUserReader,
    },
};

#[tokio::test]
async fn a_mock_reader_answers_what_it_was_told() {
    let user = a_user();
    let mut users = MockUserReader::new();
    let found = user.clone();
    users
        .expect_find()
        .times(1)
        .returning(move |_| Ok(Some(found.clone())));
    users
        .expect_find()
        .returning(|_| Err(Error::storage_unavailable("gone")));
    let key = UserKey::Id(user.id);
    assert_eq!(users.find(&key).await.unwrap(), Some(user));
    assert_eq!(
        users.find(&key).await.unwrap_err().code(),
        "storage_unavailable"
    );
}

#[tokio::test]
async fn a_mock_unit_of_work_loses_a_race_and_records_its_commit() {
    let mut unit = MockUnitOfWork::new();
    unit.users
        .expect_update()
        .returning(|_, _, _| Err(Conflict::Stale.into()));
    let commits = unit.commits();
    let unit: Box<dyn UnitOfWork> = Box::new(unit);
    let user = a_user();
    let lost = unit
        .users()
        .update(&user, Version::FIRST, SessionsAfter::Keep)
        .await;
    assert_eq!(lost.unwrap_err().code(), "edit_conflict");
    unit.commit(&[]).await.unwrap();
    assert_eq!(commits.all(), [vec![]]);
}

#[tokio::test]
async fn a_mock_store_gives_its_units_of_work_in_turn() {
    let store = MockStore::new();
    store.will_begin(MockUnitOfWork::new().failing_to_commit(Error::storage_unavailable("full")));
    store.will_fail_to_begin(Error::storage_unavailable("gone"));
    let store: Arc<dyn Store> = Arc::new(store);
    let unit = store.begin().await.unwrap();
    assert_eq!(
        unit.commit(&[]).await.unwrap_err().code(),
        "storage_unavailable"
    );
    assert_eq!(
        store.begin().await.map(drop).unwrap_err().code(),
        "storage_unavailable"
    );
    assert_eq!(
        store.begin().await.map(drop).unwrap_err().code(),
        "internal"
    );
}

#[tokio::test]
async fn other_ports_have_mocks_too() {
    use userhub_domain::sessions::AccessTokens;
    let mut tokens = MockAccessTokens::new();
    tokens.expect_verify().returning(|_| Ok(None));
    assert_eq!(tokens.verify("anything").await.unwrap(), None);
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify_decoy().times(0);
    drop(hasher);
    let mut strength = MockPasswordStrength::new();
    strength
        .expect_estimate()
        .withf(|password, own_words| password == "annann" && own_words == ["ann"])
        .times(1)
        .returning(|_, _| Strength::default());
    assert_eq!(strength.estimate("annann", &["ann"]).score, 0);
}

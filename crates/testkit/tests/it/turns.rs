//! What only the memory store has: its bounded turn and its failures on demand.

use std::time::Duration;

use userhub_domain::{
    store::Store,
    users::{PasswordHash, User, UserKey},
};
use userhub_testkit::{FaultPoint, MemoryStore, a_user};

async fn insert(store: &MemoryStore, user: &User) -> userhub_domain::Result<()> {
    let unit = store.begin().await?;
    unit.users().insert(user, &PasswordHash::new("$x")).await?;
    unit.commit(&[]).await
}

#[tokio::test]
async fn a_writer_waits_for_its_turn_and_not_for_ever() {
    let store = MemoryStore::new().waiting_at_most(Duration::from_millis(30));
    let unit = store.begin().await.unwrap();
    let refused = store.begin().await.map(drop).unwrap_err();
    assert_eq!(refused.code(), "storage_unavailable");
    drop(unit);
    assert!(store.begin().await.is_ok());
}

#[tokio::test]
async fn ordered_failures_happen_once_and_leave_nothing() {
    let store = MemoryStore::new();
    let user = a_user();
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        store.fail_next(point);
        let failed = insert(&store, &user).await.unwrap_err();
        assert_eq!(failed.code(), "storage_unavailable", "{point:?}");
        assert!(store.all_users().is_empty());
    }
    insert(&store, &user).await.unwrap();
    store.fail_next(FaultPoint::Read);
    let key = UserKey::Id(user.id);
    assert!(store.users().find(&key).await.is_err());
    assert_eq!(store.users().find(&key).await.unwrap(), Some(user));
}

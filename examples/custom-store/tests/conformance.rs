#![cfg(test)]
//! What every store must do, asked of this one.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use custom_store::RedbStore;
use tempfile::TempDir;
use userhub_domain::store::Store;
use userhub_testkit::conformance::StoreFactory;

/// A file of its own for each check. redb allows one process at a time, so
/// "another process" is a clone of the store that is open.
struct File {
    folder: TempDir,
    open: Mutex<Option<RedbStore>>,
}

impl File {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            open: Mutex::default(),
        }
    }
}

#[async_trait]
impl StoreFactory for File {
    async fn open(&self) -> Arc<dyn Store> {
        let mut open = self.open.lock().unwrap();
        let store = open.get_or_insert_with(|| {
            RedbStore::open(&self.folder.path().join("users.redb")).unwrap()
        });
        Arc::new(store.clone())
    }
}

userhub_testkit::store_conformance!(File::new());

#[tokio::test]
async fn what_is_committed_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.redb");
    let user = userhub_testkit::a_user();
    {
        let store = RedbStore::open(&path).unwrap();
        let unit = store.begin().await.unwrap();
        let hash = userhub_testkit::InstantHasher::new().hash_of("open sesame");
        unit.users().insert(&user, &hash).await.unwrap();
        unit.commit(&[]).await.unwrap();
    }
    let store = RedbStore::open(&path).unwrap();
    let key = userhub_domain::users::UserKey::Id(user.id);
    assert_eq!(store.users().find(&key).await.unwrap(), Some(user));
}

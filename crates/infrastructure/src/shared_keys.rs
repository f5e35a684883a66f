//! The store as the place where the public keys of all instances stand.

use async_trait::async_trait;
use userhub_domain::{Result, clock::Timestamp};

use crate::{
    crypto::jwt::{KeyDirectory, PublishedKey},
    sql::{SqlStore, StoredKey},
};

#[async_trait]
impl KeyDirectory for SqlStore {
    async fn publish(&self, key: &PublishedKey) -> Result<()> {
        let key = key.clone();
        self.publish_key(&StoredKey {
            kid: key.kid,
            algorithm: key.algorithm,
            jwk: key.jwk,
            created_at: key.created_at,
            expires_at: key.expires_at,
        })
        .await
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<PublishedKey>> {
        let keys = self.list_keys(now).await?;
        let published = keys.into_iter().map(|key| PublishedKey {
            kid: key.kid,
            algorithm: key.algorithm,
            jwk: key.jwk,
            created_at: key.created_at,
            expires_at: key.expires_at,
        });
        Ok(published.collect())
    }
}

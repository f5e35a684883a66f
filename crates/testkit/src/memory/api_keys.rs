//! Reads and writes API keys.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    api_keys::{ApiKey, ApiKeyId, ApiKeyReader, ApiKeyWriter, KeyHolder},
    clock::Timestamp,
    secret::TokenHash,
    users::UserId,
};

use super::{MemoryStore, MemoryUnitOfWork};

#[async_trait]
impl ApiKeyReader for MemoryStore {
    async fn find_holder(&self, hash: TokenHash) -> Result<Option<KeyHolder>> {
        let state = self.read()?;
        let Some(key) = state.api_keys.values().find(|one| one.hash == hash) else {
            return Ok(None);
        };
        let owner = state.users.get(&key.user_id);
        let owner = owner.ok_or_else(|| Error::internal("an API key without its user"))?;
        Ok(Some(KeyHolder {
            key: key.clone(),
            user: owner.user.clone(),
        }))
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let state = self.read()?;
        let keys = state.api_keys.values();
        let mut keys: Vec<ApiKey> = keys.filter(|one| one.user_id == user).cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id));
        Ok(keys)
    }
}

#[async_trait]
impl ApiKeyWriter for MemoryUnitOfWork {
    async fn insert(&self, key: &ApiKey) -> Result<()> {
        self.write(|state| {
            state.require_user(key.user_id, "an API key of nobody")?;
            let is_there = |one: &ApiKey| one.id == key.id || one.hash == key.hash;
            if state.api_keys.values().any(is_there) {
                return Err(Error::internal("a new API key is not new"));
            }
            state.api_keys.insert(key.id, key.clone());
            Ok(())
        })
    }

    async fn revoke(&self, id: ApiKeyId, user: UserId) -> Result<bool> {
        self.write(|state| {
            let key = state.api_keys.get(&id);
            let is_theirs = key.is_some_and(|one| one.user_id == user);
            if is_theirs {
                state.api_keys.remove(&id);
            }
            Ok(is_theirs)
        })
    }

    async fn revoke_all(&self, user: UserId) -> Result<u64> {
        self.write(|state| {
            let before = state.api_keys.len();
            state.api_keys.retain(|_, one| one.user_id != user);
            let revoked = before - state.api_keys.len();
            Ok(revoked.try_into().unwrap_or(u64::MAX))
        })
    }

    async fn record_use(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        self.write(|state| {
            if let Some(key) = state.api_keys.get_mut(&id) {
                key.last_used_at = key.last_used_at.max(Some(at));
            }
            Ok(())
        })
    }
}

//! Reads and writes API keys, wrongly.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;
use userhub_domain::{
    Result,
    api_keys::{ApiKey, ApiKeyId, ApiKeyReader, ApiKeyWriter, KeyHolder, Scopes},
    clock::Timestamp,
    secret::TokenHash,
    users::UserId,
};

use super::{BrokenStore, BrokenUnitOfWork, Defect, readers::milliseconds};
use crate::locked;

/// What a store remembers of the keys that it was asked for.
pub(super) type HolderCache = BTreeMap<TokenHash, Option<KeyHolder>>;

#[async_trait]
impl ApiKeyReader for BrokenStore {
    async fn find_holder(&self, hash: TokenHash) -> Result<Option<KeyHolder>> {
        let cached = locked(&self.holders).get(&hash).cloned();
        let before = self.committed();
        let mut found = self.inner.find_holder(hash).await?;
        if self.is(Defect::OvertakenKeysCached) {
            if self.is_overtaken(&before).await {
                locked(&self.holders).insert(hash, found.clone());
            }
            return Ok(cached.unwrap_or(found));
        }
        match (cached, self.defect) {
            (Some(cached), Defect::KeysCached | Defect::KeysCachedPerStore) => return Ok(cached),
            (Some(None), Defect::MissingKeysCached) => return Ok(None),
            (Some(Some(cached)), Defect::KeyOwnersCached) => {
                if let Some(found) = &mut found {
                    found.user = cached.user;
                }
            }
            _ => {}
        }
        locked(&self.holders).insert(hash, found.clone());
        Ok(found)
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let mut keys = ApiKeyReader::list(&self.inner, user).await?;
        match self.defect {
            Defect::KeysYoungestFirst => keys.sort_by_key(|key| Reverse((key.created_at, key.id))),
            Defect::KeysListedById => keys.sort_by_key(|key| key.id),
            _ => {}
        }
        Ok(keys)
    }
}

#[async_trait]
impl ApiKeyWriter for BrokenUnitOfWork {
    async fn insert(&self, key: &ApiKey) -> Result<()> {
        let mut key = key.clone();
        match self.store.defect {
            Defect::KeyForgetsScopes => {
                key.scopes = Scopes::parse(["read"]).expect("a scope");
            }
            Defect::KeyForgetsItsEnd => key.expires_at = None,
            Defect::TimesCutToMilliseconds => {
                key.created_at = milliseconds(key.created_at);
                key.expires_at = key.expires_at.map(milliseconds);
            }
            _ => {}
        }
        let done = ApiKeyWriter::insert(self.inner(), &key).await;
        self.done(done)
    }

    async fn revoke(&self, id: ApiKeyId, user: UserId) -> Result<bool> {
        let owner = self.meddle(|state| state.api_keys.get(&id).map(|key| key.user_id));
        let user = match owner {
            Some(owner) if self.is(Defect::RevokingIgnoresOwner) => owner,
            _ => user,
        };
        let done = match self.store.defect {
            Defect::RevokingTakesAll => {
                let done = self.inner().revoke_all(user).await;
                done.map(|revoked| revoked > 0)
            }
            _ => self.inner().revoke(id, user).await,
        };
        self.done(done)
    }

    async fn revoke_all(&self, user: UserId) -> Result<u64> {
        let before = &self.before.api_keys;
        let mut overlooked = self.meddle(|state| state.api_keys.clone());
        overlooked.retain(|id, key| key.user_id == user && !before.contains_key(id));
        let mut done = self.inner().revoke_all(user).await;
        if self.is(Defect::KeysBeforeTheirTurn) {
            let number = u64::try_from(overlooked.len()).unwrap();
            done = done.map(|revoked| revoked - number);
            self.meddle(|state| state.api_keys.extend(overlooked));
        }
        if self.is(Defect::EverybodysKeysRevoked) {
            self.meddle(|state| state.api_keys.clear());
        }
        self.done(done)
    }

    async fn record_use(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        let done = self.inner().record_use(id, at).await;
        self.meddle(|state| {
            let Some(key) = state.api_keys.get_mut(&id) else {
                return;
            };
            match self.store.defect {
                Defect::LastUseGoesBack => key.last_used_at = Some(at),
                Defect::TimesCutToMilliseconds => {
                    key.last_used_at = key.last_used_at.map(milliseconds);
                }
                _ => {}
            }
        });
        self.done(done)
    }
}

//! API keys: their row, and how they are read and written.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Error, Result,
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, ApiKeyReader, ApiKeyWriter, KeyHolder, Scopes},
    clock::Timestamp,
    secret::TokenHash,
    users::UserId,
};

use crate::{
    RedbStore,
    rows::{UserRow, hash, micros, nonsense, time},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::require_user,
};

#[derive(Serialize, Deserialize)]
struct ApiKeyRow {
    id: String,
    user_id: String,
    name: String,
    prefix: String,
    hash: [u8; 32],
    scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl ApiKeyRow {
    fn new(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            user_id: key.user_id.to_string(),
            name: key.name.as_str().to_owned(),
            prefix: key.prefix.clone(),
            hash: *key.hash.as_bytes(),
            scopes: key.scopes.to_text(),
            created_at: micros(key.created_at),
            expires_at: key.expires_at.map(micros),
            last_used_at: key.last_used_at.map(micros),
        }
    }

    fn key(&self) -> Result<ApiKey> {
        Ok(ApiKey {
            id: ApiKeyId::parse(&self.id).ok_or_else(|| nonsense("API key"))?,
            user_id: UserId::parse(&self.user_id).ok_or_else(|| nonsense("user_id"))?,
            name: ApiKeyName::parse(&self.name).map_err(|_| nonsense("name"))?,
            prefix: self.prefix.clone(),
            hash: hash(&self.hash)?,
            scopes: Scopes::parse_stored(&self.scopes).ok_or_else(|| nonsense("scopes"))?,
            created_at: time(self.created_at)?,
            expires_at: self.expires_at.map(time).transpose()?,
            last_used_at: self.last_used_at.map(time).transpose()?,
        })
    }
}

#[async_trait]
impl ApiKeyReader for RedbStore {
    async fn find_holder(&self, hash: TokenHash) -> Result<Option<KeyHolder>> {
        let snapshot = self.snapshot()?;
        let keys = tables::read(&snapshot, tables::API_KEYS)?;
        let Some(row) = tables::row::<ApiKeyRow>(&keys, hash.as_bytes())? else {
            return Ok(None);
        };
        let key = row.key()?;
        let users = tables::read(&snapshot, tables::USERS)?;
        let owner: Option<UserRow> = tables::row(&users, key.user_id.as_uuid().as_bytes())?;
        let owner = owner.ok_or_else(|| Error::internal("an API key without its user"))?;
        Ok(Some(KeyHolder {
            key,
            user: owner.user()?,
        }))
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let snapshot = self.snapshot()?;
        let rows: Vec<ApiKeyRow> = tables::rows(&tables::read(&snapshot, tables::API_KEYS)?)?;
        let owner = user.to_string();
        let theirs = rows.iter().filter(|row| row.user_id == owner);
        let mut keys: Vec<ApiKey> = theirs.map(ApiKeyRow::key).collect::<Result<_>>()?;
        keys.sort_by_key(|key| (key.created_at, key.id));
        Ok(keys)
    }
}

#[async_trait]
impl ApiKeyWriter for RedbUnitOfWork {
    async fn insert(&self, key: &ApiKey) -> Result<()> {
        self.write(|transaction| {
            require_user(transaction, key.user_id, "an API key of nobody")?;
            let row = ApiKeyRow::new(key);
            let mut keys = tables::write(transaction, tables::API_KEYS)?;
            let others: Vec<ApiKeyRow> = tables::rows(&keys)?;
            if others.iter().any(|other| other.id == row.id) {
                return Err(Error::internal("the id of a new API key is not new"));
            }
            tables::insert(&mut keys, &row.hash, &row)
        })
    }

    async fn revoke(&self, id: ApiKeyId, user: UserId) -> Result<bool> {
        self.write(|transaction| {
            let (id, user) = (id.to_string(), user.to_string());
            let is_meant = |row: &ApiKeyRow| row.id == id && row.user_id == user;
            let revoked = tables::remove_where(transaction, tables::API_KEYS, 1, is_meant)?;
            Ok(revoked > 0)
        })
    }

    async fn revoke_all(&self, user: UserId) -> Result<u64> {
        self.write(|transaction| revoke_all(transaction, user))
    }

    async fn record_use(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        self.write(|transaction| {
            let id = id.to_string();
            let mut keys = tables::write(transaction, tables::API_KEYS)?;
            let rows: Vec<ApiKeyRow> = tables::rows(&keys)?;
            let Some(mut row) = rows.into_iter().find(|row| row.id == id) else {
                return Ok(());
            };
            row.last_used_at = row.last_used_at.max(Some(micros(at)));
            tables::put(&mut keys, &row.hash, &row)
        })
    }
}

fn revoke_all(transaction: &WriteTransaction, user: UserId) -> Result<u64> {
    let user = user.to_string();
    let is_theirs = |row: &ApiKeyRow| row.user_id == user;
    tables::remove_where(transaction, tables::API_KEYS, u32::MAX, is_theirs)
}

/// Removes every key of a user.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    revoke_all(transaction, user).map(drop)
}

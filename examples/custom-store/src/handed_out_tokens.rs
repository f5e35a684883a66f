//! Tokens that are handed out: their row, and how they are read and written.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenReader, HandedOutTokenWriter},
    secret::{TokenHash, TokenPurpose},
    users::{AuthVersion, UserId},
};

use crate::{
    RedbStore,
    rows::{address, hash, micros, nonsense, time},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::require_user,
};

#[derive(Serialize, Deserialize)]
struct TokenRow {
    purpose: String,
    user_id: String,
    hash: [u8; 32],
    auth_version: i64,
    address: Option<String>,
    new_address: Option<String>,
    created_at: i64,
    expires_at: i64,
}

impl TokenRow {
    fn new(token: &HandedOutToken) -> Self {
        Self {
            purpose: token.purpose.as_str().to_owned(),
            user_id: token.user_id.to_string(),
            hash: *token.hash.as_bytes(),
            auth_version: token.auth_version.0,
            address: token.address.as_ref().map(ToString::to_string),
            new_address: token.new_address.as_ref().map(ToString::to_string),
            created_at: micros(token.created_at),
            expires_at: micros(token.expires_at),
        }
    }

    fn token(&self, purpose: TokenPurpose) -> Result<HandedOutToken> {
        Ok(HandedOutToken {
            hash: hash(&self.hash)?,
            purpose,
            user_id: UserId::parse(&self.user_id).ok_or_else(|| nonsense("user_id"))?,
            auth_version: AuthVersion(self.auth_version),
            address: address(self.address.as_deref())?,
            new_address: address(self.new_address.as_deref())?,
            created_at: time(self.created_at)?,
            expires_at: time(self.expires_at)?,
        })
    }
}

#[async_trait]
impl HandedOutTokenReader for RedbStore {
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>> {
        let snapshot = self.snapshot()?;
        let tokens = tables::read(&snapshot, tables::TOKENS)?;
        let row: Option<TokenRow> = tables::row(&tokens, hash.as_bytes())?;
        let row = row.filter(|row| row.purpose == purpose.as_str());
        row.map(|row| row.token(purpose)).transpose()
    }
}

#[async_trait]
impl HandedOutTokenWriter for RedbUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<bool> {
        self.write(|transaction| {
            require_user(transaction, token.user_id, "a token of nobody")?;
            let new = TokenRow::new(token);
            let is_of_its_kind =
                |row: &TokenRow| (&row.user_id, &row.purpose) == (&new.user_id, &new.purpose);
            let is_later = |row: &TokenRow| is_of_its_kind(row) && row.created_at > new.created_at;
            let mut tokens = tables::write(transaction, tables::TOKENS)?;
            if tables::rows(&tokens)?.iter().any(is_later) {
                return Ok(false);
            }
            drop(tokens);
            tables::remove_where(transaction, tables::TOKENS, u32::MAX, is_of_its_kind)?;
            tokens = tables::write(transaction, tables::TOKENS)?;
            tables::put(&mut tokens, &new.hash, &new)?;
            Ok(true)
        })
    }

    async fn void_mailed(&self, user: UserId) -> Result<()> {
        let user = user.to_string();
        self.write(|transaction| {
            let is_theirs = |row: &TokenRow| row.user_id == user && row.address.is_some();
            tables::remove_where(transaction, tables::TOKENS, u32::MAX, is_theirs)?;
            Ok(())
        })
    }

    async fn add_challenge(&self, token: &HandedOutToken) -> Result<()> {
        self.write(|transaction| {
            if token.purpose != TokenPurpose::MfaChallenge {
                return Err(Error::internal("a challenge of another purpose"));
            }
            require_user(transaction, token.user_id, "a challenge of nobody")?;
            let mut tokens = tables::write(transaction, tables::TOKENS)?;
            let new = TokenRow::new(token);
            tables::insert(&mut tokens, &new.hash, &new)
        })
    }

    async fn consume(&self, hash: TokenHash) -> Result<bool> {
        self.write(|transaction| {
            let mut tokens = tables::write(transaction, tables::TOKENS)?;
            tables::remove(&mut tokens, hash.as_bytes())
        })
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|transaction| {
            let is_over = |row: &TokenRow| row.expires_at < micros(before);
            tables::remove_where(transaction, tables::TOKENS, limit, is_over)
        })
    }
}

/// Removes every token of a user.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    let user = user.to_string();
    let is_theirs = |row: &TokenRow| row.user_id == user;
    tables::remove_where(transaction, tables::TOKENS, u32::MAX, is_theirs)?;
    Ok(())
}

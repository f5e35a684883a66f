//! Writes tokens that are handed out.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenWriter},
    secret::{TokenHash, TokenPurpose},
    users::UserId,
};

use super::MemoryUnitOfWork;

#[async_trait]
impl HandedOutTokenWriter for MemoryUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<bool> {
        self.write(|state| {
            state.require_user(token.user_id, "a token of nobody")?;
            let is_of_its_kind =
                |one: &HandedOutToken| (one.user_id, one.purpose) == (token.user_id, token.purpose);
            let mut others = state.tokens.values().filter(|one| is_of_its_kind(one));
            if others.any(|one| one.created_at > token.created_at) {
                return Ok(false);
            }
            state.tokens.retain(|_, one| !is_of_its_kind(one));
            state.tokens.insert(token.hash, token.clone());
            Ok(true)
        })
    }

    async fn void_mailed(&self, user: UserId) -> Result<()> {
        self.write(|state| {
            let is_theirs = |one: &HandedOutToken| one.user_id == user && one.address.is_some();
            state.tokens.retain(|_, one| !is_theirs(one));
            Ok(())
        })
    }

    async fn add_challenge(&self, token: &HandedOutToken) -> Result<()> {
        self.write(|state| {
            if token.purpose != TokenPurpose::MfaChallenge {
                return Err(Error::internal("a challenge of another purpose"));
            }
            state.require_user(token.user_id, "a challenge of nobody")?;
            match state.tokens.insert(token.hash, token.clone()) {
                None => Ok(()),
                Some(_) => Err(Error::internal("the digest of a new token is not new")),
            }
        })
    }

    async fn consume(&self, hash: TokenHash) -> Result<bool> {
        self.write(|state| Ok(state.tokens.remove(&hash).is_some()))
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|state| {
            let over: Vec<TokenHash> = state
                .tokens
                .values()
                .filter(|token| token.expires_at < before)
                .map(|token| token.hash)
                .take(limit.try_into().unwrap_or(usize::MAX))
                .collect();
            state.tokens.retain(|hash, _| !over.contains(hash));
            Ok(over.len().try_into().unwrap_or(u64::MAX))
        })
    }
}

//! Writes tokens that are handed out.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenWriter},
    secret::TokenHash,
};

use crate::{
    rows::{TokenRow, micros},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::load as load_user,
};

#[async_trait]
impl HandedOutTokenWriter for RedbUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<()> {
        self.write(|transaction| {
            if load_user(transaction, token.user_id)?.is_none() {
                return Err(Error::internal("a token of nobody"));
            }
            let mut tokens = tables::write(transaction, tables::TOKENS)?;
            let new = TokenRow::new(token);
            for row in tables::rows::<TokenRow>(&tokens)? {
                if (&row.user_id, &row.purpose) == (&new.user_id, &new.purpose) {
                    tables::remove(&mut tokens, &row.hash)?;
                }
            }
            tables::put(&mut tokens, &new.hash, &new)
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
            let mut tokens = tables::write(transaction, tables::TOKENS)?;
            let mut removed = 0;
            for row in tables::rows::<TokenRow>(&tokens)? {
                if removed < u64::from(limit) && row.expires_at < micros(before) {
                    tables::remove(&mut tokens, &row.hash)?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
    }
}

//! A key is calling.

use chrono::TimeDelta;

use super::ApiKey;
use crate::{
    caller::SignedIn,
    clock::Timestamp,
    error::{Result, Unauthenticated},
    ports::Context,
    secret::RawToken,
};

/// How exactly the last use of a key is known.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Context {
    /// Proves who sent a key: key and owner as they are now.
    pub(crate) async fn authenticate_key(&self, sent: &RawToken) -> Result<SignedIn> {
        let now = self.now();
        let keys = self.ports.store.api_keys();
        let holder = keys
            .find_holder(sent.hash())
            .await?
            .filter(|holder| holder.is_living(now))
            .ok_or(Unauthenticated::AccessToken)?;
        let noted = holder.key.last_used_at;
        if noted.is_none_or(|noted| now >= noted + NOTED_EVERY) {
            // As well as can be: a key is good on a database that only reads.
            drop(self.note_use(&holder.key, now).await);
        }
        Ok(SignedIn::by_key(holder.user, &holder.key))
    }

    async fn note_use(&self, key: &ApiKey, now: Timestamp) -> Result<()> {
        let unit = self.ports.store.begin().await?;
        unit.api_keys().record_use(key.id, now).await?;
        unit.commit(&[]).await
    }
}

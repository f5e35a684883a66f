//! Where the public keys of all instances stand, and what of it is known here.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use moka::sync::Cache;
use userhub_domain::{Error, Result, clock::Timestamp};

use super::key::PublicKey;

/// Between two reads of the directory passes at least this.
const GAP: Duration = Duration::from_millis(100);
/// For how long a key that was not there is not looked for again, and how many
/// such keys are remembered.
const UNKNOWN_FOR: Duration = Duration::from_secs(5);
const UNKNOWN_COUNT: u64 = 1000;

/// A public key as it stands in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its RFC 7638 thumbprint (SHA-256, base64url), 43 characters.
    pub kid: String,
    /// `EdDSA` or `ES256`.
    pub algorithm: String,
    /// The public members as a JSON object of strings (RFC 7517).
    pub jwk: String,
    /// When it was made known first.
    pub created_at: Timestamp,
    /// When the last token that it signed has expired.
    pub expires_at: Timestamp,
}

/// What all instances share: the public halves of their keys.
#[async_trait]
pub trait KeyDirectory: Send + Sync {
    /// Adds a key. Where its `kid` stands already, only `expires_at` moves, and
    /// never back.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn publish(&self, key: &PublishedKey) -> Result<()>;

    /// The keys with `expires_at` after `now`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn list(&self, now: Timestamp) -> Result<Vec<PublishedKey>>;
}

/// A directory for a single process: tests, and embedders whose store is not
/// this crate's. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeyDirectory(Arc<RwLock<BTreeMap<String, PublishedKey>>>);

#[async_trait]
impl KeyDirectory for MemoryKeyDirectory {
    async fn publish(&self, key: &PublishedKey) -> Result<()> {
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let stored = keys.entry(key.kid.clone()).or_insert_with(|| key.clone());
        stored.expires_at = stored.expires_at.max(key.expires_at);
        Ok(())
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<PublishedKey>> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(keys
            .values()
            .filter(|key| now < key.expires_at)
            .cloned()
            .collect())
    }
}

/// The keys that this process has read from the directory.
///
/// The directory is read only where a token names a key that is not known
/// here: by one reader at a time, ten times a second at most, with everybody
/// who asked meanwhile waiting for the same answer. Tokens with made-up keys
/// therefore cost the database next to nothing, and a key that was published
/// before its first token is never missed.
pub(super) struct KnownKeys {
    directory: Arc<dyn KeyDirectory>,
    keys: RwLock<Arc<HashMap<String, KnownKey>>>,
    last_read: tokio::sync::Mutex<Option<LastRead>>,
    unknown: Cache<String, ()>,
}

#[derive(Clone)]
pub(super) struct KnownKey {
    pub(super) public: PublicKey,
    pub(super) expires_at: Timestamp,
}

struct LastRead {
    began: Instant,
    succeeded: bool,
}

impl KnownKeys {
    pub(super) fn new(directory: Arc<dyn KeyDirectory>) -> Self {
        Self {
            directory,
            keys: RwLock::default(),
            last_read: tokio::sync::Mutex::default(),
            unknown: Cache::builder()
                .max_capacity(UNKNOWN_COUNT)
                .time_to_live(UNKNOWN_FOR)
                .build(),
        }
    }

    pub(super) async fn publish(&self, key: &PublishedKey) -> Result<()> {
        self.directory.publish(key).await
    }

    /// The key of this name, unless it has expired.
    pub(super) async fn find(&self, kid: &str, now: Timestamp) -> Result<Option<PublicKey>> {
        if let Some(public) = self.known(kid, now) {
            return Ok(Some(public));
        }
        if !is_thumbprint(kid) || self.unknown.contains_key(kid) {
            return Ok(None);
        }
        self.read(now).await?;
        let found = self.known(kid, now);
        if found.is_none() {
            self.unknown.insert(kid.to_owned(), ());
        }
        Ok(found)
    }

    /// Every key that has not expired, as the directory has it now; as it was
    /// last known where it does not answer.
    pub(super) async fn all(&self, now: Timestamp) -> Result<Vec<PublicKey>> {
        let read = self.read(now).await;
        let keys = self.snapshot();
        match read {
            Err(error) if keys.is_empty() => return Err(error),
            Err(error) => tracing::warn!(%error, "the key set is answered as it was last known"),
            Ok(()) => {}
        }
        let current = keys.values().filter(|key| now < key.expires_at);
        Ok(current.map(|key| key.public.clone()).collect())
    }

    fn known(&self, kid: &str, now: Timestamp) -> Option<PublicKey> {
        let keys = self.snapshot();
        let key = keys.get(kid).filter(|key| now < key.expires_at)?;
        Some(key.public.clone())
    }

    fn snapshot(&self) -> Arc<HashMap<String, KnownKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the directory, or waits for a read that begins after this call.
    async fn read(&self, now: Timestamp) -> Result<()> {
        let asked = Instant::now();
        let mut last = self.last_read.lock().await;
        if let Some(read) = &*last {
            if read.began >= asked {
                return if read.succeeded {
                    Ok(())
                } else {
                    Err(Error::storage_unavailable(
                        "the key directory did not answer",
                    ))
                };
            }
            tokio::time::sleep(GAP.saturating_sub(read.began.elapsed())).await;
        }
        let began = Instant::now();
        let listed = self.directory.list(now).await;
        *last = Some(LastRead {
            began,
            succeeded: listed.is_ok(),
        });
        let keys = listed?.into_iter().filter_map(usable).collect();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

/// A row as a key; one that cannot be read is left out, and logged.
fn usable(row: PublishedKey) -> Option<(String, KnownKey)> {
    let Some(public) = PublicKey::from_published(&row) else {
        tracing::warn!(kid = %row.kid, "a published signing key cannot be read");
        return None;
    };
    Some((
        row.kid,
        KnownKey {
            public,
            expires_at: row.expires_at,
        },
    ))
}

/// Whether a name can be one of ours at all: SHA-256 in base64url.
fn is_thumbprint(kid: &str) -> bool {
    kid.len() == 43
        && kid
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

//! UserHub's public keys: fetched, remembered, and fetched again in time.

use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use tokio::sync::RwLock;

/// How long one fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);

/// How old keys may be.
#[derive(Debug, Clone, Copy)]
pub struct Freshness {
    /// After this they are fetched anew; UserHub allows a minute.
    pub refresh_after: Duration,
    /// Where that fails they are still good for this long.
    pub drop_after: Duration,
    /// The shortest time between two fetches, however many unknown keys are
    /// asked for: made-up tokens must not become a flood of requests.
    pub pause: Duration,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            refresh_after: Duration::from_secs(60),
            drop_after: Duration::from_secs(60 * 60),
            pause: Duration::from_secs(5),
        }
    }
}

/// The keys behind one address. Nothing is fetched before the first question.
pub struct KeySet {
    url: String,
    http: reqwest::Client,
    freshness: Freshness,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Jwk>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

impl KeySet {
    /// Of UserHub's `/.well-known/jwks.json`.
    pub fn new(url: impl Into<String>, freshness: Freshness) -> Self {
        Self {
            url: url.into(),
            http: reqwest::Client::new(),
            freshness,
            known: RwLock::default(),
        }
    }

    /// A key by its id; nothing where there is none of this name.
    ///
    /// # Errors
    /// Where no keys can be had, and none are young enough.
    pub async fn find(&self, id: &str) -> Result<Option<Jwk>, NoKeys> {
        {
            let known = self.known.read().await;
            if is_within(known.fetched, self.freshness.refresh_after)
                && let Some(key) = known.key(id)
            {
                return Ok(Some(key));
            }
        }
        // One fetches, the others wait here and find what it has brought.
        let mut known = self.known.write().await;
        let is_good = is_within(known.fetched, self.freshness.refresh_after);
        let may_fetch = !is_within(known.tried, self.freshness.pause);
        if may_fetch && (!is_good || known.key(id).is_none()) {
            known.tried = Some(Instant::now());
            if let Ok(keys) = self.fetch().await {
                known.keys = keys;
                known.fetched = known.tried;
            }
        }
        if is_within(known.fetched, self.freshness.drop_after) {
            Ok(known.key(id))
        } else {
            Err(NoKeys)
        }
    }

    async fn fetch(&self) -> reqwest::Result<Vec<Jwk>> {
        let request = self.http.get(&self.url).timeout(FETCH_TIMEOUT);
        let response = request.send().await?.error_for_status()?;
        Ok(response.json::<JwkSet>().await?.keys)
    }
}

impl Known {
    fn key(&self, id: &str) -> Option<Jwk> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.common.key_id.as_deref() == Some(id))
            .cloned()
    }
}

fn is_within(since: Option<Instant>, limit: Duration) -> bool {
    since.is_some_and(|since| since.elapsed() < limit)
}

/// No keys can be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKeys;

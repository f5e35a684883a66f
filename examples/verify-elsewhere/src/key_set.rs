//! UserHub's public keys: fetched, remembered, and fetched again in time.

use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use tokio::sync::{Mutex, MutexGuard, RwLock};

/// Whatever keeps keys from being fetched: for the log.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long one fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer that is read. A key has some 200 bytes.
const MOST_BYTES: usize = 64 * 1024;

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
    url: Url,
    http: Client,
    freshness: Freshness,
    known: RwLock<Known>,
    /// Whoever holds it fetches. Within: when that was tried last.
    turn: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Jwk>,
    fetched: Option<Instant>,
}

impl KeySet {
    /// Of UserHub's `/.well-known/jwks.json`. Who can put a key into the answer
    /// can sign tokens: it comes by https, unless UserHub is on this machine,
    /// and from no other address that it may point to.
    ///
    /// # Errors
    /// For an address by http that is not a loopback one.
    pub fn new(url: &str, freshness: Freshness) -> Result<Self, Failure> {
        let url: Url = url.parse()?;
        let mut http = Client::builder()
            .redirect(Policy::none())
            .timeout(FETCH_TIMEOUT);
        if is_loopback(&url) {
            http = http.no_proxy();
        } else if url.scheme() != "https" {
            return Err("keys are fetched by https, or by http from this machine alone".into());
        }
        Ok(Self {
            url,
            http: http.build()?,
            freshness,
            known: RwLock::default(),
            turn: Mutex::default(),
        })
    }

    /// A key by its id; nothing where there is none of this name.
    ///
    /// # Errors
    /// Where no keys can be had, and none are young enough.
    pub async fn find(&self, id: &str) -> Result<Option<Jwk>, NoKeys> {
        let Freshness {
            refresh_after,
            drop_after,
            ..
        } = self.freshness;
        if let Some(key) = self.known_within(refresh_after, id).await {
            return Ok(Some(key));
        }
        if self.known_within(drop_after, id).await.is_some() {
            // Old, and good: one fetches, the others go on with what is known.
            if let Ok(turn) = self.turn.try_lock() {
                self.refresh(id, turn).await;
            }
        } else {
            // One fetches, the others wait and find what it has brought.
            self.refresh(id, self.turn.lock().await).await;
        }
        let known = self.known.read().await;
        if is_within(known.fetched, drop_after) {
            Ok(known.key(id))
        } else {
            Err(NoKeys)
        }
    }

    async fn known_within(&self, limit: Duration, id: &str) -> Option<Jwk> {
        let known = self.known.read().await;
        is_within(known.fetched, limit).then(|| known.key(id))?
    }

    async fn refresh(&self, id: &str, mut tried: MutexGuard<'_, Option<Instant>>) {
        // While this one waited for its turn another may have fetched.
        let Freshness {
            refresh_after,
            pause,
            ..
        } = self.freshness;
        if is_within(*tried, pause) || self.known_within(refresh_after, id).await.is_some() {
            return;
        }
        let now = Instant::now();
        *tried = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let fetched = Some(now);
                *self.known.write().await = Known { keys, fetched };
            }
            Err(error) => tracing::warn!(error, "the key set could not be fetched"),
        }
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, Failure> {
        let mut response = self.http.get(self.url.clone()).send().await?;
        if response.status() != StatusCode::OK {
            return Err(format!("answered by {}", response.status()).into());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err("the answer is too long".into());
            }
        }
        Ok(serde_json::from_slice::<JwkSet>(&body)?.keys)
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

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

/// No keys can be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKeys;

//! Access tokens as JSON Web Tokens, and the keys of all instances.
//!
//! With EdDSA and ES256 every process signs with a key of its own, unless one
//! is configured, and publishes the public half in a [`KeyDirectory`], where
//! the others find it. No token is signed before its key stands there for the
//! token's whole life; so restarts, rotation and several instances need no
//! shared secret.

mod directory;
#[cfg(test)]
mod directory_tests;
#[cfg(test)]
mod forgery_tests;
mod key;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use moka::sync::Cache;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use userhub_domain::{
    Error, Result,
    clock::{Clock, Timestamp, microseconds},
    sessions::{AccessClaims, AccessTokens, VerificationKey},
};

use crate::config::{SigningAlgorithm, TokenSettings};

pub use directory::{KeyDirectory, MemoryKeyDirectory, PublishedKey};
pub use key::SigningKeyError;

use directory::KnownKeys;
use key::{Curve, KeyPair};
use wire::{Header, Parties};

/// How often [`JwtTokens::publish`] is called so that signing never has to.
pub const PUBLISH_EVERY: Duration = Duration::from_secs(15 * 60);
/// How much longer than one token's life a key is published: four times the
/// interval, so that a missed turn does not matter.
const MARGIN: Duration = Duration::from_secs(60 * 60);
/// The longest token that is looked at. Ours have some 600 bytes.
const MAX_TOKEN_BYTES: usize = 4096;
/// How many verified tokens are remembered.
const REMEMBERED: u64 = 10_000;

/// What signs access tokens.
#[derive(Debug, Clone)]
pub enum SigningMethod {
    /// Ed25519. The key is PEM (PKCS#8); without one the process makes its own.
    EdDsa {
        /// `tokens.signing_key`
        key: Option<SecretString>,
    },
    /// ECDSA over P-256, likewise.
    Es256 {
        /// `tokens.signing_key`
        key: Option<SecretString>,
    },
    /// HMAC with SHA-256: whoever verifies can sign. There is no key set then.
    Hs256 {
        /// `tokens.secret`: 32 bytes or more.
        secret: SecretString,
    },
}

/// How access tokens are made.
#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// What signs them.
    pub signing: SigningMethod,
    /// `iss`
    pub issuer: String,
    /// `aud`
    pub audience: String,
    /// The life of a token, as the domain's policy has it (`lifetimes.access`).
    /// By it the key is made known ahead of time; signing a token that lives
    /// longer makes it known for longer first.
    pub access_ttl: Duration,
}

impl From<&TokenSettings> for TokenOptions {
    fn from(settings: &TokenSettings) -> Self {
        let key = settings.signing_key.clone();
        Self {
            signing: match settings.algorithm {
                SigningAlgorithm::EdDsa => SigningMethod::EdDsa { key },
                SigningAlgorithm::Es256 => SigningMethod::Es256 { key },
                // An absent secret is too short, which is an error of its own.
                SigningAlgorithm::Hs256 => SigningMethod::Hs256 {
                    secret: settings.secret.clone().unwrap_or_default(),
                },
            },
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            access_ttl: settings.access_ttl,
        }
    }
}

/// Signs and verifies access tokens (RFC 9068).
///
/// A token is read only where it has at most 4 KiB and its header is exactly
/// `typ: at+jwt`, `alg` and, but for HS256, `kid`. The key decides the
/// algorithm: a public key is never taken as a secret. A process for HS256
/// accepts nothing else; one for EdDSA or ES256 accepts both by the keys of
/// the directory, so that the algorithm can be changed without signing anybody
/// out. Verified tokens are remembered by their digest.
///
/// It runs under tokio: a look-up of an unknown key may have to wait its turn.
pub struct JwtTokens {
    signing: Signing,
    parties: Parties,
    access_ttl: Duration,
    clock: Arc<dyn Clock>,
    verified: Cache<[u8; 32], AccessClaims>,
}

enum Signing {
    Own(Box<OwnKey>),
    Shared {
        signing: EncodingKey,
        verifying: DecodingKey,
    },
}

struct OwnKey {
    pair: KeyPair,
    made_at: Timestamp,
    known: KnownKeys,
    /// Until when the directory holds the key, in seconds since 1970.
    published_until: AtomicI64,
}

impl JwtTokens {
    /// Reads or makes the key. Does not use the directory yet, and with HS256
    /// never does.
    ///
    /// # Errors
    /// Where the configured key does not fit the algorithm; names the setting
    /// and never shows the value.
    pub fn new(
        options: TokenOptions,
        directory: Arc<dyn KeyDirectory>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SigningKeyError> {
        let own = |curve, pem: Option<SecretString>| {
            let pair = pem.map_or_else(
                || KeyPair::generate(curve),
                |pem| KeyPair::from_pem(curve, &pem),
            )?;
            Ok(Signing::Own(Box::new(OwnKey {
                pair,
                made_at: clock.now(),
                known: KnownKeys::new(directory),
                published_until: AtomicI64::new(i64::MIN),
            })))
        };
        let signing = match options.signing {
            SigningMethod::EdDsa { key } => own(Curve::Ed25519, key)?,
            SigningMethod::Es256 { key } => own(Curve::P256, key)?,
            SigningMethod::Hs256 { secret } => {
                let (signing, verifying) = key::shared(&secret)?;
                Signing::Shared { signing, verifying }
            }
        };
        Ok(Self {
            signing,
            parties: Parties {
                issuer: options.issuer,
                audience: options.audience,
            },
            access_ttl: options.access_ttl,
            clock,
            verified: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(options.access_ttl)
                .build(),
        })
    }

    /// Makes the public key known to all instances, from now until after the
    /// last token that may be signed before the next call. To be called at
    /// start and every [`PUBLISH_EVERY`]; signing does it where that failed.
    /// Does nothing with HS256.
    ///
    /// # Errors
    /// `storage_unavailable`.
    pub async fn publish(&self, now: Timestamp) -> Result<()> {
        self.publish_for(now + self.access_ttl).await
    }

    /// Makes the public key known until after `last`, when a token ends.
    async fn publish_for(&self, last: Timestamp) -> Result<()> {
        let Signing::Own(own) = &self.signing else {
            return Ok(());
        };
        let jwk = own
            .pair
            .public
            .to_json()
            .ok_or_else(|| Error::internal("writing a public key"))?;
        let expires_at = microseconds(last + MARGIN);
        let key = PublishedKey {
            kid: own.pair.public.id.clone(),
            algorithm: own.pair.public.curve.algorithm_name().to_owned(),
            jwk,
            created_at: own.made_at,
            expires_at,
        };
        own.known.publish(&key).await?;
        own.published_until
            .fetch_max(expires_at.timestamp(), Relaxed);
        Ok(())
    }

    /// What the header's key has to say about the signature: `None` where the
    /// key is unknown or has another algorithm.
    async fn key_of(&self, header: &Header) -> Result<Option<(Algorithm, DecodingKey)>> {
        match (&self.signing, header.kid.as_deref()) {
            (Signing::Shared { verifying, .. }, None) if header.alg == "HS256" => {
                Ok(Some((Algorithm::HS256, verifying.clone())))
            }
            (Signing::Own(own), Some(kid)) => {
                let public = if kid == own.pair.public.id {
                    Some(own.pair.public.clone())
                } else {
                    own.known.find(kid, self.clock.now()).await?
                };
                let fitting = public.filter(|public| header.alg == public.curve.algorithm_name());
                Ok(fitting.map(|public| (public.curve.algorithm(), public.verifying)))
            }
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl AccessTokens for JwtTokens {
    async fn sign(&self, claims: &AccessClaims) -> Result<SecretString> {
        let (mut header, key) = match &self.signing {
            Signing::Own(own) => {
                if own.published_until.load(Relaxed) < claims.expires_at.timestamp() {
                    let usual = self.clock.now() + self.access_ttl;
                    self.publish_for(claims.expires_at.max(usual)).await?;
                }
                let mut header = jsonwebtoken::Header::new(own.pair.public.curve.algorithm());
                header.kid = Some(own.pair.public.id.clone());
                (header, &own.pair.signing)
            }
            Signing::Shared { signing, .. } => {
                (jsonwebtoken::Header::new(Algorithm::HS256), signing)
            }
        };
        header.typ = Some(wire::TYPE.to_owned());
        jsonwebtoken::encode(&header, &self.parties.write(claims), key)
            .map(SecretString::from)
            .map_err(|error| Error::internal_from("signing an access token", error))
    }

    async fn verify(&self, token: &str) -> Result<Option<AccessClaims>> {
        if token.len() > MAX_TOKEN_BYTES {
            return Ok(None);
        }
        let digest = Sha256::digest(token).into();
        if let Some(claims) = self.verified.get(&digest) {
            return Ok(Some(claims));
        }
        let Some(header) = Header::read(token) else {
            return Ok(None);
        };
        let Some((algorithm, key)) = self.key_of(&header).await? else {
            return Ok(None);
        };
        let claims = self.parties.read(token, algorithm, &key);
        if let Some(claims) = &claims {
            self.verified.insert(digest, claims.clone());
        }
        Ok(claims)
    }

    async fn verification_keys(&self) -> Result<Vec<VerificationKey>> {
        let Signing::Own(own) = &self.signing else {
            return Ok(Vec::new());
        };
        let mut keys = own.known.all(self.clock.now()).await?;
        if !keys.iter().any(|key| key.id == own.pair.public.id) {
            keys.push(own.pair.public.clone());
        }
        keys.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(keys
            .iter()
            .map(key::PublicKey::to_verification_key)
            .collect())
    }
}

impl std::fmt::Debug for JwtTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtTokens(..)")
    }
}

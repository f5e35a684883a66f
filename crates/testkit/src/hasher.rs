//! A password hasher that costs nothing and protects nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use userhub_domain::{
    Error, Result,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
};

/// Hashes at once into `$instant-fake$v=1$<salt>$<digest>`. Counts what it is
/// asked; can be told to find its old hashes outdated, or to be overloaded.
/// Clones are the same hasher. Never for production.
#[derive(Debug, Clone, Default)]
pub struct InstantHasher(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    parameters: AtomicU64,
    salts: AtomicU64,
    hashes: AtomicU64,
    verifications: AtomicU64,
    decoys: AtomicU64,
    overloaded: AtomicBool,
}

impl InstantHasher {
    /// A hasher that was asked nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The hash of a password that does not have to keep any rules: for users
    /// to begin with. Counts nothing.
    pub fn hash_of(&self, password: &str) -> PasswordHash {
        let salt = self.0.salts.fetch_add(1, Ordering::Relaxed);
        phc(self.0.parameters.load(Ordering::Relaxed), salt, password)
    }

    /// From now on every hash that was made before is outdated.
    pub fn raise_parameters(&self) {
        self.0.parameters.fetch_add(1, Ordering::Relaxed);
    }

    /// Refuses everything with `overloaded`, or no longer.
    pub fn overload(&self, overloaded: bool) {
        self.0.overloaded.store(overloaded, Ordering::Relaxed);
    }

    /// How many passwords were hashed.
    pub fn hashes(&self) -> u64 {
        self.0.hashes.load(Ordering::Relaxed)
    }

    /// How many attempts were compared with a stored hash.
    pub fn verifications(&self) -> u64 {
        self.0.verifications.load(Ordering::Relaxed)
    }

    /// How many attempts were compared with nothing.
    pub fn decoys(&self) -> u64 {
        self.0.decoys.load(Ordering::Relaxed)
    }

    fn admit(&self, counter: &AtomicU64) -> Result<()> {
        if self.0.overloaded.load(Ordering::Relaxed) {
            return Err(Error::overloaded(Duration::from_secs(1)));
        }
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl PasswordHasher for InstantHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        self.admit(&self.0.hashes)?;
        Ok(self.hash_of(password.expose()))
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Verification> {
        self.admit(&self.0.verifications)?;
        let Some((parameters, salt)) = read(&hash) else {
            return Ok(Verification::Wrong);
        };
        if phc(parameters, salt, attempt.expose()) != hash {
            return Ok(Verification::Wrong);
        }
        if parameters < self.0.parameters.load(Ordering::Relaxed) {
            return Ok(Verification::Outdated(self.hash_of(attempt.expose())));
        }
        Ok(Verification::Right)
    }

    async fn verify_decoy(&self, _attempt: PasswordAttempt) -> Result<()> {
        self.admit(&self.0.decoys)
    }
}

fn phc(parameters: u64, salt: u64, password: &str) -> PasswordHash {
    let digest = Sha256::digest(format!("{parameters} {salt} {password}"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    PasswordHash::new(format!("$instant-fake$v={parameters}${salt}${digest}"))
}

fn read(hash: &PasswordHash) -> Option<(u64, u64)> {
    let rest = hash.expose().strip_prefix("$instant-fake$v=")?;
    let (parameters, rest) = rest.split_once('$')?;
    let (salt, _) = rest.split_once('$')?;
    Some((parameters.parse().ok()?, salt.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(text: &str) -> PasswordAttempt {
        PasswordAttempt::parse(&text.into()).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_is_right_until_it_is_outdated() {
        let hasher = InstantHasher::new();
        let hash = hasher.hash_of("open sesame");
        assert_ne!(hash, hasher.hash_of("open sesame"));
        let found = hasher.verify(attempt("open"), hash.clone()).await.unwrap();
        assert_eq!(found, Verification::Wrong);
        let found = hasher
            .verify(attempt("open sesame"), hash.clone())
            .await
            .unwrap();
        assert_eq!(found, Verification::Right);
        hasher.raise_parameters();
        let found = hasher.verify(attempt("open sesame"), hash).await.unwrap();
        let Verification::Outdated(newer) = found else {
            panic!("not outdated: {found:?}");
        };
        let found = hasher.verify(attempt("open sesame"), newer).await.unwrap();
        assert_eq!(found, Verification::Right);
        assert_eq!((hasher.verifications(), hasher.decoys()), (4, 0));
    }

    #[tokio::test]
    async fn an_unreadable_hash_is_wrong_and_an_overload_is_said() {
        let hasher = InstantHasher::new();
        for text in [
            "",
            "$argon2id$",
            "$instant-fake$v=x$1$00",
            "$instant-fake$v=0$1",
        ] {
            let found = hasher
                .verify(attempt("x"), PasswordHash::new(text))
                .await
                .unwrap();
            assert_eq!(found, Verification::Wrong, "{text}");
        }
        hasher.overload(true);
        let refused = hasher.verify_decoy(attempt("x")).await.unwrap_err();
        assert_eq!((refused.code(), hasher.decoys()), ("overloaded", 0));
    }
}

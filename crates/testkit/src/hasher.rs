//! A password hasher that costs nothing and protects nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use userhub_domain::{
    Error, Result,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::{Broken, ViolationCode},
};

/// What hashes of an imaginary other system begin with.
const FOREIGN: &str = "foreign$";
/// Forms that are known by sight, and refused.
const KNOWN_FORMS: [(&str, &str); 8] = [
    ("$2", "bcrypt"),
    ("$argon2", "argon2"),
    ("$scrypt$", "scrypt"),
    ("$pbkdf2", "pbkdf2"),
    ("pbkdf2_", "pbkdf2"),
    ("$1$", "md5-crypt"),
    ("$5$", "sha256-crypt"),
    ("$6$", "sha512-crypt"),
];

/// Hashes at once into `$instant-fake$v=1$<salt>$<digest>`. Counts what it is
/// asked; can be told to find its old hashes outdated, or to be overloaded.
/// Besides its own it knows the hashes of one imaginary other system, which
/// are always outdated.
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

    /// The hash of a password as an imaginary other system has it, which does
    /// not normalise: for imports.
    pub fn foreign_hash_of(&self, password: &str) -> SecretString {
        foreign(password).into()
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

    fn verify_foreign(&self, attempt: &PasswordAttempt, hash: &PasswordHash) -> Verification {
        let is_right = |text: &str| foreign(text) == hash.expose();
        if is_right(attempt.expose()) || attempt.expose_as_sent().is_some_and(is_right) {
            Verification::Outdated(self.hash_of(attempt.expose()))
        } else {
            Verification::Wrong
        }
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
        if hash.expose().starts_with(FOREIGN) {
            return Ok(self.verify_foreign(&attempt, &hash));
        }
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

    fn recognise(&self, text: &SecretString) -> Result<PasswordHash, Broken> {
        let hash = PasswordHash::new(text.expose_secret());
        if is_own(&hash) || is_foreign(hash.expose()) {
            return Ok(hash);
        }
        let known = KNOWN_FORMS
            .into_iter()
            .find(|(start, _)| hash.expose().starts_with(start));
        let detail = known.map_or("is in no form that is known".into(), |(_, name)| {
            format!("is in a form that is not accepted: {name}")
        });
        Err(Broken::new(ViolationCode::InvalidFormat, detail))
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

fn foreign(password: &str) -> String {
    let digest = Sha256::digest(password);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{FOREIGN}{digest}")
}

fn is_foreign(text: &str) -> bool {
    text.strip_prefix(FOREIGN).is_some_and(is_digest)
}

fn is_own(hash: &PasswordHash) -> bool {
    let digest = hash.expose().rsplit('$').next();
    read(hash).is_some() && digest.is_some_and(is_digest)
}

fn is_digest(text: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 64 && text.bytes().all(is_digit)
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
    async fn a_hash_of_the_other_system_is_accepted_and_replaced() {
        let hasher = InstantHasher::new();
        // The a with a ring, as one letter and as two.
        for password in ["open s\u{e5}same", "open sa\u{30a}same"] {
            let hash = hasher.recognise(&hasher.foreign_hash_of(password)).unwrap();
            let found = hasher.verify(attempt(password), hash.clone()).await;
            let Ok(Verification::Outdated(newer)) = found else {
                panic!("not outdated: {found:?}");
            };
            let found = hasher.verify(attempt(password), newer.clone()).await;
            assert_eq!(found.unwrap(), Verification::Right);
            assert_eq!(hasher.recognise(&newer.expose().into()), Ok(newer));
            let found = hasher.verify(attempt("open"), hash).await;
            assert_eq!(found.unwrap(), Verification::Wrong);
        }
    }

    #[test]
    fn hashes_that_are_not_accepted_are_named_and_not_shown() {
        let hasher = InstantHasher::new();
        for (text, name) in [
            ("$2b$10$abcdefghijklmnopqrstuv", "bcrypt"),
            ("$6$salt$digest", "sha512-crypt"),
            ("foreign$12", "no form"),
            ("$instant-fake$v=0$1$00", "no form"),
            ("", "no form"),
        ] {
            let broken = hasher.recognise(&text.into()).unwrap_err();
            assert_eq!(broken.code, ViolationCode::InvalidFormat);
            assert!(broken.detail.contains(name), "{text}: {}", broken.detail);
            assert!(!broken.detail.contains('$'));
        }
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

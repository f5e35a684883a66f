//! Access tokens that are remembered instead of signed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use secrecy::SecretString;
use userhub_domain::{
    Error, Result,
    sessions::{AccessClaims, AccessTokens, VerificationKey},
};

use crate::locked;

/// Hands out `fake-access-token-1`, `-2` and so on, and knows only those,
/// letter by letter. Strict: refuses to sign claims that a real token could
/// not carry. Clones share their memory. Never for production.
#[derive(Debug, Clone, Default)]
pub struct FakeAccessTokens(Arc<Mutex<Issued>>);

#[derive(Debug, Default)]
struct Issued {
    tokens: BTreeMap<String, AccessClaims>,
    broken: bool,
}

impl FakeAccessTokens {
    /// No token yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every verb fail with `storage_unavailable`, or no longer.
    pub fn break_down(&self, broken: bool) {
        locked(&self.0).broken = broken;
    }

    /// What was signed, in no particular order.
    pub fn issued(&self) -> Vec<AccessClaims> {
        locked(&self.0).tokens.values().cloned().collect()
    }
}

impl Issued {
    fn require_working(&self) -> Result<()> {
        if self.broken {
            return Err(Error::storage_unavailable("the test broke it"));
        }
        Ok(())
    }
}

#[async_trait]
impl AccessTokens for FakeAccessTokens {
    async fn sign(&self, claims: &AccessClaims) -> Result<SecretString> {
        let mut issued = locked(&self.0);
        issued.require_working()?;
        let times = [claims.issued_at, claims.expires_at];
        if times.iter().any(|at| at.timestamp_subsec_nanos() != 0) {
            return Err(Error::internal("claims hold whole seconds"));
        }
        if claims.expires_at <= claims.issued_at {
            return Err(Error::internal("a token must expire after it was issued"));
        }
        let token = format!("fake-access-token-{}", issued.tokens.len() + 1);
        issued.tokens.insert(token.clone(), claims.clone());
        Ok(token.into())
    }

    async fn verify(&self, token: &str) -> Result<Option<AccessClaims>> {
        let issued = locked(&self.0);
        issued.require_working()?;
        Ok(issued.tokens.get(token).cloned())
    }

    async fn verification_keys(&self) -> Result<Vec<VerificationKey>> {
        locked(&self.0).require_working()?;
        let parameters = [("kty", "OKP"), ("crv", "Ed25519"), ("x", "fake")];
        Ok(vec![VerificationKey {
            id: "fake".to_owned(),
            algorithm: "EdDSA".to_owned(),
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }])
    }
}

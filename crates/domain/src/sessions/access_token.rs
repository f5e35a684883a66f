//! Access tokens: short-lived, signed, checked on every request.

use async_trait::async_trait;
use chrono::TimeDelta;
use secrecy::SecretString;

use super::SessionId;
use crate::{
    clock::Timestamp,
    error::Result,
    users::{Role, UserId},
};

crate::id::id! {
    /// Names an access token (`jti`).
    AccessTokenId
}

/// How far another machine's clock may be ahead.
const MAX_AHEAD: TimeDelta = TimeDelta::seconds(60);

/// What an access token says (RFC 9068). Issuer, audience and client are the
/// adapter's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `jti`
    pub id: AccessTokenId,
    /// `sub`
    pub user_id: UserId,
    /// `sid`
    pub session_id: SessionId,
    /// `role`: for others to read; the domain asks the store.
    pub role: Role,
    /// `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

impl AccessClaims {
    /// Whether the token is in force: before `exp` without any leeway, and
    /// issued at most 60 s in the future.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.issued_at <= now + MAX_AHEAD
    }
}

/// A public key that others verify access tokens with (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationKey {
    /// `kid`
    pub id: String,
    /// `alg`
    pub algorithm: String,
    /// `kty`, `crv`, `x` and the like, public members only.
    pub parameters: Vec<(String, String)>,
}

/// Signs and verifies access tokens.
///
/// An implementation checks signature, algorithm, type, issuer, audience and
/// that every claim is there and of its type. It does not judge time: the
/// domain does, by its own clock.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// Signs an access token that says this.
    ///
    /// # Obligations
    /// - [`verify`](Self::verify) of the result gives the same claims:
    ///   `every_claim_survives_a_round_trip`,
    ///   `many_at_once_are_signed_and_verified`.
    /// - The text is made for an `Authorization` header: visible ASCII without
    ///   blanks: `a_token_fits_into_a_header`.
    ///
    /// # Errors
    /// `storage_unavailable` where a key has to be stored and cannot be.
    async fn sign(&self, claims: &AccessClaims) -> Result<SecretString>;

    /// What a token says, where its signature and form are good; `None` for
    /// everything else.
    ///
    /// # Obligations
    /// - A token that was changed in one place or put together from two is `None`:
    ///   `a_token_with_another_letter_is_nothing`,
    ///   `parts_of_two_tokens_are_no_token`.
    /// - So is one that names another algorithm, or was signed with what anybody
    ///   knows: `an_unsigned_token_is_nothing`, `what_is_published_signs_nothing`.
    /// - So is one that was signed by another key, or names another type, issuer or
    ///   audience: no check can see this.
    /// - An expired token is not: time is the domain's to judge:
    ///   `time_is_left_to_the_domain`. Nor is one that was verified before:
    ///   `a_token_is_verified_again_and_again`.
    /// - Whatever is sent, it is `None` and neither an error nor a panic:
    ///   `what_is_no_token_is_nothing_and_no_error`.
    ///
    /// # Errors
    /// `storage_unavailable` where a key has to be looked up and cannot be.
    async fn verify(&self, token: &str) -> Result<Option<AccessClaims>>;

    /// The public keys of all instances, each until its last token has expired.
    ///
    /// # Obligations
    /// - Every token that [`sign`](Self::sign) gives can be verified with one
    ///   of them, which it names: `a_token_names_a_published_key`. That the key
    ///   fits, no check can see.
    /// - None for a signer without public keys: no check can see this.
    /// - No private member is among the parameters: `keys_hold_nothing_secret`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn verification_keys(&self) -> Result<Vec<VerificationKey>>;
}

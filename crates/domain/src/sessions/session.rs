//! A session: one sign-in on one device, and its chain of refresh tokens.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    audit::Origin,
    clock::{Entropy, Timestamp},
    error::Result,
    policy::Lifetimes,
    secret::{RawToken, TokenHash, TokenPurpose},
    users::{AuthVersion, User, UserId},
};

crate::id::id! {
    /// Names a session; the `sid` of its access tokens.
    SessionId
}

/// One sign-in on one device. It is the family of its refresh tokens, of
/// which exactly one is unspent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's `auth_version` when it was started. When the user's moves on,
    /// the session is void.
    pub auth_version: AuthVersion,
    /// The digest of the unspent refresh token.
    pub refresh_hash: TokenHash,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends unless it is refreshed before.
    pub expires_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
    /// From where it was started.
    pub origin: Origin,
    /// How its owner was authenticated.
    pub methods: AuthenticationMethods,
}

/// How somebody was authenticated. A session keeps for good what it was
/// started with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AuthenticationMethods {
    /// By the password alone.
    #[default]
    Password,
    /// By the password and a one-time code.
    PasswordAndTotp,
    /// By the password and a recovery code.
    PasswordAndRecoveryCode,
}

impl AuthenticationMethods {
    /// Every one.
    pub const ALL: [Self; 3] = [
        Self::Password,
        Self::PasswordAndTotp,
        Self::PasswordAndRecoveryCode,
    ];

    /// The words of RFC 8176; a recovery code has none there and is `rcv`.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::PasswordAndTotp => &["pwd", "otp", "mfa"],
            Self::PasswordAndRecoveryCode => &["pwd", "rcv", "mfa"],
        }
    }

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordAndTotp => "password_totp",
            Self::PasswordAndRecoveryCode => "password_recovery_code",
        }
    }

    /// From the word in the database.
    pub fn parse_stored(word: &str) -> Option<Self> {
        Self::parse(word).ok()
    }
}

crate::text_form::word!(
    AuthenticationMethods by as_str,
    "must be the word of the methods of a sign-in"
);

impl Session {
    /// A session that starts now, with its first refresh token.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn start(
        user_id: UserId,
        auth_version: AuthVersion,
        origin: &Origin,
        lifetimes: &Lifetimes,
        made: (Timestamp, &dyn Entropy),
    ) -> Result<(Self, RawToken)> {
        let (now, entropy) = made;
        let token = RawToken::generate(TokenPurpose::Refresh, entropy)?;
        let ends_at = now + lifetimes.session;
        let session = Self {
            id: SessionId::generate(now, entropy)?,
            user_id,
            auth_version,
            refresh_hash: token.hash(),
            created_at: now,
            last_used_at: now,
            expires_at: ends_at.min(now + lifetimes.refresh),
            ends_at,
            origin: origin.clone(),
            methods: AuthenticationMethods::Password,
        };
        Ok((session, token))
    }

    /// The same session, noting how its owner was authenticated.
    #[must_use]
    pub fn authenticated_by(self, methods: AuthenticationMethods) -> Self {
        Self { methods, ..self }
    }

    /// Whether it is over by time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Whether it is in force for this user at this moment.
    pub fn is_living(&self, user: &User, auth_version: AuthVersion, now: Timestamp) -> bool {
        !self.is_expired(now) && self.auth_version == auth_version && user.is_active()
    }

    /// Spends the unspent token: the next one is derived from it.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn rotate(
        &self,
        presented: &RawToken,
        lifetimes: &Lifetimes,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<(Rotation, RawToken)> {
        let mut salt = [0; 32];
        entropy.fill(&mut salt)?;
        let successor = successor(presented, &salt)?;
        let rotation = Rotation {
            session_id: self.id,
            user_id: self.user_id,
            spent: SpentToken {
                hash: presented.hash(),
                salt,
                spent_at: now,
            },
            next_hash: successor.hash(),
            expires_at: self.ends_at.min(now + lifetimes.refresh),
        };
        Ok((rotation, successor))
    }

    /// The token that replaced a spent one, where a repetition may still have
    /// it: within the grace time and while it is unspent itself.
    ///
    /// # Errors
    /// None in practice; the MAC accepts keys of any length.
    pub fn successor_again(
        &self,
        presented: &RawToken,
        spent: &SpentToken,
        grace: TimeDelta,
        now: Timestamp,
    ) -> Result<Option<RawToken>> {
        let successor = successor(presented, &spent.salt)?;
        let in_time = now < spent.spent_at + grace;
        let unspent = successor.hash() == self.refresh_hash;
        Ok((in_time && unspent).then_some(successor))
    }
}

/// HMAC-SHA256 of the spent token, keyed with random bytes that are stored
/// beside its digest. Who has only the store, or only the token, cannot make it.
fn successor(spent: &RawToken, salt: &[u8; 32]) -> Result<RawToken> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt)
        .map_err(|error| crate::Error::internal_from("deriving a refresh token", error))?;
    mac.update(spent.bytes());
    let bytes = mac.finalize().into_bytes().into();
    Ok(RawToken::from_bytes(TokenPurpose::Refresh, bytes))
}

/// A refresh token that was used.
#[derive(Clone, PartialEq, Eq)]
pub struct SpentToken {
    /// Its digest.
    pub hash: TokenHash,
    /// What its successor is derived with.
    pub salt: [u8; 32],
    /// When it was used.
    pub spent_at: Timestamp,
}

impl std::fmt::Debug for SpentToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpentToken(spent at {})", self.spent_at)
    }
}

/// One step in the chain of a session's refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Which session.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// The token that is spent by it; its time is the session's `last_used_at`.
    pub spent: SpentToken,
    /// The digest of the next token.
    pub next_hash: TokenHash,
    /// When the session ends unless it is refreshed before.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests;

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
    /// The number that must still be the user's.
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
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

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

    /// The same, of somebody who was authenticated so.
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
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Different bytes at every call.
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn start(lifetimes: &Lifetimes) -> (Session, RawToken, Counting) {
        let entropy = Counting::default();
        let user = UserId::from_uuid(uuid::Uuid::from_u128(1));
        let made = (at(0), &entropy as &dyn Entropy);
        let (session, token) = Session::start(
            user,
            AuthVersion::FIRST,
            &Origin::default(),
            lifetimes,
            made,
        )
        .expect("started");
        (session, token, entropy)
    }

    /// The session as a store has it after a rotation.
    fn after(session: &Session, rotation: &Rotation) -> Session {
        Session {
            refresh_hash: rotation.next_hash,
            last_used_at: rotation.spent.spent_at,
            expires_at: rotation.expires_at,
            ..session.clone()
        }
    }

    #[test]
    fn a_session_starts_with_the_digest_of_its_token_and_both_limits() {
        let lifetimes = Lifetimes::default();
        let (session, token, _) = start(&lifetimes);
        assert_eq!(session.refresh_hash, token.hash());
        assert_eq!(session.expires_at, at(0) + lifetimes.refresh);
        assert_eq!(session.ends_at, at(0) + lifetimes.session);
        let short = Lifetimes {
            session: TimeDelta::hours(1),
            ..lifetimes
        };
        let (session, ..) = start(&short);
        assert_eq!((session.expires_at, session.ends_at), (at(3600), at(3600)));
        assert!(!session.is_expired(at(3599)));
        assert!(session.is_expired(at(3600)));
    }

    #[test]
    fn methods_have_words_of_the_standard_and_words_of_the_store() {
        let all = AuthenticationMethods::ALL.map(|one| (one.as_str(), one.words()));
        let expected: [(_, &[&str]); 3] = [
            ("password", &["pwd"]),
            ("password_totp", &["pwd", "otp", "mfa"]),
            ("password_recovery_code", &["pwd", "rcv", "mfa"]),
        ];
        assert_eq!(all, expected);
        for one in AuthenticationMethods::ALL {
            let read = AuthenticationMethods::parse_stored(one.as_str());
            assert_eq!(read, Some(one));
        }
        assert_eq!(AuthenticationMethods::parse_stored("pwd"), None);
        let (session, ..) = start(&Lifetimes::default());
        assert_eq!(session.methods, AuthenticationMethods::default());
        let methods = AuthenticationMethods::PasswordAndTotp;
        assert_eq!(session.authenticated_by(methods).methods, methods);
    }

    #[test]
    fn a_rotation_spends_the_token_and_never_outlives_the_session() {
        let lifetimes = Lifetimes::default();
        let (session, token, entropy) = start(&lifetimes);
        let day = 24 * 3600;
        let (rotation, next) = session
            .rotate(&token, &lifetimes, at(day), &entropy)
            .expect("rotated");
        assert_eq!(
            (rotation.session_id, rotation.user_id),
            (session.id, session.user_id)
        );
        assert_eq!(rotation.spent.hash, token.hash());
        assert_eq!(rotation.spent.spent_at, at(day));
        assert_eq!(rotation.next_hash, next.hash());
        assert_ne!(next.hash(), token.hash());
        assert_eq!(rotation.expires_at, at(day) + lifetimes.refresh);
        let (late, _) = session
            .rotate(&token, &lifetimes, at(29 * day), &entropy)
            .expect("rotated");
        assert_eq!(late.expires_at, session.ends_at);
    }

    #[test]
    fn two_rotations_of_one_token_have_different_successors() {
        let lifetimes = Lifetimes::default();
        let (session, token, entropy) = start(&lifetimes);
        let rotate = || {
            session
                .rotate(&token, &lifetimes, at(1), &entropy)
                .expect("rotated")
        };
        assert_ne!(rotate().1.hash(), rotate().1.hash());
    }

    #[test]
    fn a_repetition_in_time_gets_the_same_successor_while_it_is_unspent() {
        let lifetimes = Lifetimes::default();
        let (session, first, entropy) = start(&lifetimes);
        let (rotation, second) = session
            .rotate(&first, &lifetimes, at(1), &entropy)
            .expect("rotated");
        let session = after(&session, &rotation);
        let grace = TimeDelta::seconds(10);
        let again = |session: &Session, seconds| {
            session
                .successor_again(&first, &rotation.spent, grace, at(seconds))
                .expect("derived")
                .map(|token| token.hash())
        };
        assert_eq!(again(&session, 1), Some(second.hash()));
        assert_eq!(again(&session, 10), Some(second.hash()));
        assert_eq!(again(&session, 11), None);
        let (next, _) = session
            .rotate(&second, &lifetimes, at(2), &entropy)
            .expect("rotated");
        assert_eq!(again(&after(&session, &next), 2), None);
    }

    #[test]
    fn the_successor_needs_both_the_token_and_the_stored_bytes() {
        let token = |byte| RawToken::from_bytes(TokenPurpose::Refresh, [byte; 32]);
        let hash = |byte, salt: [u8; 32]| successor(&token(byte), &salt).expect("derived").hash();
        assert_eq!(hash(1, [1; 32]), hash(1, [1; 32]));
        assert_ne!(hash(1, [1; 32]), hash(2, [1; 32]));
        assert_ne!(hash(1, [1; 32]), hash(1, [2; 32]));
    }

    #[test]
    fn a_spent_token_prints_nothing_of_itself() {
        let lifetimes = Lifetimes::default();
        let (session, token, entropy) = start(&lifetimes);
        let (rotation, _) = session
            .rotate(&token, &lifetimes, at(1), &entropy)
            .expect("rotated");
        let printed = format!("{:?}", rotation.spent);
        assert_eq!(printed, "SpentToken(spent at 1970-01-01 00:00:01 UTC)");
    }
}

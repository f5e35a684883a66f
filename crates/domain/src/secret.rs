//! Random tokens: shown once in the clear, stored as a digest.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::{
    clock::Entropy,
    error::Result,
    text::{from_hex, to_hex},
};

/// What a token is for. Its prefix lets secret scanners recognise it, and
/// keeps a token of one purpose from being read as one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenPurpose {
    /// A refresh token: gets the next pair of tokens of a session.
    Refresh,
    /// Sets a new password without the old one.
    PasswordReset,
    /// Proves that an address is its owner's.
    EmailVerification,
    /// Puts another address in the place of the current one.
    EmailChange,
    /// Stands for a right password until the second factor follows.
    MfaChallenge,
    /// A key that programs sign their requests with.
    ApiKey,
}

impl TokenPurpose {
    /// Every purpose.
    pub const ALL: [Self; 6] = [
        Self::Refresh,
        Self::PasswordReset,
        Self::EmailVerification,
        Self::EmailChange,
        Self::MfaChallenge,
        Self::ApiKey,
    ];

    /// What its tokens start with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "uhr_",
            Self::PasswordReset => "uhp_",
            Self::EmailVerification => "uhv_",
            Self::EmailChange => "uhe_",
            Self::MfaChallenge => "uhm_",
            Self::ApiKey => "uhk_",
        }
    }

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
            Self::EmailChange => "email_change",
            Self::MfaChallenge => "mfa_challenge",
            Self::ApiKey => "api_key",
        }
    }
}

crate::text_form::word!(TokenPurpose by as_str, "must be what a token is for");

/// 256 random bits in the clear: given to its owner once, never stored.
#[derive(Clone)]
pub struct RawToken {
    purpose: TokenPurpose,
    bytes: [u8; 32],
}

impl RawToken {
    /// A new one.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn generate(purpose: TokenPurpose, entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes)?;
        Ok(Self { purpose, bytes })
    }

    /// One whose bytes are derived from another.
    pub(crate) fn from_bytes(purpose: TokenPurpose, bytes: [u8; 32]) -> Self {
        Self { purpose, bytes }
    }

    /// From what a client sent: the prefix of the purpose and 64 lower-case
    /// hexadecimal digits. `None` for anything else.
    pub fn parse(purpose: TokenPurpose, text: &str) -> Option<Self> {
        let bytes = from_hex(text.strip_prefix(purpose.prefix())?)?;
        Some(Self {
            purpose,
            bytes: bytes.try_into().ok()?,
        })
    }

    /// The text that is handed to its owner.
    pub fn reveal(&self) -> SecretString {
        format!("{}{}", self.purpose.prefix(), to_hex(&self.bytes)).into()
    }

    /// What it is for.
    pub fn purpose(&self) -> TokenPurpose {
        self.purpose
    }

    /// Its first characters, to tell it from others. They are no secret.
    pub(crate) fn shown(&self, length: usize) -> String {
        self.reveal().expose_secret().chars().take(length).collect()
    }

    /// The digest that is stored.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.reveal().expose_secret().as_bytes()).into())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl Drop for RawToken {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl std::fmt::Debug for RawToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawToken({})", self.purpose.as_str())
    }
}

/// SHA-256 of a token as it is sent: what stores keep and look up. The token
/// has 256 random bits, so a plain digest is enough.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// From a stored digest; `None` where it is not 32 bytes long.
    pub fn parse_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_only_for_its_purpose() {
        let token = RawToken::from_bytes(TokenPurpose::Refresh, [7; 32]);
        let text = token.reveal().expose_secret().to_owned();
        let again = RawToken::parse(TokenPurpose::Refresh, &text).expect("valid");
        assert_eq!(again.hash(), token.hash());
        assert!(RawToken::parse(TokenPurpose::PasswordReset, &text).is_none());
        for bad in [
            "",
            "uhr_",
            &text[..67],
            &text.to_uppercase(),
            &format!("{text}0"),
        ] {
            assert!(
                RawToken::parse(TokenPurpose::Refresh, bad).is_none(),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_digest_is_that_of_the_text_and_survives_being_stored() {
        let token = RawToken::from_bytes(TokenPurpose::Refresh, [7; 32]);
        let digest: [u8; 32] = Sha256::digest(token.reveal().expose_secret()).into();
        assert_eq!(token.hash().as_bytes(), &digest);
        assert_eq!(TokenHash::parse_stored(&digest), Some(token.hash()));
        assert_eq!(TokenHash::parse_stored(&digest[1..]), None);
        assert_eq!(token.bytes(), &[7; 32]);
    }

    #[test]
    fn every_purpose_has_a_prefix_and_a_word_of_its_own() {
        let all = TokenPurpose::ALL.map(|one| (one.prefix(), one.as_str()));
        let expected = [
            ("uhr_", "refresh"),
            ("uhp_", "password_reset"),
            ("uhv_", "email_verification"),
            ("uhe_", "email_change"),
            ("uhm_", "mfa_challenge"),
            ("uhk_", "api_key"),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn debug_forms_show_nothing() {
        let token = RawToken::from_bytes(TokenPurpose::Refresh, [7; 32]);
        assert_eq!(format!("{token:?}"), "RawToken(refresh)");
        assert_eq!(token.purpose(), TokenPurpose::Refresh);
        assert_eq!(token.shown(6), "uhr_07");
        assert_eq!(format!("{:?}", token.hash()), "TokenHash(..)");
    }
}

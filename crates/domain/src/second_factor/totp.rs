//! The port to time-based one-time codes.

use secrecy::SecretString;
use zeroize::Zeroize;

use super::TotpCode;
use crate::{
    clock::{Entropy, Timestamp},
    error::{Forbidden, Result},
    users::UserId,
};

/// What a person's app and the server share: 160 random bits, as RFC 4226
/// recommends. Zeroized when dropped.
pub struct TotpSeed([u8; 20]);

impl TotpSeed {
    /// A new one.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The bytes, for whoever seals them.
    pub fn expose(&self) -> &[u8; 20] {
        &self.0
    }
}

impl Drop for TotpSeed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSeed(..)")
    }
}

/// A seed as it is stored: encrypted, and bound to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSeed(Vec<u8>);

impl SealedSeed {
    /// What a [`Totp`] made, or what a store kept.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for stores.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SealedSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSeed(..)")
    }
}

/// What a person needs to put a seed into an app, shown once.
#[derive(Debug, Clone)]
pub struct TotpEnrolment {
    /// The seed as it is stored.
    pub sealed: SealedSeed,
    /// The seed in base32, to be typed.
    pub secret: SecretString,
    /// `otpauth://totp/…`
    pub uri: SecretString,
    /// The same as a picture, a whole SVG element.
    pub qr_svg: SecretString,
}

/// Makes and checks time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30
/// seconds, which is what every app understands), and keeps their seeds
/// encrypted.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Totp: Send + Sync {
    /// Seals a seed for its user, and shows it for the app. `account` is what
    /// the app calls it.
    ///
    /// # Obligations
    /// - What is sealed shows nothing of the seed without the key, and opens
    ///   for this user alone: `what_is_sealed_shows_nothing_of_the_seed`,
    ///   `a_seal_opens_for_its_user_alone`.
    /// - What is shown is the seed, in a form that every app reads:
    ///   `an_app_is_shown_the_seed`.
    ///
    /// # Errors
    /// `mfa_unavailable` where there is no key to seal with.
    fn enrol(&self, user: UserId, seed: &TotpSeed, account: &str) -> Result<TotpEnrolment>;

    /// The step of time that a code is right for: the one of `now`, the one
    /// before or the one after. `None` for any other code.
    ///
    /// # Obligations
    /// - Those three steps alone: `a_code_is_right_for_its_step_and_those_beside_it`,
    ///   `every_other_code_is_nothing`.
    /// - A seal that was tampered with is an error, whatever its bytes:
    ///   `a_broken_seal_is_an_error_and_no_panic`.
    /// - The time it takes does not depend on where codes differ: no check can
    ///   see this.
    ///
    /// # Errors
    /// `mfa_unavailable` where there is no key; internal where the seal is
    /// broken or was made under another key.
    fn matching_step(
        &self,
        user: UserId,
        sealed: &SealedSeed,
        code: &TotpCode,
        now: Timestamp,
    ) -> Result<Option<i64>>;
}

/// Offers no second factor: for services without one, or without a key to seal
/// seeds with.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTotp;

impl Totp for NoTotp {
    fn enrol(&self, _: UserId, _: &TotpSeed, _: &str) -> Result<TotpEnrolment> {
        Err(Forbidden::MfaUnavailable.into())
    }

    fn matching_step(
        &self,
        _: UserId,
        _: &SealedSeed,
        _: &TotpCode,
        _: Timestamp,
    ) -> Result<Option<i64>> {
        Err(Forbidden::MfaUnavailable.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            bytes.fill(7);
            Ok(())
        }
    }

    #[test]
    fn seeds_show_nothing_and_are_random() {
        let seed = TotpSeed::generate(&Sevens).expect("a seed");
        assert_eq!(seed.expose(), &[7; 20]);
        let sealed = SealedSeed::new(vec![1, 2, 3]);
        assert_eq!(sealed.as_bytes(), [1, 2, 3]);
        assert_eq!(
            format!("{seed:?} {sealed:?}"),
            "TotpSeed(..) SealedSeed(..)"
        );
    }

    #[test]
    fn without_a_factor_nothing_can_be_set_up_or_checked() {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let seed = TotpSeed::generate(&Sevens).expect("a seed");
        let refused = NoTotp.enrol(user, &seed, "ann").map(drop);
        let code = TotpCode::parse("123456").expect("a code");
        let sealed = SealedSeed::new(Vec::new());
        let now = Timestamp::UNIX_EPOCH;
        let checked = NoTotp.matching_step(user, &sealed, &code, now).map(drop);
        for result in [refused, checked] {
            assert_eq!(result.expect_err("refused").code(), "mfa_unavailable");
        }
    }
}

//! One-time codes that a test can tell in advance.

use sha2::{Digest, Sha256};
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    second_factor::{SealedSeed, Totp, TotpCode, TotpEnrolment, TotpSeed},
    users::UserId,
};
use uuid::Uuid;

use crate::conformance::totp::digits;

const STEP_SECONDS: i64 = 30;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Checks the six digits of an app (RFC 6238), as every [`Totp`] does. The seal
/// hides nothing from anybody who reads this file, but opens for its user
/// alone. Never for production.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeTotp;

impl FakeTotp {
    /// Nothing to choose.
    pub fn new() -> Self {
        Self
    }

    /// The step of time that a moment is in.
    pub fn step_at(&self, now: Timestamp) -> i64 {
        now.timestamp().div_euclid(STEP_SECONDS)
    }

    /// The digits that an app would show at this moment.
    ///
    /// # Errors
    /// Internal for a seal that is broken.
    pub fn code_at(&self, sealed: &SealedSeed, now: Timestamp) -> Result<String> {
        let seed = open(owner(sealed)?, sealed)?;
        Ok(digits(&seed, self.step_at(now)))
    }
}

impl Totp for FakeTotp {
    fn enrol(&self, user: UserId, seed: &TotpSeed, account: &str) -> Result<TotpEnrolment> {
        let secret = base32(seed.expose());
        let uri = format!("otpauth://totp/{}?secret={secret}", escaped(account));
        Ok(TotpEnrolment {
            sealed: seal(user, seed.expose()),
            secret: secret.into(),
            uri: uri.into(),
            qr_svg: r#"<svg xmlns="http://www.w3.org/2000/svg"></svg>"#.into(),
        })
    }

    fn matching_step(
        &self,
        user: UserId,
        sealed: &SealedSeed,
        code: &TotpCode,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        let seed = open(user, sealed)?;
        let current = self.step_at(now);
        let is_right = |step: &i64| digits(&seed, *step) == code.expose();
        let steps = [current, current - 1, current + 1];
        Ok(steps.into_iter().find(is_right))
    }
}

/// Owner, masked seed, digest of both.
fn seal(user: UserId, seed: &[u8; 20]) -> SealedSeed {
    let mut bytes = user.as_uuid().as_bytes().to_vec();
    bytes.extend(masked(user, seed));
    bytes.extend(mark(user, seed));
    SealedSeed::new(bytes)
}

fn open(user: UserId, sealed: &SealedSeed) -> Result<[u8; 20]> {
    let hidden = sealed.as_bytes().get(16..36);
    let hidden = hidden.and_then(|bytes| bytes.try_into().ok());
    let seed = masked(user, &hidden.ok_or_else(broken_seal)?);
    if seal(user, &seed) == *sealed {
        Ok(seed)
    } else {
        Err(broken_seal())
    }
}

fn owner(sealed: &SealedSeed) -> Result<UserId> {
    let bytes = sealed.as_bytes().get(..16);
    let id = bytes.and_then(|bytes| Uuid::from_slice(bytes).ok());
    id.map(UserId::from_uuid).ok_or_else(broken_seal)
}

fn broken_seal() -> Error {
    Error::internal("the seal of a seed is broken")
}

fn masked(user: UserId, seed: &[u8; 20]) -> [u8; 20] {
    let mask = Sha256::digest(user.as_uuid().as_bytes());
    let mut masked = *seed;
    for (byte, mask) in masked.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    masked
}

fn mark(user: UserId, seed: &[u8; 20]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(user.as_uuid().as_bytes());
    digest.update(seed);
    digest.finalize().into()
}

fn base32(bytes: &[u8; 20]) -> String {
    let groups = bytes.chunks(5).map(|group| {
        let number = group
            .iter()
            .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        (0..8).rev().filter_map(move |place| {
            let index = usize::try_from(number >> (place * 5) & 31).ok()?;
            BASE32.get(index).copied().map(char::from)
        })
    });
    groups.flatten().collect()
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use secrecy::ExposeSecret;
    use userhub_domain::clock::Clock;

    use super::*;
    use crate::{FixedClock, SeededEntropy, a_user};

    fn enrolled(user: UserId) -> TotpEnrolment {
        let seed = TotpSeed::generate(&SeededEntropy::default()).unwrap();
        FakeTotp.enrol(user, &seed, "ann@example.org").unwrap()
    }

    #[test]
    fn a_code_is_right_in_its_step_and_the_two_beside_it() {
        let (totp, user, now) = (FakeTotp::new(), a_user().id, FixedClock::new().now());
        let sealed = enrolled(user).sealed;
        let code = TotpCode::parse(&totp.code_at(&sealed, now).unwrap()).unwrap();
        let step = totp.step_at(now);
        let found = |seconds: i64| {
            let at = now + TimeDelta::seconds(seconds);
            totp.matching_step(user, &sealed, &code, at).unwrap()
        };
        for steps in -1..=1 {
            assert_eq!(found(steps * 30), Some(step), "{steps}");
        }
        assert_eq!((found(-60), found(60)), (None, None));
    }

    #[test]
    fn a_seal_opens_for_its_user_alone_and_unbroken() {
        let (user, now) = (a_user().id, FixedClock::new().now());
        let sealed = enrolled(user).sealed;
        let code = TotpCode::parse("000000").unwrap();
        let other = FakeTotp.matching_step(a_user().id, &sealed, &code, now);
        assert_eq!(other.unwrap_err().code(), "internal");
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[20] ^= 1;
        for bytes in [bytes, vec![], vec![0; 68]] {
            let broken = SealedSeed::new(bytes);
            assert_eq!(
                FakeTotp.code_at(&broken, now).unwrap_err().code(),
                "internal"
            );
            assert!(FakeTotp.matching_step(user, &broken, &code, now).is_err());
        }
    }

    #[test]
    fn the_seed_is_shown_in_base32() {
        // RFC 4648, section 10, and twenty bytes.
        assert_eq!(base32(b"foobafoobafoobafooba"), "MZXW6YTB".repeat(4));
        let shown = enrolled(a_user().id);
        assert_eq!(shown.secret.expose_secret().len(), 32);
        let uri = format!(
            "otpauth://totp/ann%40example.org?secret={}",
            shown.secret.expose_secret()
        );
        assert_eq!(shown.uri.expose_secret(), uri);
    }
}

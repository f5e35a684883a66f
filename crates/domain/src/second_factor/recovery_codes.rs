//! Recovery codes: for somebody who has lost the app.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{clock::Entropy, error::Result, users::UserId};

/// How many codes somebody gets.
pub(super) const NUMBER: usize = 10;
const LENGTH: usize = 16;
/// Crockford's base32: no `i`, `l`, `o` and `u`, which are easily misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 80 random bits in the clear, as four groups of four: shown once, never
/// stored. So many bits need no slow hash.
#[derive(Clone)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A new one.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = [0; LENGTH];
        entropy.fill(&mut bytes)?;
        let characters = bytes.iter().filter_map(|byte| {
            // 256 is a multiple of 32: every character is as likely.
            let index = usize::from(*byte) % ALPHABET.len();
            ALPHABET.get(index).copied().map(char::from)
        });
        Ok(Self(characters.collect::<String>().into()))
    }

    /// From what somebody typed: case, blanks and hyphens do not matter, and
    /// what is easily misread is read as it was meant.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let mut read = String::with_capacity(LENGTH);
        for c in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
            read.push(match c.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                c if u8::try_from(c).is_ok_and(|c| ALPHABET.contains(&c)) => c,
                _ => return None,
            });
        }
        (read.len() == LENGTH).then(|| Self(read.into()))
    }

    /// For showing it to its owner, in groups of four.
    pub fn reveal(&self) -> SecretString {
        let mut shown = String::with_capacity(LENGTH + 3);
        for (number, c) in self.0.expose_secret().chars().enumerate() {
            if number > 0 && number % 4 == 0 {
                shown.push('-');
            }
            shown.push(c);
        }
        shown.into()
    }

    /// What is stored for this user.
    pub fn hash(&self, user: UserId) -> RecoveryCodeHash {
        let mut digest = Sha256::new();
        digest.update(user.as_uuid().as_bytes());
        digest.update(self.0.expose_secret().as_bytes());
        RecoveryCodeHash(digest.finalize().into())
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// SHA-256 of a recovery code and its owner: what stores keep and look up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecoveryCodeHash([u8; 32]);

impl RecoveryCodeHash {
    /// From a stored digest; `None` where it is not 32 bytes long.
    pub fn parse_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for RecoveryCodeHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodeHash(..)")
    }
}

/// A new set, and what is stored of it.
pub(super) fn generate(
    user: UserId,
    entropy: &dyn Entropy,
) -> Result<(Vec<RecoveryCode>, Vec<RecoveryCodeHash>)> {
    let mut codes = Vec::with_capacity(NUMBER);
    for _ in 0..NUMBER {
        codes.push(RecoveryCode::generate(entropy)?);
    }
    let hashes = codes.iter().map(|code| code.hash(user)).collect();
    Ok((codes, hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let code = RecoveryCode::parse("abcd-0123-jkmn-1xyz").expect("a code");
        assert_eq!(code.reveal().expose_secret(), "abcd-0123-jkmn-1xyz");
        for typed in [
            "ABCDO123JKMNIXYZ",
            " abcd o123-jkmn lxyz ",
            "abcd0123jkmn1xyz",
        ] {
            let again = RecoveryCode::parse(typed).expect("the same code");
            assert_eq!(again.hash(user), code.hash(user), "{typed}");
        }
        let other = UserId::from_uuid(uuid::Uuid::from_u128(8));
        assert_ne!(code.hash(user), code.hash(other));
        for bad in [
            "",
            "abcd",
            "abcd-0123-jkmn-1xyzz",
            "abcd-0123-jkmn-1xy!",
            "ａbcd0123jkmn1xyz",
        ] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad}");
        }
        assert!(RecoveryCode::parse(&"-".repeat(10_000)).is_none());
    }

    /// 0, 1, 2 and so on, over all calls.
    #[derive(Default)]
    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            for byte in bytes {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            Ok(())
        }
    }

    #[test]
    fn a_set_is_ten_codes_of_every_character_and_their_digests() {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let (codes, hashes) = generate(user, &Counting::default()).expect("codes");
        let shown: Vec<_> = codes.iter().map(RecoveryCode::reveal).collect();
        let shown: Vec<_> = shown.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!((codes.len(), hashes.len()), (10, 10));
        assert_eq!(
            shown[..3],
            [
                "0123-4567-89ab-cdef",
                "ghjk-mnpq-rstv-wxyz",
                "0123-4567-89ab-cdef",
            ]
        );
        for (code, hash) in codes.iter().zip(&hashes) {
            assert_eq!(code.hash(user), *hash);
        }
    }

    #[test]
    fn a_long_text_is_no_code() {
        let padded = |blanks: usize| format!("abcd0123jkmn1xyz{}", " ".repeat(blanks));
        assert!(RecoveryCode::parse(&padded(48)).is_some());
        assert!(RecoveryCode::parse(&padded(49)).is_none());
    }

    #[test]
    fn nothing_of_a_code_is_printed_and_digests_survive_being_stored() {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let code = RecoveryCode::parse("abcd-0123-jkmn-1xyz").expect("a code");
        let hash = code.hash(user);
        assert_eq!(
            format!("{code:?} {hash:?}"),
            "RecoveryCode(..) RecoveryCodeHash(..)"
        );
        assert_eq!(RecoveryCodeHash::parse_stored(hash.as_bytes()), Some(hash));
        assert_eq!(RecoveryCodeHash::parse_stored(&[0; 31]), None);
    }
}

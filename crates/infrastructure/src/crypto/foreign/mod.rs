//! Hashes that other systems made: checked, and replaced at the first sign-in.
//!
//! A hash can come from an import or from somebody who writes to the database,
//! so its parameters are input: each form has ceilings, chosen so that a check
//! takes about a second at most (some 30 times what our own takes).

mod bcrypt;
mod by_sight;
mod pbkdf2;
mod scrypt;
mod sha_crypt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

use self::{bcrypt::Bcrypt, pbkdf2::Pbkdf2, scrypt::Scrypt, sha_crypt::ShaCrypt};
use super::stored_hash::Unusable;

/// The shortest output that is compared with, in bytes; a shorter one would be
/// met by chance.
const SHORTEST_OUTPUT: usize = 16;
/// The longest, in bytes.
const LONGEST_OUTPUT: usize = 64;

/// A hash of another system that can be compared with.
pub(super) enum ForeignHash {
    Bcrypt(Bcrypt),
    Scrypt(Scrypt),
    Pbkdf2(Pbkdf2),
    ShaCrypt(ShaCrypt),
}

impl ForeignHash {
    /// Reads any of the forms. Strict: a text that its origin would not have
    /// written is refused, so that no two texts mean the same hash.
    pub(super) fn parse(text: &str) -> Result<Self, Unusable> {
        None.or_else(|| Bcrypt::parse(text).map(|read| read.map(Self::Bcrypt)))
            .or_else(|| Scrypt::parse(text).map(|read| read.map(Self::Scrypt)))
            .or_else(|| Pbkdf2::parse(text).map(|read| read.map(Self::Pbkdf2)))
            .or_else(|| ShaCrypt::parse(text).map(|read| read.map(Self::ShaCrypt)))
            .unwrap_or_else(|| {
                Err(by_sight::name(text).map_or(Unusable::Unknown, Unusable::Unsupported))
            })
    }

    /// Whether it was made of this password. The comparison takes the same time
    /// wherever they differ.
    pub(super) fn is_of(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(hash) => hash.is_of(password),
            Self::Scrypt(hash) => hash.is_of(password),
            Self::Pbkdf2(hash) => hash.is_of(password),
            Self::ShaCrypt(hash) => hash.is_of(password),
        }
    }
}

/// A number as programs print it: digits, no sign, no zero in front.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

/// The parts between dollar signs, where there are exactly that many.
fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    let all: Vec<&str> = text.splitn(N + 1, '$').collect();
    all.try_into().ok()
}

/// Base64 without padding, as in PHC strings.
fn unpadded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

/// Base64 with padding, as Django writes it.
fn padded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// An output of a length that can be compared with.
fn output(bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
    bytes.filter(|bytes| (SHORTEST_OUTPUT..=LONGEST_OUTPUT).contains(&bytes.len()))
}

//! bcrypt, plain and over a SHA-256 of the password.

use aws_lc_rs::hmac;
use base64::{
    Engine as _,
    alphabet::BCRYPT,
    engine::{
        GeneralPurpose,
        general_purpose::{NO_PAD, STANDARD},
    },
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{super::stored_hash::Unusable, number, parts};

const FORM: &str = "bcrypt";
/// The highest cost that is checked: about a second.
const HIGHEST_COST: u32 = 14;
/// The lowest that there is.
const LOWEST_COST: u32 = 4;
/// What bcrypt takes of a password, in bytes; the rest is cut off.
const TAKEN: usize = 72;
/// Characters of a salt.
const SALT: usize = 22;
/// bcrypt's own base64.
const ENCODING: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);

/// What is done to the password before.
enum Before {
    Nothing,
    /// Django: SHA-256 in hexadecimal.
    Sha256Hex,
    /// passlib's first version: SHA-256 in base64.
    Sha256Base64,
    /// passlib's second version: HMAC-SHA-256 under the salt's text, in base64.
    HmacSha256Base64(String),
}

pub(in crate::crypto) struct Bcrypt {
    before: Before,
    cost: u32,
    salt: [u8; 16],
    output: [u8; 23],
}

impl Bcrypt {
    /// `$2a$`, `$2b$` and `$2y$`, which name corrections of programs and mean
    /// the same function; `bcrypt$` and `bcrypt_sha256$` in front of these
    /// (Django); `$bcrypt-sha256$` in both versions (passlib). `None` where it
    /// is none of them.
    pub(super) fn parse(text: &str) -> Option<Result<Self, Unusable>> {
        let read = if let Some(rest) = text.strip_prefix("$bcrypt-sha256$") {
            passlib(rest)
        } else if let Some(rest) = text.strip_prefix("bcrypt_sha256$") {
            crypt(rest, Before::Sha256Hex)
        } else if let Some(rest) = text.strip_prefix("bcrypt$") {
            crypt(rest, Before::Nothing)
        } else if after_ident(text).is_some() {
            crypt(text, Before::Nothing)
        } else {
            return None;
        };
        Some(match read {
            Some(hash) if hash.cost > HIGHEST_COST => Err(Unusable::TooCostly(FORM)),
            Some(hash) => Ok(hash),
            None => Err(Unusable::Unreadable(FORM)),
        })
    }

    fn new(before: Before, cost: u32, salt: &str, output: &str) -> Option<Self> {
        if !(LOWEST_COST..32).contains(&cost) {
            return None;
        }
        Some(Self {
            before,
            cost,
            salt: ENCODING.decode(salt).ok()?.try_into().ok()?,
            output: ENCODING.decode(output).ok()?.try_into().ok()?,
        })
    }

    pub(super) fn is_of(&self, password: &str) -> bool {
        let mut key = self.key(password);
        key.push(0);
        key.truncate(TAKEN);
        let made = Zeroizing::new(::bcrypt::bcrypt(self.cost, self.salt, &key));
        // The last byte is not part of the format.
        made.iter()
            .zip(&self.output)
            .fold(subtle::Choice::from(1), |same, (made, stored)| {
                same & made.ct_eq(stored)
            })
            .into()
    }

    fn key(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let text = match &self.before {
            // Room for what is pushed, so that no copy is left behind.
            Before::Nothing => {
                let mut key = Vec::with_capacity(password.len() + 1);
                key.extend_from_slice(password.as_bytes());
                return Zeroizing::new(key);
            }
            Before::Sha256Hex => Sha256::digest(password)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            Before::Sha256Base64 => STANDARD.encode(Sha256::digest(password)),
            Before::HmacSha256Base64(salt) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
                STANDARD.encode(hmac::sign(&key, password.as_bytes()))
            }
        };
        Zeroizing::new(text.into_bytes())
    }
}

/// `$2b$12$` and 53 characters of salt and output.
fn crypt(text: &str, before: Before) -> Option<Bcrypt> {
    let [cost, rest] = parts(after_ident(text)?)?;
    let tens = cost.strip_prefix('0').unwrap_or(cost);
    let cost = number(tens).filter(|_| cost.len() == 2)?;
    let (salt, output) = rest.split_at_checked(SALT)?;
    Bcrypt::new(before, cost, salt, output)
}

/// `2b,12$salt$output` or `v=2,t=2b,r=12$salt$output`.
fn passlib(text: &str) -> Option<Bcrypt> {
    let [parameters, salt, output] = parts(text)?;
    if let Some(cost) = parameters.strip_prefix("v=2,t=2b,r=") {
        let before = Before::HmacSha256Base64(salt.to_owned());
        return Bcrypt::new(before, number(cost)?, salt, output);
    }
    let cost = ["2a,", "2b,"]
        .iter()
        .find_map(|ident| parameters.strip_prefix(ident))?;
    Bcrypt::new(Before::Sha256Base64, number(cost)?, salt, output)
}

fn after_ident(text: &str) -> Option<&str> {
    ["$2a$", "$2b$", "$2y$"]
        .iter()
        .find_map(|ident| text.strip_prefix(ident))
}

//! SHA-crypt (Drepper's "Unix crypt using SHA-256 and SHA-512").

use ::sha_crypt::{Params, sha256_crypt, sha512_crypt};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{super::stored_hash::Unusable, number};

const FORM: &str = "SHA-crypt";
/// The most rounds that are computed.
const MOST_ROUNDS: u32 = 1_000_000;
/// About the bytes that are hashed at most: each round takes in the password
/// twice, so a long one costs more. With a million rounds that is a password of
/// 384 bytes, a second; a longer one is not tried.
const MOST_HASHED: u64 = 512_000_000;
/// What a round hashes besides.
const HASHED_BESIDES: u64 = 128;
/// Rounds where the text names none.
const USUAL_ROUNDS: u32 = 5_000;
/// The longest salt; programs cut off the rest before they write it.
const LONGEST_SALT: usize = 16;
/// crypt's digits of 6 bits.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Sha256,
    Sha512,
}

pub(in crate::crypto) struct ShaCrypt {
    function: Function,
    rounds: u32,
    params: Params,
    salt: String,
    /// As it stands in the text: bits that mean nothing have one way to be written.
    output: String,
}

impl ShaCrypt {
    /// `$5$salt$output` and `$6$salt$output`, with `rounds=...$` before the
    /// salt or without. `None` where it is neither.
    pub(super) fn parse(text: &str) -> Option<Result<Self, Unusable>> {
        let (function, rest) = match text.strip_prefix("$5$") {
            Some(rest) => (Function::Sha256, rest),
            None => (Function::Sha512, text.strip_prefix("$6$")?),
        };
        Some(Self::read(function, rest))
    }

    fn read(function: Function, text: &str) -> Result<Self, Unusable> {
        let unreadable = Unusable::Unreadable(FORM);
        let (rounds, rest) = match text.strip_prefix("rounds=") {
            Some(rest) => {
                let (rounds, rest) = rest.split_once('$').ok_or(unreadable)?;
                (number(rounds).ok_or(unreadable)?, rest)
            }
            None => (USUAL_ROUNDS, text),
        };
        let (salt, output) = rest.split_once('$').ok_or(unreadable)?;
        let length = match function {
            Function::Sha256 => 43,
            Function::Sha512 => 86,
        };
        let digits = output.bytes().all(|byte| DIGITS.contains(&byte));
        if salt.len() > LONGEST_SALT || output.len() != length || !digits {
            return Err(unreadable);
        }
        if rounds > MOST_ROUNDS {
            return Err(Unusable::TooCostly(FORM));
        }
        Ok(Self {
            function,
            rounds,
            params: Params::new(rounds).map_err(|_| unreadable)?,
            salt: salt.to_owned(),
            output: output.to_owned(),
        })
    }

    pub(super) fn is_of(&self, password: &str) -> bool {
        let each = u64::try_from(password.len()).unwrap_or(u64::MAX);
        let hashed = u64::from(self.rounds).saturating_mul(each.saturating_add(HASHED_BESIDES));
        if hashed > MOST_HASHED {
            return false;
        }
        let (password, salt) = (password.as_bytes(), self.salt.as_bytes());
        let made = Zeroizing::new(match self.function {
            Function::Sha256 => encode_256(&sha256_crypt(password, salt, self.params)),
            Function::Sha512 => encode_512(&sha512_crypt(password, salt, self.params)),
        });
        made.as_slice().ct_eq(self.output.as_bytes()).into()
    }
}

/// Three bytes from each third, their order turned on with each group; then
/// the two that are left.
fn encode_256(bytes: &[u8; 32]) -> Vec<u8> {
    let mut text = Vec::with_capacity(43);
    for (group, (first, second, third)) in thirds(bytes, 10).enumerate() {
        let turned = match group % 3 {
            0 => [first, second, third],
            1 => [third, first, second],
            _ => [second, third, first],
        };
        push(&mut text, turned, 4);
    }
    let [.., last_but_one, last] = *bytes;
    push(&mut text, [0, last, last_but_one], 3);
    text
}

/// The same, turned the other way; one byte is left.
fn encode_512(bytes: &[u8; 64]) -> Vec<u8> {
    let mut text = Vec::with_capacity(86);
    for (group, (first, second, third)) in thirds(bytes, 21).enumerate() {
        let turned = match group % 3 {
            0 => [first, second, third],
            1 => [second, third, first],
            _ => [third, first, second],
        };
        push(&mut text, turned, 4);
    }
    let [.., last] = *bytes;
    push(&mut text, [0, 0, last], 2);
    text
}

fn thirds(bytes: &[u8], length: usize) -> impl Iterator<Item = (u8, u8, u8)> + '_ {
    let from = |start| bytes.iter().copied().skip(start).take(length);
    from(0)
        .zip(from(length))
        .zip(from(2 * length))
        .map(|((first, second), third)| (first, second, third))
}

/// 24 bits as digits of 6, the lowest first.
fn push(text: &mut Vec<u8>, [high, middle, low]: [u8; 3], digits: u32) {
    let bits = u32::from_be_bytes([0, high, middle, low]);
    for digit in 0..digits {
        let index = usize::try_from((bits >> (6 * digit)) & 63).unwrap_or(0);
        text.extend(DIGITS.get(index));
    }
}

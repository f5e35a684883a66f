//! PBKDF2 (RFC 8018), as a PHC string and as Django and passlib write it.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{
    self, Algorithm, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512,
};

use super::{super::stored_hash::Unusable, number, output, padded, parts, unpadded};

const FORM: &str = "PBKDF2";
/// The most iterations that are computed, those of each block of the output
/// together: about a second with SHA-512, a third with SHA-256.
const MOST_ITERATIONS: u64 = 2_500_000;

pub(in crate::crypto) struct Pbkdf2 {
    function: Function,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Function {
    algorithm: Algorithm,
    /// Bytes that come of one round of iterations.
    block: usize,
}

const SHA1: Function = Function {
    algorithm: PBKDF2_HMAC_SHA1,
    block: 20,
};
const SHA256: Function = Function {
    algorithm: PBKDF2_HMAC_SHA256,
    block: 32,
};
const SHA512: Function = Function {
    algorithm: PBKDF2_HMAC_SHA512,
    block: 64,
};

impl Pbkdf2 {
    /// `$pbkdf2-sha256$i=600000,l=32$salt$output` (PHC; `l` may be missing),
    /// `$pbkdf2-sha256$29000$salt$output` (passlib), both with SHA-1
    /// (`pbkdf2` or `pbkdf2-sha1`), SHA-256 and SHA-512; and
    /// `pbkdf2_sha256$600000$salt$output` and `pbkdf2_sha1$...` (Django).
    /// `None` where it is none of them.
    pub(super) fn parse(text: &str) -> Option<Result<Self, Unusable>> {
        let read = if let Some((function, rest)) = after_ident(text, &DJANGO) {
            django(function, rest)
        } else {
            let (function, rest) = after_ident(text, &MODULAR)?;
            modular(function, rest)
        };
        Some(
            read.ok_or(Unusable::Unreadable(FORM))
                .and_then(Self::within_reason),
        )
    }

    fn within_reason(self) -> Result<Self, Unusable> {
        let blocks = self.output.len().div_ceil(self.function.block);
        let blocks = u64::try_from(blocks).unwrap_or(u64::MAX);
        if u64::from(self.iterations.get()).saturating_mul(blocks) > MOST_ITERATIONS {
            return Err(Unusable::TooCostly(FORM));
        }
        Ok(self)
    }

    pub(super) fn is_of(&self, password: &str) -> bool {
        pbkdf2::verify(
            self.function.algorithm,
            self.iterations,
            &self.salt,
            password.as_bytes(),
            &self.output,
        )
        .is_ok()
    }
}

const DJANGO: [(&str, Function); 2] = [("pbkdf2_sha256$", SHA256), ("pbkdf2_sha1$", SHA1)];
const MODULAR: [(&str, Function); 4] = [
    ("$pbkdf2-sha256$", SHA256),
    ("$pbkdf2-sha512$", SHA512),
    ("$pbkdf2-sha1$", SHA1),
    ("$pbkdf2$", SHA1),
];

fn after_ident<'a>(text: &'a str, idents: &[(&str, Function)]) -> Option<(Function, &'a str)> {
    idents
        .iter()
        .find_map(|(ident, function)| Some((*function, text.strip_prefix(ident)?)))
}

fn django(function: Function, text: &str) -> Option<Pbkdf2> {
    let [iterations, salt, hash] = parts(text)?;
    Some(Pbkdf2 {
        function,
        iterations: NonZeroU32::new(number(iterations)?)?,
        salt: salt.as_bytes().to_vec(),
        output: output(padded(hash))?,
    })
}

fn modular(function: Function, text: &str) -> Option<Pbkdf2> {
    let [parameters, salt, hash] = parts(text)?;
    let Some(parameters) = parameters.strip_prefix("i=") else {
        return Some(Pbkdf2 {
            function,
            iterations: NonZeroU32::new(number(parameters)?)?,
            salt: adapted(salt)?,
            output: output(adapted(hash))?,
        });
    };
    let (iterations, length) = match parameters.split_once(",l=") {
        Some((iterations, length)) => (iterations, Some(usize::try_from(number(length)?).ok()?)),
        None => (parameters, None),
    };
    let output = output(unpadded(hash))?;
    if length.is_some_and(|length| length != output.len()) {
        return None;
    }
    Some(Pbkdf2 {
        function,
        iterations: NonZeroU32::new(number(iterations)?)?,
        salt: unpadded(salt)?,
        output,
    })
}

/// passlib's base64: a full stop in place of the plus sign.
fn adapted(text: &str) -> Option<Vec<u8>> {
    if text.contains('+') {
        return None;
    }
    unpadded(&text.replace('.', "+"))
}

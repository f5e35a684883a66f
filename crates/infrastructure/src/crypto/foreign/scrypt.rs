//! scrypt (RFC 7914), as a PHC string and as Django writes it.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{super::stored_hash::Unusable, number, output, padded, parts, unpadded};

const FORM: &str = "scrypt";
/// The most that N, r and p may come to, multiplied: 128 bytes of memory for
/// each of N times r, so 128 MiB, and half a second.
const MOST_WORK: u64 = 1 << 20;
/// The largest block size.
const LARGEST_R: u32 = 64;
/// The most lanes, which are computed one after the other.
const MOST_P: u32 = 64;

pub(in crate::crypto) struct Scrypt {
    params: ::scrypt::Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

/// What a text says, before it is weighed.
struct Read {
    log_n: u32,
    r: u32,
    p: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Scrypt {
    /// `$scrypt$ln=14,r=8,p=1$salt$output` (PHC and passlib) and
    /// `scrypt$16384$salt$8$1$output` (Django). `None` where it is neither.
    pub(super) fn parse(text: &str) -> Option<Result<Self, Unusable>> {
        let read = if let Some(rest) = text.strip_prefix("$scrypt$") {
            phc(rest)
        } else {
            django(text.strip_prefix("scrypt$")?)
        };
        Some(
            read.ok_or(Unusable::Unreadable(FORM))
                .and_then(Self::within_reason),
        )
    }

    fn within_reason(read: Read) -> Result<Self, Unusable> {
        let too_costly = Unusable::TooCostly(FORM);
        let work = 1u64
            .checked_shl(read.log_n)
            .filter(|n| *n <= MOST_WORK)
            .map(|n| n.saturating_mul(u64::from(read.r).saturating_mul(read.p.into())));
        if read.r > LARGEST_R || read.p > MOST_P || work.is_none_or(|work| work > MOST_WORK) {
            return Err(too_costly);
        }
        let log_n = u8::try_from(read.log_n).map_err(|_| too_costly)?;
        let params =
            ::scrypt::Params::new(log_n, read.r, read.p).map_err(|_| Unusable::Unreadable(FORM))?;
        Ok(Self {
            params,
            salt: read.salt,
            output: read.output,
        })
    }

    pub(super) fn is_of(&self, password: &str) -> bool {
        let mut made = Zeroizing::new(vec![0; self.output.len()]);
        let done = ::scrypt::scrypt(password.as_bytes(), &self.salt, &self.params, &mut made);
        done.is_ok() && bool::from(made.ct_eq(&self.output))
    }
}

fn phc(text: &str) -> Option<Read> {
    let [parameters, salt, hash] = parts(text)?;
    let (log_n, rest) = parameters.strip_prefix("ln=")?.split_once(",r=")?;
    let (r, p) = rest.split_once(",p=")?;
    Some(Read {
        log_n: positive(log_n)?,
        r: positive(r)?,
        p: positive(p)?,
        salt: unpadded(salt)?,
        output: output(unpadded(hash))?,
    })
}

fn django(text: &str) -> Option<Read> {
    let [n, salt, r, p, hash] = parts(text)?;
    let n = number(n).filter(|n| n.is_power_of_two() && *n > 1)?;
    Some(Read {
        log_n: n.trailing_zeros(),
        r: positive(r)?,
        p: positive(p)?,
        salt: salt.as_bytes().to_vec(),
        output: output(padded(hash))?,
    })
}

fn positive(text: &str) -> Option<u32> {
    number(text).filter(|number| *number > 0)
}

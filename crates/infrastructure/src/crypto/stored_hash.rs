//! Reading a stored hash, our own or another system's: total, and within reason.

use userhub_domain::violation::{Broken, ViolationCode};

use super::{
    argon2_hash::{Argon2Hash, Ceilings},
    foreign::ForeignHash,
};

/// The longest hash that is read, in bytes; the longest known is half of that.
const LONGEST: usize = 512;

/// A stored hash that can be compared with.
pub(super) enum StoredHash {
    /// What this system makes, and its relatives.
    Argon2(Argon2Hash),
    /// What another system made.
    Foreign(ForeignHash),
}

/// Why a hash is not compared with; never holds a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// Of no form that is known here.
    #[error("is of an unknown form")]
    Unknown,
    /// Of a form that is known by sight alone.
    #[error("is of the form {0}, which is not supported")]
    Unsupported(&'static str),
    /// Begins like one of this form and does not go on like it.
    #[error("is no readable {0} hash")]
    Unreadable(&'static str),
    /// Costs more than the ceilings of its form allow.
    #[error("is a {0} hash that would cost too much memory or time to check")]
    TooCostly(&'static str),
}

impl StoredHash {
    /// Reads any form that can be checked.
    pub(super) fn parse(text: &str, ceilings: &Ceilings) -> Result<Self, Unusable> {
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Unusable::Unknown);
        }
        // Django writes its own name for the function in front of the PHC string.
        let phc = text
            .strip_prefix("argon2")
            .filter(|rest| rest.starts_with("$argon2"))
            .unwrap_or(text);
        if phc.starts_with("$argon2") {
            return Argon2Hash::parse(phc, ceilings).map(Self::Argon2);
        }
        ForeignHash::parse(text).map(Self::Foreign)
    }
}

impl From<Unusable> for Broken {
    fn from(unusable: Unusable) -> Self {
        let code = match unusable {
            Unusable::TooCostly(_) => ViolationCode::NotAllowed,
            Unusable::Unknown | Unusable::Unsupported(_) | Unusable::Unreadable(_) => {
                ViolationCode::InvalidFormat
            }
        };
        Self::new(code, unusable.to_string())
    }
}

//! Time and randomness, the two things that a test must be able to fix.

use chrono::{DateTime, SubsecRound, Utc};

/// A moment in UTC, cut to microseconds so that it survives every database.
pub type Timestamp = DateTime<Utc>;

/// The time of day.
///
/// An implementation returns UTC cut to microseconds (see [`microseconds`]).
/// Everything that depends on time asks this port: no `now()` in SQL, none in
/// a library.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The current moment, cut to microseconds.
    ///
    /// # Obligations
    /// - UTC, cut to microseconds and not rounded.
    /// - It answers at once and never fails. It may stand still or be set back;
    ///   nothing here relies on its running evenly.
    fn now(&self) -> Timestamp;
}

/// Cuts a moment to microseconds, towards the past.
pub fn microseconds(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}

/// A source of unpredictable bytes.
///
/// An implementation fills the whole slice from a cryptographically secure
/// generator. Ids and tokens are made from nothing else.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills `bytes` completely.
    ///
    /// # Obligations
    /// - Every byte is overwritten, whatever the length, or it is an error.
    /// - Nobody who knows all other bytes can guess one: the generator of the
    ///   operating system, or one seeded from it.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) where the generator fails.
    fn fill(&self, bytes: &mut [u8]) -> crate::Result<()>;
}

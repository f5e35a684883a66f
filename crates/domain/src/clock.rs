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
    /// - It is right, and in UTC: no check can see this, but
    ///   `time_is_in_years_of_four_digits`.
    /// - It is cut to microseconds, not rounded: `time_is_cut_to_microseconds`.
    /// - It answers at once and never fails, whoever asks:
    ///   `many_threads_may_ask_at_once`.
    /// - It may stand still, and does not run backwards by itself:
    ///   `time_does_not_run_backwards`. Somebody may set it back; nothing here
    ///   relies on its running evenly.
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
    /// - Every byte is overwritten, whatever the length, or it is an error:
    ///   `every_byte_is_filled`.
    /// - Nobody who knows all other bytes can guess one: the generator of the
    ///   operating system, or one seeded from it. What can be seen of that:
    ///   `no_call_repeats_another`, `every_byte_is_as_frequent_as_the_others`,
    ///   `threads_do_not_share_bytes`.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) where the generator fails.
    fn fill(&self, bytes: &mut [u8]) -> crate::Result<()>;
}

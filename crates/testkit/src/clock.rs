//! A clock that stands still until it is told to move.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use userhub_domain::clock::{Clock, Timestamp, microseconds};

use crate::locked;

/// A clock that a test sets. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// Stands at 2026-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self::at(Timestamp::from_timestamp_nanos(1_767_225_600_000_000_000))
    }

    /// Stands at this moment, cut to microseconds.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(microseconds(now))))
    }

    /// Moves to this moment, cut to microseconds.
    pub fn set(&self, now: Timestamp) {
        *locked(&self.0) = microseconds(now);
    }

    /// Moves on, or back where `by` is negative.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = locked(&self.0);
        *now = microseconds(*now + by);
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *locked(&self.0)
    }
}

//! Remembers when a connection was last found broken.
//!
//! Idle connections are not tested before each use: that would cost a round
//! trip. After a restart of the database all of them are dead, though. So when
//! one is found broken, those that were idle at that time are tested before
//! they are used again, and for a while also before they return to the pool.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How long connections are tested on return, after one was found broken.
const WARY: Duration = Duration::from_secs(30);

/// When a connection was last found broken.
#[derive(Debug)]
pub(super) struct PoolHealth {
    start: Instant,
    /// Microseconds after `start`; 0: never.
    broken: AtomicU64,
}

impl PoolHealth {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            broken: AtomicU64::new(0),
        }
    }

    /// One was found broken just now.
    pub(super) fn found_broken(&self) {
        self.broken
            .fetch_max(self.micros(self.start.elapsed()).max(1), Ordering::Relaxed);
    }

    /// Whether a connection that was idle for so long has to be tested.
    pub(super) fn is_doubtful(&self, idle: Duration) -> bool {
        let broken = self.broken.load(Ordering::Relaxed);
        broken != 0 && self.micros(self.start.elapsed().saturating_sub(idle)) <= broken
    }

    /// Whether one was found broken a short time ago.
    pub(super) fn is_wary(&self) -> bool {
        self.is_doubtful(WARY)
    }

    fn micros(&self, time: Duration) -> u64 {
        u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connections_that_were_idle_when_one_broke_are_doubtful() {
        let health = PoolHealth::new();
        assert!(!health.is_doubtful(Duration::from_secs(3600)));
        health.found_broken();
        std::thread::sleep(Duration::from_millis(5));
        assert!(health.is_doubtful(Duration::from_secs(1)));
        assert!(!health.is_doubtful(Duration::from_millis(1)));
        assert!(health.is_wary());
    }
}

//! The machine's time and randomness.

use userhub_domain::{
    Error, Result,
    clock::{Clock, Entropy, Timestamp, microseconds},
};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn now(&self) -> Timestamp {
        microseconds(chrono::DateTime::from(std::time::SystemTime::now()))
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|error| Error::internal_from("reading random bytes", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_cut_to_microseconds_and_does_not_stand_still() {
        let first = SystemClock.now();
        assert_eq!(first, microseconds(first));
        assert!(first.timestamp() > 1_700_000_000);
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(SystemClock.now() > first);
    }

    #[test]
    fn bytes_differ_from_call_to_call() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut first).unwrap();
        SystemEntropy.fill(&mut second).unwrap();
        assert_ne!(first, second);
        assert_ne!(first, [0; 32]);
    }
}

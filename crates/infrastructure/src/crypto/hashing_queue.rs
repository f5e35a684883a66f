//! Who hashes now, who waits, and who is sent away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use userhub_domain::{Error, Result};

/// A fair queue before a fixed number of slots. Whoever would wait longer than
/// the longest wait is refused at once, so that the queue stays short and what
/// it promises is kept.
pub(super) struct HashingQueue {
    slots: Arc<Semaphore>,
    slot_count: usize,
    max_wait: Duration,
    waiting: AtomicUsize,
    /// How long a hash takes lately, in microseconds.
    usual_micros: AtomicU64,
}

impl HashingQueue {
    /// `usual` is the first guess at how long a hash takes.
    pub(super) fn new(slot_count: usize, max_wait: Duration, usual: Duration) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slot_count)),
            slot_count,
            max_wait,
            waiting: AtomicUsize::new(0),
            usual_micros: AtomicU64::new(micros(usual)),
        }
    }

    /// Waits for a slot. It is held until the permit is dropped; dropping the
    /// future instead gives up the place in the queue.
    ///
    /// # Errors
    /// `overloaded` where the wait is or would be too long.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(permit);
        }
        let place = Place::take(&self.waiting);
        let expected = self.expected_wait(place.ahead);
        if expected > self.max_wait {
            return Err(refused(expected));
        }
        let turn = Arc::clone(&self.slots).acquire_owned();
        match tokio::time::timeout(self.max_wait, turn).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(closed)) => Err(Error::internal_from("waiting for a slot to hash", closed)),
            Err(_) => Err(refused(self.expected_wait(place.ahead))),
        }
    }

    /// Learns how long a hash took.
    pub(super) fn took(&self, time: Duration) {
        let _ = self.usual_micros.fetch_update(Relaxed, Relaxed, |usual| {
            Some((usual.saturating_mul(7).saturating_add(micros(time))) / 8)
        });
    }

    /// With `ahead` in front of us and every slot taken: their rounds and half
    /// of the one that runs.
    fn expected_wait(&self, ahead: usize) -> Duration {
        let usual = self.usual_micros.load(Relaxed);
        let slots = u64::try_from(self.slot_count).unwrap_or(u64::MAX).max(1);
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX);
        Duration::from_micros(usual.saturating_mul(ahead) / slots + usual / 2)
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.slots.available_permits()
    }
}

/// A place in the queue, given up when dropped: also when the client hangs up.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    ahead: usize,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        let ahead = waiting.fetch_add(1, Relaxed);
        metrics::gauge!("userhub_hashing_queue").increment(1);
        Self { waiting, ahead }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Relaxed);
        metrics::gauge!("userhub_hashing_queue").decrement(1);
    }
}

fn refused(expected: Duration) -> Error {
    metrics::counter!("userhub_hashing_refused_total").increment(1);
    // Whole seconds, since that is what the header holds.
    Error::overloaded(Duration::from_secs(expected.as_secs().saturating_add(1)))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

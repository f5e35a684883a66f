//! Sign-ins under one name take turns.
//!
//! Each sign-in is counted before its password is checked, so many right ones
//! at the same moment would look like guesses. With fewer of them under way
//! than are free, the right ones clear the count before the next are counted;
//! and of wrong ones exactly as many are checked as are free.

use std::{collections::hash_map::RandomState, hash::BuildHasher};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Sign-ins of one name that are under way at the same time.
const AT_ONCE: usize = 4;
/// Names share so many lanes, so that memory has an end whoever calls.
const LANES: usize = 512;

/// Who may go on, by the name that they sign in with.
pub(crate) struct Turns {
    lanes: Vec<Semaphore>,
    /// Nobody can choose whose lane to stand in: it differs from process to
    /// process.
    hasher: RandomState,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            lanes: (0..LANES).map(|_| Semaphore::new(AT_ONCE)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Waits for a turn, which ends when this is dropped. How long a request
    /// may take bounds the wait.
    pub(crate) async fn take(&self, name: &str) -> Option<SemaphorePermit<'_>> {
        let number = self.hasher.hash_one(name) % LANES as u64;
        let lane = self.lanes.get(usize::try_from(number).ok()?)?;
        lane.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_name_has_four_turns_and_others_have_their_own() {
        let turns = Turns::new();
        let taken: Vec<_> = (0..AT_ONCE)
            .map(|_| turns.take("alice").now_or_never().expect("a turn"))
            .collect();
        assert!(turns.take("alice").now_or_never().is_none());
        let others = (0..8).filter(|other| {
            let name = format!("bob{other}");
            turns.take(&name).now_or_never().is_some()
        });
        assert!(others.count() >= 7, "one might share the lane");
        drop(taken);
        assert!(turns.take("alice").now_or_never().is_some());
    }
}

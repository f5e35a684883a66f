//! Randomness that comes out the same in every run.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sha2::{Digest, Sha256};
use userhub_domain::{Result, clock::Entropy};

/// SHA-256 of a seed and a counter: different bytes at every call, the same
/// ones in every run. Clones go on counting together. Never for production.
#[derive(Debug, Clone, Default)]
pub struct SeededEntropy {
    seed: u64,
    counter: Arc<AtomicU64>,
}

impl SeededEntropy {
    /// Starts a sequence; the default is that of seed 0.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: Arc::default(),
        }
    }

    /// A number below `end`, evenly enough for test data; 0 where `end` is 0.
    pub fn below(&self, end: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
            .checked_rem(end)
            .unwrap_or_default()
    }

    fn block(&self) -> [u8; 32] {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        digest.update(count.to_le_bytes());
        digest.finalize().into()
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        for chunk in bytes.chunks_mut(32) {
            for (to, from) in chunk.iter_mut().zip(self.block()) {
                *to = from;
            }
        }
        Ok(())
    }
}

//! What is computed for a password, apart from when and where.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Output, Salt},
};
use userhub_domain::{
    Error, Result,
    clock::Entropy,
    users::{PasswordAttempt, PasswordHash, Verification},
};
use zeroize::Zeroizing;

use super::{
    argon2_hash::{Ceilings, params_for, work},
    stored_hash::StoredHash,
};

/// About what a KiB takes in one pass: the first guess, corrected by each hash.
pub(super) const NANOS_PER_KIB: u64 = 700;

/// argon2id as it is configured, and every form that can be compared with.
pub(super) struct Function {
    pub(super) params: Params,
    pub(super) ceilings: Ceilings,
    decoy_salt: Salt,
    entropy: Arc<dyn Entropy>,
    /// What 1024 KiB take in one pass lately, in nanoseconds: turns the time of
    /// another function into work of this one.
    pace: AtomicU64,
}

impl Function {
    pub(super) fn new(params: Params, entropy: Arc<dyn Entropy>) -> Result<Self> {
        Ok(Self {
            ceilings: Ceilings::above(&params),
            params,
            decoy_salt: fresh_salt(&*entropy)?,
            entropy,
            pace: AtomicU64::new(NANOS_PER_KIB * 1024),
        })
    }

    pub(super) fn hash(&self, password: &str, memory: &mut Vec<Block>) -> Result<PasswordHash> {
        let salt = fresh_salt(&*self.entropy)?;
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&self.params).try_into().map_err(failed)?,
            salt: Some(salt),
            hash: Some(self.output(&self.configured(), password, &salt, memory)?),
        };
        Ok(PasswordHash::new(hash.to_string()))
    }

    /// Tries the normalised password, then what was sent where that is another:
    /// the hash may come from a system that did not normalise.
    pub(super) fn compare(
        &self,
        attempt: &PasswordAttempt,
        stored: &StoredHash,
        memory: &mut Vec<Block>,
    ) -> Result<Verification> {
        if self.is_of(attempt.expose(), stored, memory)? {
            if let StoredHash::Argon2(hash) = stored
                && !hash.is_weaker_than(&self.params)
            {
                return Ok(Verification::Right);
            }
        } else {
            let is_right = match attempt.expose_as_sent() {
                Some(as_sent) => self.is_of(as_sent, stored, memory)?,
                None => false,
            };
            if !is_right {
                return Ok(Verification::Wrong);
            }
        }
        metrics::counter!("userhub_hashing_needs_rehash_total").increment(1);
        self.hash(attempt.expose(), memory)
            .map(Verification::Outdated)
    }

    /// Takes as long as a comparison of the same attempt.
    pub(super) fn decoy(&self, attempt: &PasswordAttempt, memory: &mut Vec<Block>) -> Result<()> {
        let tries = [Some(attempt.expose()), attempt.expose_as_sent()];
        tries
            .into_iter()
            .flatten()
            .try_for_each(|password| self.spend(&self.configured(), password, memory))
    }

    /// Whether a hash was made of this password. A wrong one takes no less time
    /// than a decoy, which costs what is configured today.
    fn is_of(&self, password: &str, stored: &StoredHash, memory: &mut Vec<Block>) -> Result<bool> {
        let (is_right, missing) = match stored {
            StoredHash::Argon2(hash) => {
                let output = self.output(&hash.function(), password, &hash.salt, memory)?;
                // This type's equality takes the same time wherever they differ.
                (output == hash.output, hash.shortfall(&self.params))
            }
            StoredHash::Foreign(hash) => {
                let started = Instant::now();
                let is_right = hash.is_of(password);
                (is_right, self.missing_after(started.elapsed()))
            }
        };
        if !is_right && let Some(params) = params_for(missing, &self.params) {
            let rest = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            self.spend(&rest, password, memory)?;
        }
        Ok(is_right)
    }

    /// The work of a decoy less what could have been done in this time.
    fn missing_after(&self, time: Duration) -> u64 {
        let pace = u128::from(self.pace.load(Relaxed).max(1));
        let done = time.as_nanos().saturating_mul(1024) / pace;
        work(&self.params).saturating_sub(u64::try_from(done).unwrap_or(u64::MAX))
    }

    fn spend(&self, function: &Argon2<'_>, password: &str, memory: &mut Vec<Block>) -> Result<()> {
        let output = self.output(function, password, &self.decoy_salt, memory)?;
        std::hint::black_box(output);
        Ok(())
    }

    fn configured(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    fn output(
        &self,
        function: &Argon2<'_>,
        password: &str,
        salt: &Salt,
        memory: &mut Vec<Block>,
    ) -> Result<Output> {
        let needed = function.params().block_count();
        let usual = self.params.block_count();
        let mut beyond = Vec::new();
        let blocks = if needed > usual {
            beyond.resize(needed, Block::new());
            &mut beyond
        } else {
            memory.resize(usual, Block::new());
            memory
        };
        let mut bytes = Zeroizing::new([0; Output::MAX_LENGTH]);
        let length = function
            .params()
            .output_len()
            .unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let bytes = bytes
            .get_mut(..length)
            .ok_or_else(|| Error::internal("a stored hash is too long"))?;
        let started = Instant::now();
        let done =
            function.hash_password_into_with_memory(password.as_bytes(), salt, bytes, &mut *blocks);
        self.learn(function.params(), started.elapsed());
        if function.params().t_cost() == 1 {
            blocks.fill(Block::new());
        }
        done.map_err(failed)?;
        Output::new(bytes).map_err(failed)
    }

    /// Learns from whatever is done in about the memory of a decoy; less memory
    /// fits a nearer cache and goes faster.
    fn learn(&self, params: &Params, time: Duration) {
        if params.m_cost() < self.params.m_cost() / 2 || params.m_cost() > self.params.m_cost() {
            return;
        }
        let each = time.as_nanos().saturating_mul(1024) / u128::from(work(params).max(1));
        let each = u64::try_from(each).unwrap_or(u64::MAX);
        let _ = self.pace.fetch_update(Relaxed, Relaxed, |pace| {
            Some(pace.saturating_mul(7).saturating_add(each) / 8)
        });
    }
}

fn fresh_salt(entropy: &dyn Entropy) -> Result<Salt> {
    let mut bytes = [0; argon2::RECOMMENDED_SALT_LEN];
    entropy.fill(&mut bytes)?;
    Salt::new(&bytes).map_err(failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal_from("hashing a password", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    fn function() -> Function {
        Function::new(Params::DEFAULT, Arc::new(SystemEntropy)).unwrap()
    }

    #[test]
    fn what_another_function_took_less_is_made_up_for() {
        let function = function();
        let all = work(&Params::DEFAULT);
        let whole = Duration::from_nanos(all * NANOS_PER_KIB);
        assert_eq!(function.missing_after(Duration::ZERO), all);
        assert_eq!(function.missing_after(whole / 2), all / 2);
        assert_eq!(function.missing_after(whole), 0);
        assert_eq!(function.missing_after(Duration::MAX), 0);
    }

    #[test]
    fn the_pace_is_learned_from_hashes_in_about_the_memory_of_a_decoy() {
        let function = function();
        let of = |memory_kib| Params::new(memory_kib, 2, 1, None).unwrap();
        let time = |params: &Params| Duration::from_nanos(work(params) * 100);
        for apart in [of(4096), of(65_536)] {
            function.learn(&apart, time(&apart));
        }
        assert_eq!(function.pace.load(Relaxed), NANOS_PER_KIB * 1024);
        for _ in 0..100 {
            function.learn(&Params::DEFAULT, time(&Params::DEFAULT));
        }
        let pace = function.pace.load(Relaxed);
        assert!((100 * 1024..101 * 1024).contains(&pace), "{pace}");
        // Faster than was thought, so the same time is more work.
        let all = work(&Params::DEFAULT);
        let half = function.missing_after(time(&Params::DEFAULT) / 2);
        assert!(half.abs_diff(all / 2) < all / 100, "{half}");
    }

    #[test]
    fn a_wrong_password_spends_what_a_decoy_does_for_each_spelling_that_is_tried() {
        let (function, mut memory) = (function(), Vec::new());
        let mut spent = |password: &str, hash: Option<&str>| {
            let attempt = PasswordAttempt::parse(&password.into()).unwrap();
            let started = Instant::now();
            match hash {
                Some(hash) => {
                    let stored = StoredHash::parse(hash, &function.ceilings).unwrap();
                    let verified = function.compare(&attempt, &stored, &mut memory);
                    assert_eq!(verified.unwrap(), Verification::Wrong);
                }
                None => function.decoy(&attempt, &mut memory).unwrap(),
            }
            started.elapsed()
        };
        let cheap = "$5$rounds=1000$seasalt$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9";
        for password in ["plain", "Gru\u{308}\u{df}e"] {
            spent(password, None);
            // In turns, so that whatever else runs meets both.
            let (mut nobody, mut somebody): (Vec<_>, Vec<_>) = (0..15)
                .map(|_| (spent(password, None), spent(password, Some(cheap))))
                .unzip();
            nobody.sort_unstable();
            somebody.sort_unstable();
            let (decoy, known) = (nobody[7], somebody[7]);
            println!("{password}: nobody {decoy:?}, a cheap hash {known:?}");
            // Far wider than what is aimed at: other tests run meanwhile. Without
            // the rest it would take a hundredth, with one spelling half.
            assert!(
                known * 10 > decoy * 7 && known * 7 < decoy * 10,
                "{password}"
            );
        }
    }
}

//! Passwords hashed with argon2id, bounded in memory, in number and in time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Output, Salt},
};
use async_trait::async_trait;
use tokio::sync::oneshot;
use userhub_domain::{
    Error, Result,
    clock::Entropy,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
};
use zeroize::Zeroizing;

use super::{
    hashing_queue::HashingQueue,
    hashing_threads::HashingThreads,
    stored_hash::{Ceilings, StoredHash},
};

/// How long a thread and its memory are kept without work.
const KEEP: Duration = Duration::from_secs(30);
/// About what a KiB takes in one pass: the first guess, corrected by each hash.
const NANOS_PER_KIB: u64 = 700;

/// What hashing costs and how much of it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingOptions {
    /// Memory of one hash in KiB; at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes, at least 1.
    pub iterations: u32,
    /// Lanes, at least 1.
    pub parallelism: u32,
    /// Hashes at the same time; 0 counts as 1. More than there are cores gain nothing.
    pub slots: usize,
    /// The longest wait for a slot.
    pub max_wait: Duration,
}

/// 19 MiB and two passes, one slot for each core, 3 s of waiting: what
/// `config/default.toml` has.
impl Default for HashingOptions {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            slots: std::thread::available_parallelism().map_or(1, usize::from),
            max_wait: Duration::from_secs(3),
        }
    }
}

/// Hashes passwords with argon2id (RFC 9106) and keeps them as PHC strings.
///
/// At most `slots` hashes run at once, on threads of its own that yield to the
/// ones that answer requests; each keeps its memory for the next hash, and
/// gives it back after half a minute without one. Whoever would wait longer
/// than `max_wait` is refused. A client that hangs up leaves the queue, while a
/// hash that has begun keeps its slot to the end.
///
/// A stored hash costs at most 256 MiB, 16 passes, 8 lanes and a GiB in all
/// passes together, or what is configured where that is more. argon2i and
/// argon2d are read as well, and replaced.
///
/// # Memory is not wiped
/// What is left in a thread's memory after two passes or more tells an attacker
/// who can read it no more than the hash would, since testing a guess against
/// it takes the whole work. After a single pass its beginning would, so then it
/// is wiped.
pub struct Argon2Hasher {
    function: Arc<Function>,
    queue: Arc<HashingQueue>,
    threads: HashingThreads,
}

/// What is computed, apart from when and where.
struct Function {
    params: Params,
    ceilings: Ceilings,
    decoy_salt: Salt,
    entropy: Arc<dyn Entropy>,
}

impl Argon2Hasher {
    /// Allocates nothing and starts nothing yet.
    ///
    /// # Errors
    /// [`Error::Internal`] where argon2 does not know such parameters, or the
    /// entropy source fails.
    pub fn new(options: HashingOptions, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let HashingOptions {
            memory_kib,
            iterations,
            parallelism,
            slots,
            max_wait,
        } = options;
        let params = Params::new(
            memory_kib,
            iterations,
            parallelism,
            Some(Params::DEFAULT_OUTPUT_LEN),
        )
        .map_err(|error| {
            let settings = "hashing.memory_kib, hashing.iterations and hashing.parallelism";
            Error::internal_from(format!("{settings} do not go together"), error)
        })?;
        let nanos = u64::from(memory_kib) * u64::from(iterations) * NANOS_PER_KIB;
        Ok(Self {
            queue: Arc::new(HashingQueue::new(
                slots.max(1),
                max_wait,
                Duration::from_nanos(nanos),
            )),
            threads: HashingThreads::new(slots.max(1), KEEP),
            function: Arc::new(Function {
                ceilings: Ceilings::above(&params),
                params,
                decoy_salt: fresh_salt(&*entropy)?,
                entropy,
            }),
        })
    }

    /// Does the work on a hashing thread as soon as there is a slot. The slot
    /// belongs to the work, not to this future.
    async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Function, &mut Vec<Block>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = self.queue.enter().await?;
        let (answer, answered) = oneshot::channel();
        let (function, queue) = (Arc::clone(&self.function), Arc::clone(&self.queue));
        let job = move |memory: &mut Vec<Block>| {
            let started = Instant::now();
            let result = work(&function, memory);
            queue.took(started.elapsed());
            metrics::histogram!("userhub_hashing_seconds", "operation" => operation)
                .record(started.elapsed());
            drop(slot);
            // Nobody listens where the client hung up.
            let _ = answer.send(result);
        };
        self.threads
            .run(Box::new(job))
            .map_err(|error| Error::internal_from("starting a thread to hash", error))?;
        answered
            .await
            .map_err(|error| Error::internal_from("hashing a password", error))?
    }

    #[cfg(test)]
    pub(super) fn load(&self) -> (usize, usize, usize) {
        (
            self.queue.waiting(),
            self.queue.free(),
            self.threads.count(),
        )
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        self.run("hash", move |function, memory| {
            function.hash(password.expose(), memory)
        })
        .await
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Verification> {
        match StoredHash::parse(hash.expose(), &self.function.ceilings) {
            Ok(stored) => {
                self.run("verify", move |function, memory| {
                    function.compare(attempt.expose(), &stored, memory)
                })
                .await
            }
            Err(reason) => {
                tracing::error!(%reason, "a stored password hash cannot be used; its owner cannot sign in");
                self.verify_decoy(attempt)
                    .await
                    .map(|()| Verification::Wrong)
            }
        }
    }

    async fn verify_decoy(&self, attempt: PasswordAttempt) -> Result<()> {
        self.run("verify", move |function, memory| {
            function.decoy(attempt.expose(), memory)
        })
        .await
    }
}

impl Function {
    fn hash(&self, password: &str, memory: &mut Vec<Block>) -> Result<PasswordHash> {
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

    fn compare(
        &self,
        password: &str,
        stored: &StoredHash,
        memory: &mut Vec<Block>,
    ) -> Result<Verification> {
        let output = self.output(&stored.function(), password, &stored.salt, memory)?;
        // This type's equality takes the same time wherever they differ.
        if output != stored.output {
            // As long as for an unknown account, whose decoy costs what is
            // configured today.
            if let Some(params) = stored.shortfall(&self.params) {
                let rest = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                std::hint::black_box(self.output(&rest, password, &self.decoy_salt, memory)?);
            }
            return Ok(Verification::Wrong);
        }
        if !stored.is_weaker_than(&self.params) {
            return Ok(Verification::Right);
        }
        metrics::counter!("userhub_hashing_needs_rehash_total").increment(1);
        self.hash(password, memory).map(Verification::Outdated)
    }

    fn decoy(&self, password: &str, memory: &mut Vec<Block>) -> Result<()> {
        let output = self.output(&self.configured(), password, &self.decoy_salt, memory)?;
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
        let done =
            function.hash_password_into_with_memory(password.as_bytes(), salt, bytes, &mut *blocks);
        if function.params().t_cost() == 1 {
            blocks.fill(Block::new());
        }
        done.map_err(failed)?;
        Output::new(bytes).map_err(failed)
    }
}

impl std::fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Argon2Hasher({:?})", self.function.params)
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

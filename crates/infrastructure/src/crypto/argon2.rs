//! Passwords hashed with argon2id, bounded in memory, in number and in time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::{Block, Params};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use userhub_domain::{
    Error, Result,
    clock::Entropy,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::Broken,
};

use super::{
    hashing::{Function, NANOS_PER_KIB},
    hashing_queue::HashingQueue,
    hashing_threads::HashingThreads,
    stored_hash::StoredHash,
};

/// How long a thread and its memory are kept without work.
const KEEP: Duration = Duration::from_secs(30);

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
/// argon2d are read as well, and so are bcrypt, scrypt, PBKDF2 and SHA-crypt in
/// the forms of `docs/security.md`, each with ceilings that keep a check near a
/// second; all of these are replaced when their password comes.
///
/// A wrong password takes as long as one for nobody: what a hash costs less than
/// one of today's is made up for. Where it costs more, it takes longer.
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
            function: Arc::new(Function::new(params, entropy)?),
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
                    function.compare(&attempt, &stored, memory)
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

    fn recognise(&self, foreign: &SecretString) -> Result<PasswordHash, Broken> {
        let text = foreign.expose_secret();
        StoredHash::parse(text, &self.function.ceilings)?;
        Ok(PasswordHash::new(text))
    }

    async fn verify_decoy(&self, attempt: PasswordAttempt) -> Result<()> {
        self.run("verify", move |function, memory| {
            function.decoy(&attempt, memory)
        })
        .await
    }
}

impl std::fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Argon2Hasher({:?})", self.function.params)
    }
}

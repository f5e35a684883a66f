//! Which parameters of argon2id take how long on this machine.

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use userhub_domain::{Error, Result};

/// The least memory that is proposed, in KiB (OWASP's minimum for argon2id).
pub const LEAST_MEMORY_KIB: u32 = 19_456;
/// The fewest passes that are proposed.
pub const LEAST_ITERATIONS: u32 = 2;
/// The most passes that are proposed, as in the settings.
const MOST_ITERATIONS: u32 = 64;
/// The most memory that is proposed, as in the settings.
const MOST_MEMORY_KIB: u32 = 1_048_576;
/// The longest time that is aimed at. A sign-in that takes longer helps nobody.
const LONGEST: Duration = Duration::from_secs(10);
/// How often each candidate is measured.
const ROUNDS: usize = 3;
/// How often a candidate is corrected by what it took.
const CORRECTIONS: usize = 3;

/// What is wanted of one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calibration {
    /// How long a hash shall take; above 10 s counts as 10 s.
    pub time: Duration,
    /// Hashes at the same time, since they share memory and caches; 0 counts as 1.
    pub slots: usize,
    /// The most memory of one hash in KiB; from 19 456 to 1 048 576, others
    /// count as the nearest of these. All slots together take as many times that.
    pub most_memory_kib: u32,
}

/// 250 ms, one slot for each core, at most 64 MiB for each.
impl Default for Calibration {
    fn default() -> Self {
        Self {
            time: Duration::from_millis(250),
            slots: thread::available_parallelism().map_or(1, usize::from),
            most_memory_kib: 65_536,
        }
    }
}

/// Settings that come near the wanted time without exceeding it, and what they
/// took. Never below 19 456 KiB and two passes, so on a slow machine it may take
/// longer than was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// `hashing.memory_kib`.
    pub memory_kib: u32,
    /// `hashing.iterations`.
    pub iterations: u32,
    /// `hashing.parallelism`, always 1: more lanes of one hash gain a server
    /// nothing that more slots do not.
    pub parallelism: u32,
    /// How long such a hash took while every slot was busy.
    pub measured: Duration,
}

/// Measures this machine and proposes parameters for a wanted time. Memory is
/// raised first and passes after that, since memory is what an attacker pays for.
///
/// Blocks the thread for some 20 times the wanted time, and takes the memory of
/// all slots; meant for a machine that does nothing else meanwhile.
///
/// # Errors
/// [`Error::Internal`] where the system gives no threads.
pub fn calibrate(wanted: Calibration) -> Result<Proposal> {
    let Calibration {
        time,
        slots,
        most_memory_kib,
    } = wanted;
    let (time, slots) = (time.min(LONGEST), slots.max(1));
    let most_memory = most_memory_kib.clamp(LEAST_MEMORY_KIB, MOST_MEMORY_KIB);
    let mut best = measure(LEAST_MEMORY_KIB, LEAST_ITERATIONS, slots)?;
    let mut latest = best;
    for _ in 0..CORRECTIONS {
        let (memory_kib, iterations) = scaled(&latest, time, most_memory);
        if (memory_kib, iterations) == (latest.memory_kib, latest.iterations) {
            break;
        }
        latest = measure(memory_kib, iterations, slots)?;
        let is_dearer = latest.work() > best.work();
        if latest.measured <= time && (is_dearer || best.measured > time) {
            best = latest;
        }
    }
    Ok(best)
}

impl Proposal {
    fn work(&self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.iterations)
    }
}

/// Memory and passes that should take the wanted time, by what others took.
fn scaled(measured: &Proposal, wanted: Duration, most_memory: u32) -> (u32, u32) {
    let took = measured.measured.as_nanos().max(1);
    // A little below, so that the next measurement does not exceed it by chance.
    let work = u128::from(measured.work()) * wanted.as_nanos() * 97 / 100 / took;
    let work = u64::try_from(work).unwrap_or(u64::MAX);
    let memory =
        (work / u64::from(LEAST_ITERATIONS)).clamp(LEAST_MEMORY_KIB.into(), most_memory.into());
    let iterations = (work / memory).clamp(LEAST_ITERATIONS.into(), MOST_ITERATIONS.into());
    // Whole MiB read better; the least is one of these already.
    let memory = u32::try_from(memory / 1024 * 1024).unwrap_or(most_memory);
    (
        memory.max(LEAST_MEMORY_KIB),
        u32::try_from(iterations).unwrap_or(MOST_ITERATIONS),
    )
}

/// How long one hash takes while all slots hash: the median of all.
fn measure(memory_kib: u32, iterations: u32, slots: usize) -> Result<Proposal> {
    let params = Params::new(memory_kib, iterations, 1, None).map_err(failed)?;
    let mut times = thread::scope(|scope| {
        let threads: Vec<_> = (0..slots)
            .map(|_| {
                let params = params.clone();
                thread::Builder::new().spawn_scoped(scope, move || one_slot(params))
            })
            .collect();
        let mut times = Vec::new();
        for thread in threads {
            let joined = thread
                .map_err(failed)?
                .join()
                .map_err(|_| Error::internal("a thread that measured hashing panicked"))?;
            times.extend(joined?);
        }
        Ok::<_, Error>(times)
    })?;
    times.sort_unstable();
    Ok(Proposal {
        memory_kib,
        iterations,
        parallelism: 1,
        measured: times.get(times.len() / 2).copied().unwrap_or_default(),
    })
}

/// The first hash only gets the memory from the system.
fn one_slot(params: Params) -> Result<Vec<Duration>> {
    let mut memory = vec![Block::new(); params.block_count()];
    let function = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    (0..=ROUNDS)
        .map(|_| {
            let started = Instant::now();
            function
                .hash_password_into_with_memory(
                    b"a password to measure with",
                    b"a salt to measure with",
                    &mut output,
                    &mut memory,
                )
                .map_err(failed)?;
            std::hint::black_box(&output);
            Ok(started.elapsed())
        })
        .skip(1)
        .collect()
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal_from("measuring how long hashing takes", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(memory_kib: u32, iterations: u32, millis: u64) -> Proposal {
        Proposal {
            memory_kib,
            iterations,
            parallelism: 1,
            measured: Duration::from_millis(millis),
        }
    }

    #[test]
    fn memory_is_raised_first_then_passes_and_never_below_the_least() {
        let floor = took(LEAST_MEMORY_KIB, LEAST_ITERATIONS, 25);
        let scaled = |millis, most| scaled(&floor, Duration::from_millis(millis), most);
        assert_eq!(scaled(0, 65_536), (19_456, 2));
        assert_eq!(scaled(25, 65_536), (19_456, 2));
        assert_eq!(scaled(50, 65_536), (36_864, 2));
        assert_eq!(scaled(250, 65_536), (65_536, 5));
        assert_eq!(scaled(250, 262_144), (188_416, 2));
        assert_eq!(scaled(10_000, 65_536), (65_536, 64));
    }

    #[test]
    fn a_proposal_is_within_bounds_and_measured() {
        let wanted = Calibration {
            time: Duration::from_millis(1),
            slots: 2,
            most_memory_kib: 0,
        };
        let proposal = calibrate(wanted).unwrap();
        assert_eq!(proposal.memory_kib, LEAST_MEMORY_KIB);
        assert_eq!(proposal.iterations, LEAST_ITERATIONS);
        assert!(proposal.measured > Duration::from_millis(1));
        Params::new(proposal.memory_kib, proposal.iterations, 1, None).unwrap();
    }

    #[test]
    fn more_time_buys_more_work() {
        let floor = measure(LEAST_MEMORY_KIB, LEAST_ITERATIONS, 1).unwrap();
        let wanted = Calibration {
            time: floor.measured * 8,
            slots: 1,
            most_memory_kib: 32_768,
        };
        let proposal = calibrate(wanted).unwrap();
        assert!(proposal.work() > floor.work(), "{proposal:?}");
        assert!(proposal.memory_kib <= 32_768);
    }
}

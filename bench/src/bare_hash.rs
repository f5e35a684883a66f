//! The ceiling of signing in: nothing but the hash, with UserHub's default
//! parameters and a buffer that is used again and again.

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::{Result, process};

/// What a loop of bare hashes reached.
pub(crate) struct BareHashes {
    /// Hashes per second of all threads together.
    pub(crate) per_second: f64,
    /// CPU time of one hash, in seconds.
    pub(crate) cpu_each: f64,
}

/// Hashes on as many threads as there are cores.
pub(crate) fn run(duration: Duration) -> Result<BareHashes> {
    let threads = thread::available_parallelism()?.get();
    let cpu_before = process::cpu_seconds("self")?;
    let start = Instant::now();
    let loops: Vec<_> = (0..threads)
        .map(|_| thread::spawn(move || hash_until(start + duration)))
        .collect();
    let mut count = 0_u32;
    for handle in loops {
        count += handle.join().map_err(|_| "a hashing thread panicked")??;
    }
    let elapsed = start.elapsed().as_secs_f64();
    let cpu = process::cpu_seconds("self")? - cpu_before;
    Ok(BareHashes {
        per_second: f64::from(count) / elapsed,
        cpu_each: cpu / f64::from(count),
    })
}

fn hash_until(deadline: Instant) -> Result<u32> {
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(|error| error.to_string())?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0_u8; 32];
    let mut count = 0;
    while Instant::now() < deadline {
        argon2
            .hash_password_into_with_memory(
                b"a password of usual length",
                b"sixteen bytes ok",
                &mut output,
                &mut memory,
            )
            .map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(count)
}

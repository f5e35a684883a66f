//! Reads in an open loop: each has a moment at which it is due, and its latency
//! counts from there, whether or not the server let us send it in time.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{Result, http::Connection};

const PER_SECOND: u32 = 200;
/// Each on a thread of its own, the reads dealt out in turn.
const CONNECTIONS: u32 = 16;

/// What is read.
pub(crate) struct Target<'a> {
    pub(crate) port: u16,
    pub(crate) token: &'a str,
    /// The path for the read of this number.
    pub(crate) path: &'a (dyn Fn(u32) -> String + Sync),
}

/// Latencies, sorted.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency, in milliseconds, that this share of the reads kept below.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0
            .get(rank.saturating_sub(1))
            .map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// 200 reads per second. Any answer but 200 is an error.
pub(crate) fn run(target: &Target<'_>, duration: Duration) -> Result<Latencies> {
    let start = Instant::now() + Duration::from_millis(20);
    let mut latencies = thread::scope(|scope| {
        let loops: Vec<_> = (0..CONNECTIONS)
            .map(|first| scope.spawn(move || read(target, start, duration, first)))
            .collect();
        let mut all = Vec::new();
        for handle in loops {
            all.extend(handle.join().map_err(|_| "a reading thread panicked")??);
        }
        Result::Ok(all)
    })?;
    latencies.sort_unstable();
    Ok(Latencies(latencies))
}

fn read(
    target: &Target<'_>,
    start: Instant,
    duration: Duration,
    first: u32,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(target.port)?;
    let mut latencies = Vec::new();
    let mut number = first;
    loop {
        let offset = Duration::from_secs(1) * number / PER_SECOND;
        if offset >= duration {
            return Ok(latencies);
        }
        let due = start + offset;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let path = (target.path)(number);
        connection.get(&path, Some(target.token))?.expect(200)?;
        latencies.push(due.elapsed());
        number += CONNECTIONS;
    }
}

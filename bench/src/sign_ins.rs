//! Sign-ins in a closed loop: each connection sends the next as soon as the
//! last is answered.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Result,
    http::Connection,
    process,
    seed::Users,
    userhub::{PASSWORD, Running},
};

/// What a loop of sign-ins reached.
pub(crate) struct SignIns {
    /// Sign-ins per second of all connections together.
    pub(crate) per_second: f64,
    /// CPU time of the server for one, in seconds.
    pub(crate) cpu_each: f64,
}

/// Signs in without pause. Any answer but 200 is an error.
pub(crate) fn run(
    server: &Running,
    users: Users,
    connections: usize,
    duration: Duration,
) -> Result<SignIns> {
    let number = AtomicU32::new(0);
    let pid = server.process.pid();
    let cpu_before = process::cpu_seconds(&pid)?;
    let start = Instant::now();
    let count = thread::scope(|scope| {
        let loops: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| sign_in_until(start + duration, server.port, users, &number)))
            .collect();
        let mut count = 0;
        for handle in loops {
            count += handle
                .join()
                .map_err(|_| "a signing-in thread panicked")??;
        }
        Result::Ok(count)
    })?;
    let elapsed = start.elapsed().as_secs_f64();
    let cpu = process::cpu_seconds(&pid)? - cpu_before;
    Ok(SignIns {
        per_second: f64::from(count) / elapsed,
        cpu_each: cpu / f64::from(count),
    })
}

fn sign_in_until(deadline: Instant, port: u16, users: Users, number: &AtomicU32) -> Result<u32> {
    let mut connection = Connection::open(port)?;
    let mut count = 0;
    while Instant::now() < deadline {
        // A stride that is prime to both numbers of users: everybody has a turn, in no order.
        let whose = number.fetch_add(7_919, Ordering::Relaxed);
        let body = json!({ "username": users.username(whose), "password": PASSWORD });
        connection.post("/api/v1/auth/login", &body)?.expect(200)?;
        count += 1;
    }
    Ok(count)
}

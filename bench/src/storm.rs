//! Whether reads stay quick while everybody signs in.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::{
    Options, Result,
    measure::Subject,
    process,
    reads::{self, Latencies, Target},
    report::Report,
    say, sign_ins,
    userhub::Running,
};

/// Reads beside 32 connections that sign in without pause.
pub(crate) fn run(
    report: &mut Report,
    options: &Options,
    subject: &Subject,
    path: &(dyn Fn(u32) -> String + Sync),
) -> Result<()> {
    say(&format!("a storm of sign-ins on {}", subject.name));
    let duration = Duration::from_secs(options.seconds * 3);
    let target = Target {
        port: subject.server.port,
        token: &subject.administrator,
        path,
    };
    let over = AtomicBool::new(false);
    let (latencies, peak) = thread::scope(|scope| -> Result<(Latencies, f64)> {
        let memory = scope.spawn(|| peak_memory(&subject.server, &over));
        let storm = scope.spawn(|| {
            sign_ins::run(
                &subject.server,
                subject.users,
                32,
                duration + Duration::from_secs(1),
            )
        });
        // The storm is at its height when the reads begin, and outlasts them.
        thread::sleep(Duration::from_millis(500));
        let latencies = reads::run(&target, duration);
        over.store(true, Ordering::Relaxed);
        storm.join().map_err(|_| "the storm panicked")??;
        let peak = memory.join().map_err(|_| "the memory's watch panicked")??;
        Ok((latencies?, peak))
    })?;
    say(&format!(
        "latency of a read: p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
        latencies.quantile(0.5),
        latencies.quantile(0.99),
        latencies.quantile(1.0)
    ));
    let read = if subject.name == "SQLite" {
        "`GET /auth/me`"
    } else {
        "`GET /users/{id}`"
    };
    let what = format!(
        "p99 of 200 {read} per second beside 32 connections signing in, {}",
        subject.name
    );
    report.add_limit(&what, latencies.quantile(0.99), "ms", 15.0);
    report.add_limit(
        &format!("resident memory in that storm, {}", subject.name),
        peak,
        "MiB",
        80.0,
    );
    Ok(())
}

fn peak_memory(server: &Running, over: &AtomicBool) -> Result<f64> {
    let mut peak = 0.0_f64;
    while !over.load(Ordering::Relaxed) {
        peak = peak.max(process::resident_mib(&server.process.pid())?);
        thread::sleep(Duration::from_millis(50));
    }
    Ok(peak)
}

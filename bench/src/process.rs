//! What Linux says about a process, and children that end with us.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

use crate::Result;

/// The unit of times in `/proc`: USER_HZ, 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// User and system time so far, of all threads. `pid` may be `self`.
pub(crate) fn cpu_seconds(pid: &str) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name may hold anything, so the fields are counted from its end.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let mut times = fields.split_whitespace().skip(11);
    let mut next =
        || -> Result<f64> { Ok(times.next().ok_or("/proc/PID/stat is short")?.parse()?) };
    Ok((next()? + next()?) / TICKS_PER_SECOND)
}

/// Which share of the whole machine's time is spent on anything, from 0 to 1.
pub(crate) fn busy_share(watched: Duration) -> Result<f64> {
    let (idle_before, all_before) = machine_times()?;
    thread::sleep(watched);
    let (idle, all) = machine_times()?;
    Ok(1.0 - (idle - idle_before) / (all - all_before))
}

/// Idle and all times of all cores, in any unit.
fn machine_times() -> Result<(f64, f64)> {
    let stat = fs::read_to_string("/proc/stat")?;
    let times: Vec<f64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        // Those of guests, at the end, are part of the first two already.
        .skip(1)
        .take(8)
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    // Idle, and waiting for a disk.
    let idle = times.iter().skip(3).take(2).sum();
    Ok((idle, times.iter().sum()))
}

/// Resident memory now, in MiB.
pub(crate) fn resident_mib(pid: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("/proc/PID/status has no VmRSS")?
        .parse()?;
    Ok(kib / 1024.0)
}

/// A child that is killed when nobody needs it any more.
pub(crate) struct Guarded(pub(crate) Child);

impl Guarded {
    /// Spawns it, and notes it in the work directory: `scripts/bench` ends what
    /// stands there, should this program be killed.
    pub(crate) fn spawn(command: &mut Command, work: &Path) -> Result<Self> {
        let mut pids = File::options()
            .create(true)
            .append(true)
            .open(work.join("pids"))?;
        let process = Self(command.spawn()?);
        writeln!(pids, "{}", process.pid())?;
        Ok(process)
    }

    /// The process's id, as `/proc` names it.
    pub(crate) fn pid(&self) -> String {
        self.0.id().to_string()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

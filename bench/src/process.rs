//! What Linux says about a process, and children that end with us.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Child, Command, ExitStatus},
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

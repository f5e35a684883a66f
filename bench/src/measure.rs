//! What is measured, in which order.

use std::{fs, thread, time::Duration};

use crate::{
    Options, Result, process, rates,
    report::Report,
    say,
    seed::{self, Users},
    storm, tools,
    userhub::{ADMINISTRATOR, Installation, Running},
};

/// The path that everybody may read.
pub(crate) const ME: &str = "/api/v1/auth/me";
const STARTS: usize = 10;

/// A server under test with its users and their tokens.
pub(crate) struct Subject {
    /// The database's.
    pub(crate) name: &'static str,
    pub(crate) server: Running,
    pub(crate) users: Users,
    /// An administrator's access token.
    pub(crate) administrator: String,
    /// That of somebody who is none.
    pub(crate) person: String,
}

/// Everything, on both databases.
pub(crate) fn all(options: &Options) -> Result<Report> {
    let mut report = Report::new(machine()?);
    let file = options.work.join("userhub.db");
    let sqlite = Installation::new(
        &options.work,
        "on-sqlite",
        &format!("sqlite://{}", file.display()),
    )?;
    let postgres = Installation::new(&options.work, "on-postgres", &options.postgres_url)?;

    let subject = set_up(&mut report, "SQLite", &sqlite, seed::sqlite)?;
    rates::sign_in_rate(&mut report, options, &subject)?;
    rates::me(&mut report, options, &subject)?;
    storm::run(&mut report, options, &subject, &|_| ME.to_owned())?;
    drop(subject);
    starts(&mut report, &sqlite)?;

    let subject = set_up(&mut report, "Postgres", &postgres, |_| {
        seed::postgres(&options.postgres_url)
    })?;
    rates::sign_in_rate(&mut report, options, &subject)?;
    rates::by_id(&mut report, options, &subject)?;
    rates::me(&mut report, options, &subject)?;
    storm::run(&mut report, options, &subject, &|number| {
        tools::user_path(&format!(
            "{:012x}",
            number.wrapping_mul(7_919) % seed::USERS + 1
        ))
    })?;
    Ok(report)
}

/// Migrates, then measures the memory of a fresh start, then makes the users.
fn set_up(
    report: &mut Report,
    name: &'static str,
    installation: &Installation,
    seed: impl FnOnce(&Running) -> Result<Users>,
) -> Result<Subject> {
    say(&format!("starting UserHub on {name}"));
    drop(installation.start()?);
    let server = installation.start()?;
    thread::sleep(Duration::from_secs(1));
    let idle = process::resident_mib(&server.process.pid())?;
    report.add_limit(&format!("resident memory, idle, {name}"), idle, "MiB", 20.0);
    installation.create_administrator()?;
    let users = seed(&server)?;
    let administrator = server.sign_in(ADMINISTRATOR)?;
    let person = server.sign_in(&users.username(1))?;
    Ok(Subject {
        name,
        server,
        users,
        administrator,
        person,
    })
}

/// From spawning to ready, the middle one of ten.
fn starts(report: &mut Report, installation: &Installation) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(installation.start()?.ready_after);
    }
    times.sort_unstable();
    let middle = times.get(STARTS / 2).copied().unwrap_or_default();
    let what = "start to ready, migrated SQLite file, median of 10";
    report.add_limit(what, middle.as_secs_f64() * 1000.0, "ms", 100.0);
    Ok(())
}

/// What it was measured on, and whether it had other work to do.
fn machine() -> Result<Vec<String>> {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let busy = process::busy_share(Duration::from_secs(2))? * 100.0;
    Ok(vec![
        format!("{model}, {cores} cores for server, database and load generator together"),
        format!("{busy:.0} % busy with other work before the start"),
        format!("Linux {}", kernel.trim()),
        tools::version("pgbench"),
        tools::version("wrk"),
    ])
}

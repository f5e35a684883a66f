//! Rates, each taking turns with its ceiling.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    Options, Result, bare_hash,
    http::Connection,
    measure::{ME, Subject},
    process::Guarded,
    report::{Report, Round, Row, middle},
    sign_ins, tools,
};

/// Sign-ins at 4 connections beside the bare hash, in rate and in CPU.
pub(crate) fn sign_in_rate(
    report: &mut Report,
    options: &Options,
    subject: &Subject,
) -> Result<()> {
    let duration = Duration::from_secs(options.seconds);
    sign_ins::run(&subject.server, subject.users, 4, Duration::from_secs(1))?;
    let mut rates = Vec::new();
    let mut costs = Vec::new();
    for _ in 0..options.rounds {
        let bare = bare_hash::run(duration)?;
        let real = sign_ins::run(&subject.server, subject.users, 4, duration)?;
        rates.push(Round {
            figure: real.per_second,
            ceiling: bare.per_second,
        });
        costs.push(Round {
            figure: real.cpu_each * 1000.0,
            ceiling: bare.cpu_each * 1000.0,
        });
    }
    let what = format!("sign-ins, 4 connections, {}", subject.name);
    report.add_rate(&what, &mut rates, 0.85);
    let cost = middle(&mut costs);
    report.add(Row {
        what: format!("server's CPU for a sign-in, {}", subject.name),
        figure: format!("{:.1} ms", cost.figure),
        ceiling: format!("{:.1} ms", cost.ceiling),
        ratio: format!("{:.2}", cost.ratio()),
        target: "≤ 1.15".to_owned(),
        met: cost.ratio() <= 1.15,
    });
    Ok(())
}

/// Reading users at random beside Postgres's own prepared select.
pub(crate) fn by_id(report: &mut Report, options: &Options, subject: &Subject) -> Result<()> {
    let script = tools::random_users(&options.work)?;
    let url = format!("http://127.0.0.1:{}/", subject.server.port);
    let read = |seconds| tools::wrk(&url, Some(&subject.administrator), Some(&script), seconds);
    let select = |seconds| tools::pgbench(&options.postgres_url, &options.work, seconds);
    select(1)?;
    read(1)?;
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        let ceiling = select(options.seconds)?;
        rounds.push(Round {
            figure: read(options.seconds)?,
            ceiling,
        });
    }
    let what = format!("`GET /users/{{id}}`, 16 connections, {}", subject.name);
    report.add_rate(&what, &mut rounds, 0.15);
    Ok(())
}

/// One's own account beside a bare handler that answers as many bytes.
pub(crate) fn me(report: &mut Report, options: &Options, subject: &Subject) -> Result<()> {
    let body = Connection::open(subject.server.port)?
        .get(ME, Some(&subject.person))?
        .expect(200)?;
    let (_bare, bare_port) = bare_server(&body, &options.work)?;
    let answered = Connection::open(bare_port)?.get("/", None)?.expect(200)?;
    if answered.len() != body.len() {
        return Err("the bare handler's body has another size".into());
    }
    let bare_url = format!("http://127.0.0.1:{bare_port}/");
    let url = format!("http://127.0.0.1:{}{ME}", subject.server.port);
    tools::wrk(&bare_url, Some(&subject.person), None, 1)?;
    tools::wrk(&url, Some(&subject.person), None, 1)?;
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        // The bare handler gets the same header: reading it is no work of UserHub's.
        let ceiling = tools::wrk(&bare_url, Some(&subject.person), None, options.seconds)?;
        let figure = tools::wrk(&url, Some(&subject.person), None, options.seconds)?;
        rounds.push(Round { figure, ceiling });
    }
    let what = format!(
        "`GET /auth/me` ({} bytes), 16 connections, {}",
        body.len(),
        subject.name
    );
    report.add_rate(&what, &mut rounds, 0.20);
    Ok(())
}

fn bare_server(body: &[u8], work: &Path) -> Result<(Guarded, u16)> {
    let mut command = Command::new(env::current_exe()?);
    command
        .arg("bare-server")
        .current_dir(work)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut process = Guarded::spawn(&mut command, work)?;
    let mut stdin = process.0.stdin.take().ok_or("no standard input")?;
    stdin.write_all(body)?;
    drop(stdin);
    let stdout = process.0.stdout.take().ok_or("no standard output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let port = line.trim().parse()?;
    Ok((process, port))
}

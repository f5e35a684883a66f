//! The programs from the system's packages: wrk, pgbench, psql.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    Result,
    seed::{ID_PREFIX, USERS},
};

/// Clients on both sides of a ratio.
const CLIENTS: &str = "16";

/// Runs one statement, outside any transaction.
pub(crate) fn psql(url: &str, statement: &str) -> Result<()> {
    let mut command = Command::new("psql");
    command.args([
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        "--command",
        statement,
        url,
    ]);
    output_of(&mut command).map(drop)
}

/// Requests per second of wrk: one thread, 16 kept connections, closed loop.
/// Any answer that is not a success is an error.
pub(crate) fn wrk(
    url: &str,
    token: Option<&str>,
    script: Option<&Path>,
    seconds: u64,
) -> Result<f64> {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c", CLIENTS, "-d", &format!("{seconds}s")]);
    if let Some(token) = token {
        command.args(["-H", &format!("Authorization: Bearer {token}")]);
    }
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    let output = output_of(command.arg(url))?;
    if output.contains("Non-2xx") || output.contains("Socket errors") {
        return Err(format!("wrk met failures:\n{output}").into());
    }
    figure_after(&output, "Requests/sec:")
}

/// A wrk script that reads users at random.
pub(crate) fn random_users(work: &Path) -> Result<std::path::PathBuf> {
    let script = work.join("users.lua");
    fs::write(
        &script,
        format!(
            "request = function()\n  \
               return wrk.format(nil, \"{}\" .. string.format(\"%012x\", math.random(1, {USERS})))\n\
             end\n",
            user_path("")
        ),
    )?;
    Ok(script)
}

/// The path of a user whose id ends in this.
pub(crate) fn user_path(last_group: &str) -> String {
    format!("/api/v1/users/{ID_PREFIX}{last_group}")
}

/// Rows per second that pgbench selects by id at random, prepared, 16 clients.
pub(crate) fn pgbench(url: &str, work: &Path, seconds: u64) -> Result<f64> {
    let script = work.join("select.sql");
    fs::write(
        &script,
        format!(
            "\\set n random(1, {USERS})\n\
             SELECT * FROM users WHERE id = ('{ID_PREFIX}' || lpad(to_hex(:n::int), 12, '0'))::uuid;\n"
        ),
    )?;
    let mut command = Command::new("pgbench");
    command.args([
        "-n",
        "-M",
        "prepared",
        "-c",
        CLIENTS,
        "-j",
        "2",
        "-T",
        &seconds.to_string(),
        "-f",
    ]);
    command.arg(&script).arg(url);
    figure_after(&output_of(&mut command)?, "tps =")
}

/// The version that a program tells with `--version` (or, wrk, with its help).
pub(crate) fn version(program: &str) -> String {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let first = text.lines().next().unwrap_or_default();
    first
        .split('[')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn output_of(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} ({}): {complaint}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn figure_after(output: &str, label: &str) -> Result<f64> {
    output
        .lines()
        .find_map(|line| line.trim().strip_prefix(label))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|figure| figure.parse().ok())
        .ok_or_else(|| format!("no `{label}` in:\n{output}").into())
}

//! UserHub as its users run it: the binary that was built beside this one,
//! with the default settings, in a directory of its own.

use std::{
    env,
    fs::{self, File},
    io::Write,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Result,
    http::{self, Connection},
    process::Guarded,
};

/// Of everybody here; strong enough for the default policy.
pub(crate) const PASSWORD: &str = "nine purple ladders 4417 under the bridge";
/// The administrator's username.
pub(crate) const ADMINISTRATOR: &str = "bench-admin";

/// Where a UserHub keeps its data.
pub(crate) struct Installation {
    directory: PathBuf,
    database_url: String,
    work: PathBuf,
}

/// One that runs.
pub(crate) struct Running {
    pub(crate) process: Guarded,
    pub(crate) port: u16,
    /// From spawning it to its first 200 on `/health/ready`.
    pub(crate) ready_after: Duration,
}

impl Installation {
    /// On a database; its data directory is made.
    pub(crate) fn new(work: &Path, name: &str, database_url: &str) -> Result<Self> {
        let directory = work.join(name);
        fs::create_dir_all(&directory)?;
        Ok(Self {
            directory,
            database_url: database_url.to_owned(),
            work: work.to_owned(),
        })
    }

    /// Spawns it and waits until it is ready.
    pub(crate) fn start(&self) -> Result<Running> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.directory.join("server.log"))?;
        let mut command = self.command()?;
        command
            .arg("serve")
            .env("USERHUB__SERVER__PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let start = Instant::now();
        let mut process = Guarded::spawn(&mut command, &self.work)?;
        while !is_ready(port) {
            if let Some(status) = process.ended()? {
                return Err(
                    format!("userhub ended ({status}); its log: {}", self.log_tail()).into(),
                );
            }
            if start.elapsed() > Duration::from_secs(30) {
                return Err(format!("userhub is not ready; its log: {}", self.log_tail()).into());
            }
            thread::sleep(Duration::from_micros(500));
        }
        Ok(Running {
            process,
            port,
            ready_after: start.elapsed(),
        })
    }

    /// Makes the administrator.
    pub(crate) fn create_administrator(&self) -> Result<()> {
        let mut child = self
            .command()?
            .args([
                "create-admin",
                "--username",
                ADMINISTRATOR,
                "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut stdin = child
            .stdin
            .take()
            .ok_or("create-admin has no standard input")?;
        writeln!(stdin, "{PASSWORD}")?;
        drop(stdin);
        let status = child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("create-admin: {status}").into())
        }
    }

    /// Default settings, but for the data's place, and for the throttle: it
    /// would take one address that signs in all the time for an attack.
    fn command(&self) -> Result<Command> {
        let program = env::current_exe()?.with_file_name("userhub");
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("USERHUB__")
                || ["PORT", "DATABASE_URL", "RUST_LOG"].contains(&&*text)
            {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(&self.directory)
            .env("DATABASE_URL", &self.database_url)
            .env("USERHUB__DATA_DIR", &self.directory)
            .env("USERHUB__THROTTLE__ENABLED", "false");
        Ok(command)
    }

    fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.directory.join("server.log")).unwrap_or_default();
        let start = log
            .char_indices()
            .rev()
            .nth(2000)
            .map_or(0, |(index, _)| index);
        log.get(start..).unwrap_or_default().to_owned()
    }
}

fn is_ready(port: u16) -> bool {
    Connection::open(port)
        .and_then(|mut connection| connection.get("/health/ready", None))
        .is_ok_and(|answer| answer.status == 200)
}

impl Running {
    /// An access token.
    pub(crate) fn sign_in(&self, username: &str) -> Result<String> {
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = Connection::open(self.port)?.post("/api/v1/auth/login", &body)?;
        http::text(&answer.expect(200)?, "access_token")
    }

    /// Makes an account the way people do.
    pub(crate) fn register(&self, username: &str) -> Result<()> {
        let body = json!({
            "username": username,
            "email": format!("{username}@example.org"),
            "first_name": "Firstname",
            "last_name": "Lastname",
            "password": PASSWORD,
        });
        let answer = Connection::open(self.port)?.post("/api/v1/auth/register", &body)?;
        answer.expect(201).map(drop)
    }
}

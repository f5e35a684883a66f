//! Processes of the binary under test.

mod api;

pub(crate) use api::PASSWORD;

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::database::Database;

/// How long a process may take for anything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary with an environment of its own and hashing that costs little.
pub(crate) fn userhub(database: &Database, words: &[&str]) -> Command {
    let mut command = bare(words);
    command
        .current_dir(database.folder())
        .env("DATABASE_URL", database.url())
        .env("USERHUB__DATA_DIR", database.folder())
        .env("USERHUB__SERVER__PORT", "0")
        .env("USERHUB__HASHING__MEMORY_KIB", "64")
        .env("USERHUB__HASHING__ITERATIONS", "1");
    command
}

/// The binary with an empty environment.
pub(crate) fn bare(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userhub"));
    command.args(words).env_clear().stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Finished {
    Finished::from(command.output().unwrap())
}

/// Runs a command that reads a line.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Finished {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    Finished::from(child.wait_with_output().unwrap())
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Finished {
    /// What it printed, where it succeeded.
    pub(crate) fn printed(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out.trim_end()
    }

    /// What it complained of, where it failed.
    pub(crate) fn complaint(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        &self.err
    }
}

/// A process that serves; killed when dropped.
pub(crate) struct Instance {
    child: Child,
    out: Captured,
    err: Captured,
    pub(crate) url: String,
}

impl Instance {
    /// Starts one; it listens when this returns.
    pub(crate) fn start(database: &Database) -> Self {
        Self::spawn(&mut userhub(database, &[]))
    }

    /// Starts one; it is ready when this returns.
    pub(crate) async fn start_ready(database: &Database) -> Self {
        let instance = Self::start(database);
        instance.become_ready(PATIENCE).await;
        instance
    }

    /// Starts one that takes any number of registrations and sign-ins; it is
    /// ready when this returns.
    pub(crate) async fn start_for_load(database: &Database) -> Self {
        let mut command = userhub(database, &[]);
        let instance = Self::spawn(command.env("USERHUB__THROTTLE__ENABLED", "false"));
        instance.become_ready(PATIENCE).await;
        instance
    }

    /// Starts one; it listens when this returns.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = Captured::read(child.stdout.take().unwrap());
        let err = Captured::read(child.stderr.take().unwrap());
        let mut instance = Self {
            child,
            out,
            err,
            url: String::new(),
        };
        instance.url = instance.wait_for_address();
        instance
    }

    fn wait_for_address(&mut self) -> String {
        let start = Instant::now();
        loop {
            let out = self.out.text();
            if let Some(word) = out
                .split_whitespace()
                .find(|word| word.starts_with("http://"))
            {
                return word.to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && start.elapsed() < PATIENCE,
                "{ended:?} {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until `/health/ready` says so.
    pub(crate) async fn become_ready(&self, limit: Duration) {
        let start = Instant::now();
        while self.health("ready").await != 200 {
            assert!(start.elapsed() < limit, "not ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The status of a health check; 0 where nobody answers.
    pub(crate) async fn health(&self, which: &str) -> u16 {
        let answer = self
            .client()
            .get(format!("{}/health/{which}", self.url))
            .send()
            .await;
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    /// What it printed for people.
    pub(crate) fn banner(&self) -> String {
        self.out.text()
    }

    /// Everything it printed and logged.
    pub(crate) fn log(&self) -> String {
        format!("{}\n{}", self.out.text(), self.err.text())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the banner says something.
    pub(crate) async fn says(&self, text: &str) {
        let start = Instant::now();
        while !self.banner().contains(text) {
            assert!(start.elapsed() < PATIENCE, "{text:?} in {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let id = self.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Kills it without a chance to do anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, and for the last that it wrote.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            let status = self.child.try_wait().unwrap();
            if let Some(status) = status
                && self.out.is_read()
                && self.err.is_read()
            {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "still running: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a stream gave so far.
struct Captured {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Captured {
    fn read(stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let copy = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let mut text = copy.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text, reader }
    }

    /// Whether the stream has come to its end.
    fn is_read(&self) -> bool {
        self.reader.is_finished()
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }
}

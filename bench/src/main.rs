//! Measures UserHub against what the machine can do at most, each figure as a
//! ratio taken in the same run. `scripts/bench` starts it; `docs/benchmarks.md`
//! says what the figures mean.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

mod bare_hash;
mod bare_server;
mod http;
mod measure;
mod process;
mod rates;
mod reads;
mod report;
mod seed;
mod sign_ins;
mod storm;
mod tools;
mod userhub;

/// Whatever goes wrong ends the run with a sentence.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What `scripts/bench` says.
pub(crate) struct Options {
    /// An existing, empty directory for databases and logs.
    pub(crate) work: PathBuf,
    /// A Postgres server that may be written to.
    pub(crate) postgres_url: String,
    /// How long each measurement takes, in seconds.
    pub(crate) seconds: u64,
    /// How often figure and ceiling take turns.
    pub(crate) rounds: usize,
    /// Where the table goes, beside the terminal.
    pub(crate) output: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("bare-server") => bare_server::serve().map(|()| true),
        _ => options(&arguments).and_then(|options| run(&options)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "userhub-bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn options(arguments: &[String]) -> Result<Options> {
    let [work, postgres_url, seconds, rounds, output] = arguments else {
        return Err("five arguments are wanted: start it by scripts/bench".into());
    };
    Ok(Options {
        work: PathBuf::from(work),
        postgres_url: postgres_url.clone(),
        seconds: seconds.parse()?,
        rounds: rounds.parse()?,
        output: PathBuf::from(output),
    })
}

/// True if every figure reached its target.
fn run(options: &Options) -> Result<bool> {
    let report = measure::all(options)?;
    let table = report.to_markdown();
    fs::write(&options.output, &table)?;
    writeln!(io::stdout(), "{table}")?;
    Ok(report.all_met())
}

/// Says on the terminal what is being done.
pub(crate) fn say(what: &str) {
    let _ = writeln!(io::stderr(), "bench: {what}");
}

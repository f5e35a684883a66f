//! `userhub`: user accounts as one small binary.
//!
//! What commands print goes to standard output, what is wrong and what is
//! logged to standard error. Exit codes: 0 done, 1 failed, 2 used wrongly.

mod banner;
mod boot;
mod cli;
mod commands;
mod failure;
mod probes;
mod shutdown;
mod terminal;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match actix_web::rt::System::new().block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for line in failure.lines() {
                terminal::complain(line);
            }
            ExitCode::FAILURE
        }
    }
}

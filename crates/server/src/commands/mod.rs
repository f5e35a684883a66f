//! One file for each command.

mod check_config;
mod create_admin;
mod hash;
mod healthcheck;
mod mail;
mod migrate;
mod openapi;
mod reset_password;
mod serve;
mod set_role;
mod somebody;

use userhub_infrastructure::config::Settings;

use crate::{
    cli::{Cli, Command},
    failure::Failure,
};

/// Who is recorded in audit events for what is done by these commands.
const OPERATOR: &str = "command-line";

/// Does what was typed.
pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    let command = cli.command.unwrap_or(Command::Serve);
    if matches!(command, Command::Openapi) {
        // The document does not depend on settings.
        return openapi::run();
    }
    let settings = Settings::from_process(cli.config)?;
    match command {
        Command::Serve => serve::run(settings).await,
        Command::Migrate(what) => migrate::run(&settings, &what).await,
        Command::CheckConfig => check_config::run(&settings),
        Command::Openapi => openapi::run(),
        Command::Healthcheck => healthcheck::run(&settings),
        Command::CreateAdmin(wanted) => create_admin::run(&settings, wanted).await,
        Command::SetRole(wanted) => set_role::run(&settings, &wanted).await,
        Command::ResetPassword(whose) => reset_password::run(&settings, &whose).await,
        Command::Mail(what) => mail::run(&settings, what).await,
        Command::Hash(what) => hash::run(&settings, &what),
    }
}

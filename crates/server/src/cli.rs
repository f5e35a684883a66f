//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// User accounts as one small binary: registration, sign-in, sessions, roles
/// and administration over REST.
///
/// Settings come from the environment (USERHUB__SECTION__KEY, DATABASE_URL,
/// PORT), from `.env` and from the file given by --config.
#[derive(Debug, Parser)]
#[command(name = "userhub", version)]
pub(crate) struct Cli {
    /// A file of settings, in the form of config/default.toml
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
    /// What to do; without one, `serve`
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Serve the API until SIGTERM or Ctrl-C (the default)
    Serve,
    /// Bring the database's schema up to date, take changes back, or show them
    #[command(subcommand)]
    Migrate(Migrate),
    /// Check the settings and show them, secrets left out
    CheckConfig,
    /// Print the OpenAPI document
    Openapi,
    /// Ask the instance on this machine whether it is ready
    Healthcheck,
    /// Make an administrator and print the id
    CreateAdmin(CreateAdmin),
    /// Give somebody a role
    SetRole(SetRole),
    /// Print what lets somebody set a new password, once
    ResetPassword(Somebody),
    /// Look at mails that are to be sent, try again those that were given up
    #[command(subcommand)]
    Mail(Mail),
    /// Find out what hashing a password may cost
    #[command(subcommand)]
    Hash(Hash),
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Mail {
    /// Show mails in the outbox, oldest first; those that were sent are not kept
    List {
        /// Only those that were given up
        #[arg(long)]
        abandoned: bool,
        /// At most so many
        #[arg(long, default_value_t = 100, value_name = "NUMBER")]
        limit: u32,
    },
    /// Have mails that were given up sent again
    Retry(Retry),
    /// Write every kind of mail, with made-up content, into a folder
    Preview {
        /// Made where it is missing
        folder: PathBuf,
    },
}

#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Retry {
    /// The id that `mail list` shows
    pub(crate) id: Option<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Hash {
    /// Measure this machine and propose settings of argon2id for a wanted time
    Calibrate {
        /// How long one hash may take, such as 250ms
        #[arg(long, default_value = "250ms", value_name = "DURATION")]
        time: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Migrate {
    /// Make every change that is still to be made
    Up,
    /// Take the last changes back; data in what goes is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1, value_name = "NUMBER")]
        steps: usize,
    },
    /// Show every change and whether it is made
    Status,
}

#[derive(Debug, Clone, Args)]
#[group(id = "identifiers", required = true, multiple = true, args = ["username", "email"])]
pub(crate) struct CreateAdmin {
    /// The username; at least one of username and e-mail address is needed
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// The e-mail address, which counts as verified
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// Read the password from the first line of standard input, do not ask
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SetRole {
    #[command(flatten)]
    pub(crate) somebody: Somebody,
    /// `user` or `admin`
    pub(crate) role: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Somebody {
    /// An id, a username or an e-mail address
    pub(crate) identifier: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_serves() {
        let cli = Cli::try_parse_from(["userhub", "--config", "a.toml"]).unwrap();
        assert!(cli.command.is_none() && cli.config.is_some());
        let cli = Cli::try_parse_from(["userhub", "serve", "--config", "a.toml"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Serve)) && cli.config.is_some());
    }

    #[test]
    fn an_administrator_has_a_name_or_an_address() {
        let parse =
            |words: &[&str]| Cli::try_parse_from(["userhub", "create-admin"].iter().chain(words));
        assert!(parse(&[]).is_err());
        assert!(parse(&["--username", "boss"]).is_ok());
        assert!(
            parse(&[
                "--username",
                "boss",
                "--email",
                "boss@example.org",
                "--password-stdin"
            ])
            .is_ok()
        );
        assert!(parse(&["--password", "never on a command line"]).is_err());
    }
}

//! Settings: what can be set, where from, and whether it makes sense.
//!
//! `config/default.toml` is compiled in; it says which keys exist, their defaults and their meaning. Above it
//! come a file, `.env` and the environment. All errors are reported at once, and none shows a value.

mod accounts;
mod database;
mod error;
mod operation;
mod reader;
mod server;
mod source;
mod summary;
#[cfg(test)]
mod tests;
mod tokens;
mod toml;
mod weak_secret;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use accounts::{
    HashingSettings, PasswordSettings, RegistrationMode, RegistrationSettings, RequiredMember,
    Verification,
};
pub use database::{DatabaseBackend, DatabaseSettings};
pub use error::SettingsErrors;
pub use operation::{
    LogSettings, MailLinks, MailSettings, RetentionSettings, SecretsSettings, ThrottleSettings,
};
pub use server::ServerSettings;
pub use tokens::{SigningAlgorithm, TokenSettings};

use reader::Reader;
use source::Sources;

/// How strict UserHub is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Weak choices are allowed and warned of.
    Development,
    /// Weak choices are refused.
    Production,
}

/// Everything that can be set. The secrets in it are not shown by `Debug`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How strict UserHub is.
    pub environment: Environment,
    /// Folder for what is kept in files.
    pub data_dir: PathBuf,
    /// Where the accounts are kept.
    pub database: DatabaseSettings,
    /// Where UserHub listens and who may call.
    pub server: ServerSettings,
    /// How access tokens are signed and how long a sign-in lasts.
    pub tokens: TokenSettings,
    /// Who may register.
    pub registration: RegistrationSettings,
    /// What a password must be.
    pub passwords: PasswordSettings,
    /// What hashing a password costs.
    pub hashing: HashingSettings,
    /// Slowing down of guesses.
    pub throttle: ThrottleSettings,
    /// Keys that encrypt what is stored.
    pub secrets: SecretsSettings,
    /// How mail is sent.
    pub mail: MailSettings,
    /// How long things are kept.
    pub retention: RetentionSettings,
    /// What is logged, and how.
    pub log: LogSettings,
    warnings: Vec<String>,
}

/// The sources of the settings, from the weakest to the strongest. The default has none: what is compiled in.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// A file in the form of `config/default.toml`; it must be there.
    pub config_file: Option<PathBuf>,
    /// A file in the form of `.env`; nothing happens where it is missing. As is usual in such files, `$NAME`
    /// outside single quotes stands for another variable.
    pub dotenv_file: Option<PathBuf>,
    /// The variables of the environment, or those of them that concern UserHub.
    pub environment: BTreeMap<String, String>,
}

impl Settings {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Everything that is wrong, in one list.
    pub fn load(options: &LoadOptions) -> Result<Self, SettingsErrors> {
        let mut sources = Sources::defaults();
        if let Some(path) = &options.config_file {
            sources.add_file(path);
        }
        if let Some(path) = &options.dotenv_file {
            sources.add_dotenv(path);
        }
        sources.add_environment(&options.environment);
        let mut reader = Reader::new(sources);
        let mut settings = Self::read(&mut reader);
        settings.warn_of_links_to_nowhere(&mut reader);
        warn_of_what_comes_later(&mut reader);
        settings.warnings = std::mem::take(&mut reader.warnings);
        if reader.errors.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsErrors::new(reader.errors))
        }
    }

    /// Reads the settings of this process: its environment, `.env` in its working directory, and the file.
    ///
    /// # Errors
    /// Everything that is wrong, in one list.
    pub fn from_process(config_file: Option<PathBuf>) -> Result<Self, SettingsErrors> {
        let mut environment = BTreeMap::new();
        let mut unreadable = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| source::concerns_us(name)) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => drop(environment.insert(name.to_owned(), value)),
                Err(_) => unreadable.push(format!("{name}: is not valid UTF-8")),
            }
        }
        let options = LoadOptions {
            config_file,
            dotenv_file: Some(PathBuf::from(".env")),
            environment,
        };
        let loaded = Self::load(&options);
        if unreadable.is_empty() {
            return loaded;
        }
        unreadable.extend(
            loaded
                .err()
                .map(|errors| errors.lines().to_vec())
                .unwrap_or_default(),
        );
        Err(SettingsErrors::new(unreadable))
    }

    /// Remarks about settings that were accepted but are weak or have no effect in this version.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn warn_of_links_to_nowhere(&self, reader: &mut Reader) {
        let links = &self.mail.links;
        let all = [
            &links.verify_email,
            &links.reset_password,
            &links.confirm_email,
        ];
        let leads_here = all.iter().any(|link| link.is_none()) && self.server.public_url.is_none();
        let is_sent = self.mail.smtp_url.is_some();
        if self.environment == Environment::Production && is_sent && leads_here {
            let remark = "is not set; links in mails lead to this machine";
            reader.warn("server.public_url", remark);
        }
    }

    fn read(reader: &mut Reader) -> Self {
        let environment = reader.choice(
            "environment",
            Environment::Production,
            &[
                ("development", Environment::Development),
                ("production", Environment::Production),
            ],
        );
        let data_dir = PathBuf::from(reader.text("data_dir"));
        Self {
            environment,
            database: DatabaseSettings::read(reader, &data_dir),
            data_dir,
            server: ServerSettings::read(reader, environment),
            tokens: TokenSettings::read(reader),
            registration: RegistrationSettings::read(reader),
            passwords: PasswordSettings::read(reader),
            hashing: HashingSettings::read(reader, environment),
            throttle: ThrottleSettings::read(reader),
            secrets: SecretsSettings::read(reader, environment),
            mail: MailSettings::read(reader, environment),
            retention: RetentionSettings::read(reader),
            log: LogSettings::read(reader),
            warnings: Vec::new(),
        }
    }
}

/// Names that are accepted from the first release on, although what they set comes later.
fn warn_of_what_comes_later(reader: &mut Reader) {
    const KEY: &str = "retention.audit";
    if reader.provided(KEY) && !reader.raw(KEY).is_empty() {
        reader.warn(KEY, "accepted; has no effect in this version");
    }
}

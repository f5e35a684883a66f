//! Settings of mail, secrets, throttling, retention and logging.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::Environment;
use super::reader::Reader;
use super::server::parse_web_url;
use crate::mail::{Sender, SmtpServer};
use crate::telemetry::{self, LogFormat};

/// Settings of throttling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// Whether guessing is slowed down.
    pub enabled: bool,
}

impl ThrottleSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            enabled: reader.flag("throttle.enabled"),
        }
    }
}

/// Keys that encrypt what is stored.
#[derive(Debug, Clone)]
pub struct SecretsSettings {
    /// 32 bytes.
    pub encryption_key: Option<SecretSlice<u8>>,
}

impl SecretsSettings {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        const KEY: &str = "secrets.encryption_key";
        let encryption_key = reader.secret(KEY).and_then(|written| {
            let text = written.expose_secret().trim();
            let bytes = STANDARD
                .decode(text)
                .or_else(|_| STANDARD_NO_PAD.decode(text))
                .unwrap_or_default();
            let uniform = bytes.iter().all(|byte| Some(byte) == bytes.first());
            if bytes.len() != 32 || uniform {
                reader.fail(
                    KEY,
                    "must be 32 random bytes in base64, for example from `openssl rand -base64 32`",
                );
                return None;
            }
            Some(SecretSlice::from(bytes))
        });
        let is_missing = encryption_key.is_none() && reader.sound(&[KEY]);
        if is_missing && environment == Environment::Production {
            reader.warn(KEY, "is not set; nobody can set up a second factor");
        }
        Self { encryption_key }
    }
}

/// Settings of mail.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `smtp://` or `smtps://`; nothing: mails are files in the data directory.
    /// See [`SmtpServer::parse`].
    pub smtp_url: Option<SecretString>,
    /// Authorities, besides the public ones, whose certificates the server may show.
    pub ca_file: Option<PathBuf>,
    /// Sender of mails.
    pub from: Sender,
    /// Folder of templates that stand in for those that are compiled in.
    pub templates: Option<PathBuf>,
    /// Where the links in mails lead.
    pub links: MailLinks,
}

/// Link templates of a front end, `{token}` standing for the token; nothing: UserHub's own pages.
#[derive(Debug, Clone, Default)]
pub struct MailLinks {
    /// Confirms the address given at registration.
    pub verify_email: Option<String>,
    /// Sets a new password.
    pub reset_password: Option<String>,
    /// Confirms a changed address.
    pub confirm_email: Option<String>,
}

impl MailSettings {
    /// The server mails are handed to; what is wrong with it is found when
    /// settings are loaded.
    #[must_use]
    pub fn server(&self) -> Option<Result<SmtpServer, &'static str>> {
        let written = self.smtp_url.as_ref()?;
        Some(SmtpServer::parse(written.expose_secret()))
    }

    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        let settings = Self {
            smtp_url: reader.secret(SMTP_URL),
            ca_file: reader.optional_text("mail.ca_file").map(PathBuf::from),
            from: read_sender(reader),
            templates: reader.optional_text("mail.templates").map(PathBuf::from),
            links: MailLinks {
                verify_email: read_link(reader, "mail.links.verify_email"),
                reset_password: read_link(reader, "mail.links.reset_password"),
                confirm_email: read_link(reader, "mail.links.confirm_email"),
            },
        };
        match settings.server() {
            Some(Err(rule)) => reader.fail(SMTP_URL, rule),
            None if environment == Environment::Production => {
                reader.warn(SMTP_URL, "is not set; mails are files that nobody is sent");
            }
            _ => {}
        }
        settings
    }
}

const SMTP_URL: &str = "mail.smtp_url";

fn read_sender(reader: &mut Reader) -> Sender {
    const KEY: &str = "mail.from";
    let written = reader.text(KEY);
    Sender::parse(&written).unwrap_or_else(|rule| {
        if reader.sound(&[KEY]) {
            reader.fail(KEY, rule);
        }
        Sender::stand_in()
    })
}

fn read_link(reader: &mut Reader, key: &str) -> Option<String> {
    let written = reader.optional_text(key)?;
    if parse_web_url(&written).is_none() || !written.contains("{token}") {
        reader.fail(key, "must be an http or https URL with {token} in it");
    }
    Some(written)
}

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    /// Deleted accounts are removed for good after this long; nothing: never.
    pub purge_deleted_after: Option<Duration>,
    /// Audit events are removed after this long; nothing: never.
    pub audit: Option<Duration>,
}

impl RetentionSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let range = Duration::from_secs(1)..=Duration::from_secs(36_525 * 86_400);
        Self {
            purge_deleted_after: reader.optional_duration("retention.purge_deleted_after", &range),
            audit: reader.optional_duration("retention.audit", &range),
        }
    }
}

/// Settings of logging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Form of log lines; nothing: pretty on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
    /// Levels, as in `RUST_LOG`.
    pub filter: Option<String>,
}

impl LogSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        const FILTER: &str = "log.filter";
        let format = reader.optional_choice(
            "log.format",
            &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)],
        );
        let written = reader.raw(FILTER);
        let filter = (!written.is_empty()).then_some(written);
        if filter
            .as_deref()
            .is_some_and(|filter| !telemetry::is_valid_filter(filter))
        {
            reader.fail(
                FILTER,
                "must be levels such as `info` or `info,userhub_api=debug`",
            );
        }
        Self { format, filter }
    }
}

//! The settings in force, as `check-config` shows them.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::shown_duration;
use super::source::environment_name;
use super::{
    DatabaseBackend, Environment, RegistrationMode, RequiredMember, Settings, Verification,
};
use crate::telemetry::LogFormat;

const NOTHING: &str = "(nothing)";

impl Settings {
    /// Every setting by the name of its variable, with the value in force; of secrets only whether they are
    /// set, of the database neither user nor password.
    #[must_use]
    pub fn redacted_summary(&self) -> Vec<(String, String)> {
        let mut rows: Vec<(&str, String)> = vec![
            ("environment", environment(self.environment).to_owned()),
            ("data_dir", self.data_dir.display().to_string()),
        ];
        rows.extend(self.database_and_server());
        rows.extend(self.sign_in());
        rows.extend(self.operation());
        rows.into_iter()
            .map(|(key, value)| (environment_name(key), value))
            .collect()
    }

    fn database_and_server(&self) -> Vec<(&'static str, String)> {
        let (database, server) = (&self.database, &self.server);
        let connections = match database.backend {
            DatabaseBackend::Sqlite => "(one writer and some readers)",
            DatabaseBackend::Postgres => "(by cores)",
        };
        let networks: Vec<String> = server
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        vec![
            ("database.url", database.display_url()),
            (
                "database.max_connections",
                or(database.max_connections, connections),
            ),
            (
                "database.statement_timeout",
                shown_duration(database.statement_timeout),
            ),
            ("database.auto_migrate", database.auto_migrate.to_string()),
            ("server.host", server.host.clone()),
            ("server.port", server.port.to_string()),
            ("server.public_url", or(server.public_url.as_ref(), NOTHING)),
            ("server.cors_origins", list(&server.cors_origins)),
            ("server.trusted_proxies", list(&networks)),
        ]
    }

    fn sign_in(&self) -> Vec<(&'static str, String)> {
        let (tokens, registration, hashing) = (&self.tokens, &self.registration, &self.hashing);
        let required: Vec<&str> = registration
            .required
            .iter()
            .copied()
            .map(RequiredMember::as_str)
            .collect();
        vec![
            ("tokens.algorithm", tokens.algorithm.as_str().to_owned()),
            ("tokens.signing_key", set(tokens.signing_key.is_some())),
            ("tokens.secret", set(tokens.secret.is_some())),
            ("tokens.issuer", tokens.issuer.clone()),
            ("tokens.audience", tokens.audience.clone()),
            ("tokens.access_ttl", shown_duration(tokens.access_ttl)),
            ("tokens.refresh_ttl", shown_duration(tokens.refresh_ttl)),
            ("tokens.session_ttl", shown_duration(tokens.session_ttl)),
            ("tokens.refresh_grace", shown_duration(tokens.refresh_grace)),
            ("registration.mode", mode(registration.mode).to_owned()),
            (
                "registration.verification",
                verification(registration.verification).to_owned(),
            ),
            (
                "registration.hide_existence",
                registration.hides_existence().to_string(),
            ),
            ("registration.required", list(&required)),
            (
                "passwords.min_length",
                self.passwords.min_length.to_string(),
            ),
            ("passwords.min_score", self.passwords.min_score.to_string()),
            ("hashing.memory_kib", hashing.memory_kib.to_string()),
            ("hashing.iterations", hashing.iterations.to_string()),
            ("hashing.parallelism", hashing.parallelism.to_string()),
            ("hashing.slots", or(hashing.slots, "(by cores)")),
            ("hashing.max_wait", shown_duration(hashing.max_wait)),
        ]
    }

    fn operation(&self) -> Vec<(&'static str, String)> {
        let (mail, retention, log) = (&self.mail, &self.retention, &self.log);
        let format = log.format.map(|format| match format {
            LogFormat::Pretty => "pretty",
            LogFormat::Json => "json",
        });
        vec![
            ("throttle.enabled", self.throttle.enabled.to_string()),
            (
                "secrets.encryption_key",
                set(self.secrets.encryption_key.is_some()),
            ),
            ("mail.smtp_url", set(mail.smtp_url.is_some())),
            ("mail.ca_file", path(mail.ca_file.as_ref())),
            ("mail.from", mail.from.to_string()),
            ("mail.templates", path(mail.templates.as_ref())),
            (
                "mail.links.verify_email",
                or(mail.links.verify_email.as_ref(), NOTHING),
            ),
            (
                "mail.links.reset_password",
                or(mail.links.reset_password.as_ref(), NOTHING),
            ),
            (
                "mail.links.confirm_email",
                or(mail.links.confirm_email.as_ref(), NOTHING),
            ),
            (
                "retention.purge_deleted_after",
                duration_or_never(retention.purge_deleted_after),
            ),
            ("retention.audit", duration_or_never(retention.audit)),
            ("log.format", or(format, "(by terminal)")),
            ("log.filter", or(log.filter.as_ref(), NOTHING)),
        ]
    }
}

fn or(value: Option<impl ToString>, otherwise: &str) -> String {
    value.map_or_else(|| otherwise.to_owned(), |value| value.to_string())
}

fn path(path: Option<&PathBuf>) -> String {
    or(path.map(|path| path.display()), NOTHING)
}

fn set(is_set: bool) -> String {
    if is_set { "(set)" } else { NOTHING }.to_owned()
}

fn list(items: &[impl AsRef<str>]) -> String {
    if items.is_empty() {
        return NOTHING.to_owned();
    }
    items
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<&str>>()
        .join(",")
}

fn duration_or_never(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "(never)".to_owned(), shown_duration)
}

fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Development => "development",
        Environment::Production => "production",
    }
}

fn mode(mode: RegistrationMode) -> &'static str {
    match mode {
        RegistrationMode::Open => "open",
        RegistrationMode::Closed => "closed",
    }
}

fn verification(verification: Verification) -> &'static str {
    match verification {
        Verification::Off => "off",
        Verification::Required => "required",
    }
}

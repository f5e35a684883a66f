use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::source::{Sources, environment_name};
use super::*;

mod mail;
mod rules;
mod sources;

/// Random, and therefore fit for a secret.
const SECRET: &str = "q5sT1dVb0JmXy7hGz2LrC8nWk4UfP9aE";

fn variables(pairs: &[(&str, &str)]) -> LoadOptions {
    let environment = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    LoadOptions {
        environment,
        ..LoadOptions::default()
    }
}

fn load(pairs: &[(&str, &str)]) -> Settings {
    Settings::load(&variables(pairs)).unwrap_or_else(|errors| panic!("{errors}"))
}

fn errors(pairs: &[(&str, &str)]) -> Vec<String> {
    Settings::load(&variables(pairs))
        .expect_err("these settings are wrong")
        .lines()
        .to_vec()
}

/// One error, beginning with the name.
fn refused(name: &str, pairs: &[(&str, &str)]) {
    let lines = errors(pairs);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(&format!("{name}: ")), "{lines:?}");
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn nothing_needs_to_be_configured() {
    let settings = load(&[]);
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.data_dir, PathBuf::from("data"));
    assert_eq!(
        settings.database.url.expose_secret(),
        "sqlite://data/userhub.db"
    );
    assert_eq!(
        settings.database.sqlite_path(),
        Some(PathBuf::from("data/userhub.db"))
    );
    assert_eq!(settings.database.statement_timeout, Duration::from_secs(5));
    assert_eq!(
        (
            settings.database.max_connections,
            settings.database.auto_migrate
        ),
        (None, true)
    );
    assert_eq!(
        (settings.server.host.as_str(), settings.server.port),
        ("127.0.0.1", 8000)
    );
    assert_eq!(settings.server.public_url, None);
    assert!(settings.server.cors_origins.is_empty() && settings.server.trusted_proxies.is_empty());
    assert_eq!(settings.tokens.algorithm, SigningAlgorithm::EdDsa);
    assert!(settings.tokens.signing_key.is_none() && settings.tokens.secret.is_none());
    assert_eq!(
        (
            settings.tokens.issuer.as_str(),
            settings.tokens.audience.as_str()
        ),
        ("userhub", "userhub")
    );
    assert_eq!(settings.tokens.access_ttl, Duration::from_secs(15 * 60));
    assert_eq!(settings.tokens.refresh_ttl, Duration::from_secs(7 * 86_400));
    assert_eq!(
        settings.tokens.session_ttl,
        Duration::from_secs(30 * 86_400)
    );
    assert_eq!(settings.tokens.refresh_grace, Duration::from_secs(10));
    assert_eq!(settings.registration.mode, RegistrationMode::Open);
    assert_eq!(settings.registration.verification, Verification::Off);
    assert!(!settings.registration.hides_existence() && settings.registration.required.is_empty());
    assert_eq!(
        (settings.passwords.min_length, settings.passwords.min_score),
        (8, 3)
    );
    let hashing = settings.hashing;
    assert_eq!(
        (
            hashing.memory_kib,
            hashing.iterations,
            hashing.parallelism,
            hashing.slots
        ),
        (19_456, 2, 1, None)
    );
    assert_eq!(hashing.max_wait, Duration::from_secs(3));
    assert!(settings.throttle.enabled && settings.secrets.encryption_key.is_none());
    assert!(settings.mail.smtp_url.is_none() && settings.mail.links.verify_email.is_none());
    assert_eq!(
        (
            settings.retention.purge_deleted_after,
            settings.retention.audit
        ),
        (None, None)
    );
    assert_eq!(
        (settings.log.format, settings.log.filter.as_deref()),
        (None, Some("info"))
    );
    assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
}

#[test]
fn production_needs_no_more_than_its_name() {
    assert_eq!(
        load(&[("USERHUB__ENVIRONMENT", "production")]).environment,
        Environment::Production
    );
}

#[test]
fn every_default_stands_in_the_summary_and_can_be_set_by_its_name() {
    let keys: Vec<String> = Sources::defaults()
        .entries
        .keys()
        .map(|key| environment_name(key))
        .collect();
    assert!(Sources::defaults().errors.is_empty());
    let mut shown: Vec<String> = load(&[])
        .redacted_summary()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    shown.sort();
    let mut expected = keys;
    expected.sort();
    assert_eq!(shown, expected);
    let defaults = Sources::defaults().entries;
    let environment: BTreeMap<String, String> = defaults
        .iter()
        .filter(|(_, entry)| !entry.text.is_empty())
        .map(|(key, entry)| (environment_name(key), entry.text.clone()))
        .collect();
    Settings::load(&LoadOptions {
        environment,
        ..LoadOptions::default()
    })
    .unwrap();
}

#[test]
fn what_comes_later_is_accepted_with_a_remark() {
    let settings = load(&[("USERHUB__RETENTION__AUDIT", "366d")]);
    assert_eq!(
        settings.warnings(),
        ["USERHUB__RETENTION__AUDIT: accepted; has no effect in this version"]
    );
}

#[test]
fn neither_debug_nor_the_summary_shows_a_secret() {
    let settings = load(&[
        ("DATABASE_URL", "postgres://alice:hunter2@db.example/hub"),
        ("USERHUB__MAIL__SMTP_URL", "smtp://u:hunter2@h"),
        ("USERHUB__TOKENS__ALGORITHM", "HS256"),
        ("USERHUB__TOKENS__SECRET", SECRET),
        (
            "USERHUB__SECRETS__ENCRYPTION_KEY",
            "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
        ),
    ]);
    let shown = format!("{settings:?} {:?}", settings.redacted_summary());
    for secret in ["hunter2", SECRET, "3q2+7w", "222, 173, 190"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(shown.contains("(\"USERHUB__TOKENS__SECRET\", \"(set)\")"));
    assert!(shown.contains("postgres://db.example/hub"));
}

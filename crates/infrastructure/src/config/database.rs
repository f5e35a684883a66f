//! Where the accounts are kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::reader::Reader;

const URL: &str = "database.url";

/// The kind of database a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseBackend {
    /// A file of the local machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// Settings of the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `sqlite://path?parameters` or `postgres://…`, whatever way it was written.
    pub url: SecretString,
    /// What `url` names.
    pub backend: DatabaseBackend,
    /// Connections to Postgres at most; nothing: by the number of cores.
    pub max_connections: Option<u32>,
    /// A statement that takes longer is cancelled.
    pub statement_timeout: Duration,
    /// Whether the schema is brought up to date at start.
    pub auto_migrate: bool,
}

impl DatabaseSettings {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Self {
        let written = reader.raw(URL);
        let (backend, url) = normalise(&written, data_dir).unwrap_or_else(|rule| {
            reader.fail(URL, rule);
            (DatabaseBackend::Sqlite, String::new())
        });
        Self {
            url: SecretString::from(url),
            backend,
            max_connections: reader.optional_number("database.max_connections", &(1..=1000)),
            statement_timeout: reader.duration(
                "database.statement_timeout",
                &(Duration::from_millis(100)..=Duration::from_secs(60)),
            ),
            auto_migrate: reader.flag("database.auto_migrate"),
        }
    }

    /// The URL without user, password and parameters, fit to be shown.
    #[must_use]
    pub fn display_url(&self) -> String {
        let url = self.url.expose_secret();
        let bare = url.split('?').next().unwrap_or_default();
        if self.backend == DatabaseBackend::Sqlite {
            return bare.to_owned();
        }
        let Ok(mut parsed) = Url::parse(bare) else {
            return "postgres://".to_owned();
        };
        // Both fail only for URLs without a host, which have neither user nor password.
        let _ = parsed.set_username("");
        let _ = parsed.set_password(None);
        parsed.set_fragment(None);
        parsed.to_string()
    }

    /// The file of an SQLite database, so that its folder can be made; nothing for Postgres.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        if self.backend != DatabaseBackend::Sqlite {
            return None;
        }
        let bare = self
            .url
            .expose_secret()
            .strip_prefix("sqlite://")?
            .split('?')
            .next()?;
        Some(PathBuf::from(percent_decode(bare)))
    }
}

fn normalise(written: &str, data_dir: &Path) -> Result<(DatabaseBackend, String), &'static str> {
    if written.is_empty() {
        let folder = percent_encode(data_dir.to_string_lossy().trim_end_matches('/'));
        return Ok((
            DatabaseBackend::Sqlite,
            format!("sqlite://{folder}/userhub.db"),
        ));
    }
    let (scheme, rest) = written
        .split_once(':')
        .ok_or("must be a URL such as sqlite://path/to/file.db or postgres://user@host/name")?;
    let scheme = scheme.to_ascii_lowercase();
    let (base, driver) = scheme
        .split_once('+')
        .map_or((scheme.as_str(), None), |(base, driver)| {
            (base, Some(driver))
        });
    match base {
        "sqlite" => {
            normalise_sqlite(rest, driver.is_some()).map(|url| (DatabaseBackend::Sqlite, url))
        }
        "postgres" | "postgresql" => {
            normalise_postgres(rest).map(|url| (DatabaseBackend::Postgres, url))
        }
        _ => Err("must begin with sqlite:// or postgres://"),
    }
}

/// `sqlite://a/b.db` is relative and `sqlite:///a/b.db` absolute. With a `+driver` suffix, and for
/// `sqlite:///./b.db`, the path begins after the third slash, as SQLAlchemy reads it.
fn normalise_sqlite(rest: &str, has_driver: bool) -> Result<String, &'static str> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, parameters) = rest
        .split_once('?')
        .map_or((rest, ""), |(path, parameters)| (path, parameters));
    if path.contains(":memory:") || parameters.contains("mode=memory") {
        return Err("a database in memory cannot be shared by several connections; name a file");
    }
    let after_slash = path.strip_prefix('/').unwrap_or(path);
    let path = if has_driver || after_slash.starts_with("./") || after_slash.starts_with("../") {
        after_slash
    } else {
        path
    };
    if path.is_empty() || path.ends_with('/') {
        return Err("must name a file, such as sqlite://data/userhub.db");
    }
    let path = if path.starts_with('/') {
        format!("/{}", path.trim_start_matches('/'))
    } else {
        path.to_owned()
    };
    let separator = if parameters.is_empty() { "" } else { "?" };
    Ok(format!("sqlite://{path}{separator}{parameters}"))
}

fn normalise_postgres(rest: &str) -> Result<String, &'static str> {
    if !rest.starts_with("//") {
        return Err("must have the form postgres://user:password@host:5432/name");
    }
    let url = format!("postgres:{rest}");
    let parsed = Url::parse(&url)
        .map_err(|_| "is not a valid URL; special characters in a password are written as %XX")?;
    let socket = parsed
        .query_pairs()
        .any(|(name, value)| name == "host" && !value.is_empty());
    if parsed.host_str().unwrap_or_default().is_empty() && !socket {
        return Err("names no host; special characters in a password are written as %XX");
    }
    if parsed.fragment().is_some() {
        return Err("contains `#`; special characters in a password are written as %XX");
    }
    Ok(url)
}

fn percent_encode(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(written: &str) -> Result<String, &'static str> {
        normalise(written, Path::new("data")).map(|(_, url)| url)
    }

    #[test]
    fn nothing_means_a_file_in_the_data_directory() {
        assert_eq!(url("").unwrap(), "sqlite://data/userhub.db");
        let odd = normalise("", Path::new("/var/a?b%c/")).unwrap().1;
        assert_eq!(odd, "sqlite:///var/a%3Fb%25c/userhub.db");
    }

    #[test]
    fn the_forms_of_other_tools_are_understood() {
        for (written, expected) in [
            ("sqlite://a/b.db", "sqlite://a/b.db"),
            ("sqlite:a.db", "sqlite://a.db"),
            ("sqlite:///srv/a.db?mode=rwc", "sqlite:///srv/a.db?mode=rwc"),
            ("sqlite:////srv/a.db", "sqlite:///srv/a.db"),
            ("sqlite:///./a.db", "sqlite://./a.db"),
            ("sqlite+aiosqlite:///a.db", "sqlite://a.db"),
            ("sqlite+aiosqlite:////srv/a.db", "sqlite:///srv/a.db"),
            ("postgres://u:p@h/d", "postgres://u:p@h/d"),
            (
                "postgresql://u:p@h:1/d?sslmode=require",
                "postgres://u:p@h:1/d?sslmode=require",
            ),
            ("PostgreSQL+asyncpg://u:p@h/d", "postgres://u:p@h/d"),
            (
                "postgres:///d?host=/run/postgresql",
                "postgres:///d?host=/run/postgresql",
            ),
        ] {
            assert_eq!(url(written).as_deref(), Ok(expected), "{written}");
        }
    }

    #[test]
    fn unusable_urls_are_refused() {
        for written in [
            "data.db",
            "mysql://h/d",
            "sqlite::memory:",
            "sqlite://",
            "sqlite://a?mode=memory",
            "sqlite://folder/",
            "postgres:h/d",
            "postgres://",
            "postgres://u:p#w@h/d",
            "postgres://h:port/d",
        ] {
            assert!(url(written).is_err(), "{written}");
        }
    }

    #[test]
    fn the_shown_url_has_no_user_no_password_and_no_parameters() {
        let (backend, url) = normalise(
            "postgres://alice:hunter2@db.example:5433/hub?password=x",
            Path::new("data"),
        )
        .unwrap();
        let settings = DatabaseSettings {
            url: SecretString::from(url),
            backend,
            max_connections: None,
            statement_timeout: Duration::from_secs(5),
            auto_migrate: true,
        };
        assert_eq!(settings.display_url(), "postgres://db.example:5433/hub");
        assert_eq!(settings.sqlite_path(), None);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn the_path_of_the_file_is_decoded() {
        assert_eq!(percent_decode("/var/a%3Fb%25c/%zz%"), "/var/a?b%c/%zz%");
    }
}

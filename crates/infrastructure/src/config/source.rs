//! Where settings come from: the compiled-in defaults, a file, `.env`, the environment.

use std::collections::BTreeMap;
use std::path::Path;

use super::toml::{Written, parse_toml};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const PREFIX: &str = "USERHUB__";
const FILE_SUFFIX: &str = "_FILE";
const SECRET_FILE_LIMIT: u64 = 64 * 1024;

/// Names that other tools use too, understood without the prefix.
const PLAIN_NAMES: [(&str, &str); 3] = [
    ("DATABASE_URL", "database.url"),
    ("PORT", "server.port"),
    ("RUST_LOG", "log.filter"),
];

/// Keys whose value may stand in a file of its own and is never shown.
const SECRETS: [&str; 5] = [
    "database.url",
    "tokens.signing_key",
    "tokens.secret",
    "secrets.encryption_key",
    "mail.smtp_url",
];

/// Secrets whose absence means something safe only when they are left out on purpose: an empty variable is
/// a secret store that failed, not a choice.
const NEVER_EMPTY: [&str; 3] = [
    "tokens.signing_key",
    "tokens.secret",
    "secrets.encryption_key",
];

/// One setting as it was written.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) text: String,
    /// How the user wrote, or would write, the name of the setting.
    pub(super) label: String,
    /// Whether somebody set it, as opposed to the compiled-in default.
    pub(super) provided: bool,
}

/// The settings by key (`section.name`), and what was wrong with the sources.
pub(super) struct Sources {
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) errors: Vec<String>,
    lists: Vec<String>,
}

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

pub(super) fn environment_name(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Whether a variable of the environment is meant for UserHub.
pub(super) fn concerns_us(name: &str) -> bool {
    let plain = name.strip_suffix(FILE_SUFFIX).unwrap_or(name);
    has_prefix(name) || PLAIN_NAMES.iter().any(|(known, _)| *known == plain)
}

fn has_prefix(name: &str) -> bool {
    name.get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

impl Sources {
    /// The compiled-in defaults; they also say which keys exist.
    pub(super) fn defaults() -> Self {
        let mut sources = Self {
            entries: BTreeMap::new(),
            errors: Vec::new(),
            lists: Vec::new(),
        };
        for (key, value) in parse_toml(DEFAULTS, "the compiled-in defaults", &mut sources.errors) {
            if matches!(value, Written::List(_)) {
                sources.lists.push(key.clone());
            }
            let label = environment_name(&key);
            sources.entries.insert(
                key,
                Entry {
                    text: value.into_text(),
                    label,
                    provided: false,
                },
            );
        }
        sources
    }

    /// Adds a file of settings.
    pub(super) fn add_file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return self
                    .errors
                    .push(format!("--config: cannot read {shown}: {}", error.kind()));
            }
        };
        let mut by_key: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
        for (written, value) in parse_toml(&text, &shown, &mut self.errors) {
            let Some((key, in_file)) = self.resolve(&written) else {
                self.errors
                    .push(format!("{written} in {shown}: there is no such setting"));
                continue;
            };
            if matches!(value, Written::List(_)) && !self.lists.contains(&key) {
                self.errors.push(format!(
                    "{written} in {shown}: must be a single value, not a list"
                ));
                continue;
            }
            let label = format!("{} ({written} in {shown})", environment_name(&written));
            by_key.entry(key).or_default().push(Candidate {
                label,
                text: value.into_text(),
                in_file,
            });
        }
        self.take(by_key, false);
    }

    /// Adds a file in the form of `.env`.
    pub(super) fn add_dotenv(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => {
                return self.errors.push(format!(
                    "{}: cannot be read: {}",
                    path.display(),
                    error.kind()
                ));
            }
        };
        let mut variables = BTreeMap::new();
        for item in dotenvy::from_read_iter(text.trim_start_matches('\u{feff}').as_bytes()) {
            match item {
                Ok((name, value)) => drop(variables.insert(name, value)),
                // The library's message shows the line, and the line may hold a secret.
                Err(dotenvy::Error::LineParse(line, _)) => {
                    let first = line.lines().next().unwrap_or_default().trim();
                    let number = text.lines().position(|candidate| candidate.trim() == first);
                    let place =
                        number.map_or(String::new(), |index| format!(", line {}", index + 1));
                    self.errors.push(format!(
                        "{}{place}: must have the form NAME=value",
                        path.display()
                    ));
                }
                Err(_) => self
                    .errors
                    .push(format!("{}: cannot be read", path.display())),
            }
        }
        self.add_environment(&variables);
    }

    /// Adds variables of the environment; those that do not concern UserHub are passed over.
    pub(super) fn add_environment(&mut self, variables: &BTreeMap<String, String>) {
        let mut by_key: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
        for (name, text) in variables.iter().filter(|(name, _)| concerns_us(name)) {
            let Some((key, in_file)) = self.resolve_variable(name) else {
                if has_prefix(name) {
                    self.errors
                        .push(format!("{name}: there is no such setting"));
                }
                continue;
            };
            let candidate = Candidate {
                label: name.clone(),
                text: text.clone(),
                in_file,
            };
            by_key.entry(key).or_default().push(candidate);
        }
        self.take(by_key, true);
    }

    fn resolve_variable(&self, name: &str) -> Option<(String, bool)> {
        for (plain, key) in PLAIN_NAMES {
            if name == plain {
                return Some((key.to_owned(), false));
            }
            if is_secret(key) && name.strip_suffix(FILE_SUFFIX) == Some(plain) {
                return Some((key.to_owned(), true));
            }
        }
        let key = name.strip_prefix(PREFIX)?;
        if key
            .bytes()
            .any(|byte| byte.is_ascii_lowercase() || byte == b'.')
        {
            return None;
        }
        self.resolve(&key.replace("__", ".").to_ascii_lowercase())
    }

    /// The key that is meant, and whether the value is the name of a file that holds it.
    fn resolve(&self, written: &str) -> Option<(String, bool)> {
        if self.entries.contains_key(written) {
            return Some((written.to_owned(), false));
        }
        let key = written.strip_suffix("_file")?;
        is_secret(key).then(|| (key.to_owned(), true))
    }

    /// Settles each key within one source: one value, or several that agree.
    fn take(&mut self, by_key: BTreeMap<String, Vec<Candidate>>, from_environment: bool) {
        for (key, mut candidates) in by_key {
            if candidates.len() > 1 {
                candidates.retain(|candidate| !candidate.text.is_empty());
            }
            candidates.retain(|candidate| !(candidate.in_file && candidate.text.is_empty()));
            let labels: Vec<String> = candidates
                .iter()
                .map(|candidate| candidate.label.clone())
                .collect();
            let mut texts: Vec<String> = Vec::new();
            for candidate in candidates {
                match candidate.read() {
                    Ok(text)
                        if from_environment
                            && text.is_empty()
                            && NEVER_EMPTY.contains(&key.as_str()) =>
                    {
                        self.errors.push(format!(
                            "{}: is set but empty; set a value or leave it out",
                            candidate.label
                        ));
                    }
                    Ok(text) => texts.push(text),
                    Err(reason) => self.errors.push(format!("{}: {reason}", candidate.label)),
                }
            }
            texts.dedup();
            let (Some(text), Some(label)) = (texts.pop(), labels.first()) else {
                continue;
            };
            if texts.is_empty() {
                self.entries.insert(
                    key,
                    Entry {
                        text,
                        label: label.clone(),
                        provided: true,
                    },
                );
            } else {
                self.errors.push(format!(
                    "{}: contradict each other; set only one",
                    labels.join(" and ")
                ));
            }
        }
    }
}

struct Candidate {
    label: String,
    text: String,
    in_file: bool,
}

impl Candidate {
    fn read(&self) -> Result<String, String> {
        if !self.in_file {
            return Ok(self.text.clone());
        }
        let size = std::fs::metadata(&self.text).map(|metadata| metadata.len());
        if size.is_ok_and(|size| size > SECRET_FILE_LIMIT) {
            return Err("the file it names is larger than 64 KiB".to_owned());
        }
        let content = std::fs::read_to_string(&self.text)
            .map_err(|error| format!("cannot read the file it names: {}", error.kind()))?;
        let content = content.strip_suffix('\n').unwrap_or(&content);
        let content = content.strip_suffix('\r').unwrap_or(content);
        if content.is_empty() {
            Err("the file it names is empty".to_owned())
        } else {
            Ok(content.to_owned())
        }
    }
}

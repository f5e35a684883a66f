//! Reads typed values from the settings and remembers everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::source::{Entry, Sources, environment_name};

/// Values by key. A value that breaks a rule is noted and replaced by a stand-in, so that reading goes on
/// and all errors are found; the stand-ins are never used, since settings with errors are refused.
pub(super) struct Reader {
    entries: BTreeMap<String, Entry>,
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
    failed: BTreeSet<String>,
}

impl Reader {
    pub(super) fn new(sources: Sources) -> Self {
        let Sources {
            entries, errors, ..
        } = sources;
        Self {
            entries,
            errors,
            warnings: Vec::new(),
            failed: BTreeSet::new(),
        }
    }

    /// The name of a setting as the user wrote it, or would write it.
    pub(super) fn label(&self, key: &str) -> String {
        self.entries
            .get(key)
            .map_or_else(|| environment_name(key), |entry| entry.label.clone())
    }

    pub(super) fn provided(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.provided)
    }

    /// Whether these keys broke no rule so far: comparing stand-ins would only confuse.
    pub(super) fn sound(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| !self.failed.contains(*key))
    }

    pub(super) fn fail(&mut self, key: &str, rule: impl Display) {
        self.errors.push(format!("{}: {rule}", self.label(key)));
        self.failed.insert(key.to_owned());
    }

    pub(super) fn warn(&mut self, key: &str, remark: impl Display) {
        self.warnings.push(format!("{}: {remark}", self.label(key)));
    }

    /// The value as written, without the white space around it.
    pub(super) fn raw(&self, key: &str) -> String {
        self.entries
            .get(key)
            .map_or_else(String::new, |entry| entry.text.trim().to_owned())
    }

    /// A secret, exactly as written; nothing when empty.
    pub(super) fn secret(&self, key: &str) -> Option<SecretString> {
        let text = self
            .entries
            .get(key)
            .map(|entry| entry.text.as_str())
            .unwrap_or_default();
        (!text.is_empty()).then(|| SecretString::from(text))
    }

    /// A text of at most 255 bytes without control characters; nothing when empty.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        let text = self.raw(key);
        if text.len() > 255 || text.chars().any(char::is_control) {
            self.fail(key, "must have at most 255 bytes and no control characters");
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        let text = self.optional_text(key);
        if text.is_none() && self.sound(&[key]) {
            self.fail(key, "must not be empty");
        }
        text.unwrap_or_default()
    }

    pub(super) fn optional_flag(&mut self, key: &str) -> Option<bool> {
        match self.raw(key).to_ascii_lowercase().as_str() {
            "" => None,
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => {
                self.fail(key, "must be true or false");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        let flag = self.optional_flag(key);
        if flag.is_none() && self.sound(&[key]) {
            self.fail(key, "must be true or false");
        }
        flag.unwrap_or_default()
    }

    pub(super) fn optional_number<T>(&mut self, key: &str, range: &RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let text = self.raw(key);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.fail(
                key,
                format_args!(
                    "must be a whole number from {} to {}",
                    range.start(),
                    range.end()
                ),
            );
        }
        number
    }

    pub(super) fn number<T>(&mut self, key: &str, range: &RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let number = self.optional_number(key, range);
        if number.is_none() && self.sound(&[key]) {
            self.fail(
                key,
                format_args!(
                    "must be a whole number from {} to {}",
                    range.start(),
                    range.end()
                ),
            );
        }
        number.unwrap_or(*range.start())
    }

    pub(super) fn optional_duration(
        &mut self,
        key: &str,
        range: &RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let text = self.raw(key);
        if text.is_empty() {
            return None;
        }
        let duration = humantime::parse_duration(&text)
            .ok()
            .filter(|duration| range.contains(duration));
        if duration.is_none() {
            self.fail(key, duration_rule(range));
        }
        duration
    }

    pub(super) fn duration(&mut self, key: &str, range: &RangeInclusive<Duration>) -> Duration {
        let duration = self.optional_duration(key, range);
        if duration.is_none() && self.sound(&[key]) {
            self.fail(key, duration_rule(range));
        }
        duration.unwrap_or(*range.start())
    }

    pub(super) fn optional_choice<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let text = self.raw(key);
        let chosen = choices
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&text));
        if chosen.is_none() && !text.is_empty() {
            self.fail(key, choice_rule(choices));
        }
        chosen.map(|(_, choice)| *choice)
    }

    pub(super) fn choice<T: Copy>(&mut self, key: &str, stand_in: T, choices: &[(&str, T)]) -> T {
        let chosen = self.optional_choice(key, choices);
        if chosen.is_none() && self.sound(&[key]) {
            self.fail(key, choice_rule(choices));
        }
        chosen.unwrap_or(stand_in)
    }

    /// The items of a list, without the white space around them; empty ones are passed over.
    pub(super) fn list(&self, key: &str) -> Vec<String> {
        self.raw(key)
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

fn choice_rule<T>(choices: &[(&str, T)]) -> String {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    format!("must be one of {}", names.join(", "))
}

fn duration_rule(range: &RangeInclusive<Duration>) -> String {
    format!(
        "must be a duration with its unit, such as 500ms, 15m or 7d, from {} to {}",
        shown_duration(*range.start()),
        shown_duration(*range.end())
    )
}

/// A duration in one unit, the way it can be written in a setting.
pub(super) fn shown_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    for (unit, length) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
    ] {
        if milliseconds.is_multiple_of(length) && (milliseconds > 0 || unit == "s") {
            return format!("{}{unit}", milliseconds / length);
        }
    }
    format!("{milliseconds}ms")
}

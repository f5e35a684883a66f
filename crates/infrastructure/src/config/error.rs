//! Everything that is wrong with the settings, at once.

use std::fmt;

use crate::telemetry::escape_control_characters;

/// All reasons why the settings were refused.
///
/// Each names the setting as it was or should be written; none shows a value, so the whole text may be
/// printed and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsErrors(Vec<String>);

impl SettingsErrors {
    pub(super) fn new(lines: Vec<String>) -> Self {
        Self(
            lines
                .iter()
                .map(|line| escape_control_characters(line).into_owned())
                .collect(),
        )
    }

    /// The reasons, one line each.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for SettingsErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            formatter.write_str(line)?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsErrors {}

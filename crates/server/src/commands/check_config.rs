//! `check-config`: the settings in force, secrets left out.

use userhub_infrastructure::config::Settings;

use crate::{
    failure::Failure,
    terminal::{complain, say},
};

/// Errors have been reported by now: the settings were loaded.
pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    for (name, value) in settings.redacted_summary() {
        say(format_args!("{name}={value}"));
    }
    for warning in settings.warnings() {
        complain(format_args!("warning: {warning}"));
    }
    Ok(())
}

//! The words of mails: compiled in, each to be replaced by a file.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, escape_formatter};
use userhub_domain::mail::MailKind;

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        &[$(
            (
                concat!($name, ".txt"),
                include_str!(concat!("../../templates/mail/", $name, ".txt")),
            ),
            (
                concat!($name, ".html"),
                include_str!(concat!("../../templates/mail/", $name, ".html")),
            ),
        )+]
    };
}

/// The templates that are compiled in, by file name: what a folder of one's own
/// starts from.
pub const BUILT_IN: &[(&str, &str)] = built_in!(
    "layout",
    "verify_email",
    "confirm_email_change",
    "reset_password",
    "account_exists",
    "email_change_requested",
    "email_changed",
    "password_changed",
    "sign_in_after_failures",
    "mfa_enabled",
    "mfa_disabled",
    "recovery_code_used",
    "recovery_codes_renewed",
);

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The folder or a file in it cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A template is wrong, or does not fit the mail it is for. Names place and
    /// kind of the fault and shows nothing that was filled in.
    #[error("mail template {name}{line}: {fault}", line = line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Faulty {
        /// The file.
        name: String,
        /// Where in it.
        line: Option<usize>,
        /// What is wrong.
        fault: String,
    },
}

impl TemplateError {
    fn new(name: &str, error: &minijinja::Error) -> Self {
        Self::Faulty {
            name: error.name().unwrap_or(name).to_owned(),
            line: error.line(),
            fault: error.kind().to_string(),
        }
    }
}

/// A subject and the mail in both forms, before lines are broken.
pub(super) struct Filled {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// Every template, ready to be filled.
#[derive(Debug)]
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// Those that are compiled in, and in their place what is in the folder:
    /// every `.txt` and `.html` in it.
    ///
    /// # Errors
    /// Where the folder cannot be read or a template not be understood.
    pub(super) fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        // A name that is mistyped in a template is found at start, not in a mail.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(|out, state, value| match value.as_str() {
            Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
                out.write_str(&escaped(text)).map_err(Into::into)
            }
            _ => escape_formatter(out, state, value),
        });
        for (name, source) in BUILT_IN {
            environment
                .add_template(name, source)
                .map_err(|error| TemplateError::new(name, &error))?;
        }
        for (name, source) in folder.map(files).transpose()?.unwrap_or_default() {
            environment
                .add_template_owned(name.clone(), source)
                .map_err(|error| TemplateError::new(&name, &error))?;
        }
        Ok(Self(environment))
    }

    /// # Errors
    /// Where a template does not fit.
    pub(super) fn fill(&self, kind: MailKind, values: &Value) -> Result<Filled, TemplateError> {
        let name = format!("{}.txt", kind.as_str());
        let mut captured = self
            .0
            .get_template(&name)
            .and_then(|template| template.render_captured(values.clone()))
            .map_err(|error| TemplateError::new(&name, &error))?;
        let subject = captured
            .with_state_mut(|state| state.render_block("subject"))
            .map_err(|error| TemplateError::new(&name, &error))?;
        let subject = one_line(&subject);
        if subject.is_empty() {
            return Err(TemplateError::Faulty {
                name,
                line: None,
                fault: "the block `subject` is empty".to_owned(),
            });
        }
        let text = captured.into_output();
        let name = format!("{}.html", kind.as_str());
        let more = minijinja::context! { subject => subject.as_str(), ..values.clone() };
        let html = self
            .0
            .get_template(&name)
            .and_then(|template| template.render(more))
            .map_err(|error| TemplateError::new(&name, &error))?;
        Ok(Filled {
            subject,
            text,
            html,
        })
    }
}

/// What HTML needs; the library would write the slashes of links as `&#x2f;`,
/// which not every mail program reads.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A header is one line, whatever a template makes of it.
fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn files(folder: &Path) -> Result<Vec<(String, String)>, TemplateError> {
    let unreadable = |path: &Path, source| TemplateError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_template = name.ends_with(".txt") || name.ends_with(".html");
        if !is_template || name.starts_with('.') {
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => found.push((name.to_owned(), text)),
            // Somebody is tidying up.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&path, error)),
        }
    }
    Ok(found)
}

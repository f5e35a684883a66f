//! Mail: letters become text and HTML, and go out over SMTP or into a folder.
//!
//! Links are made from the configuration alone. A letter holds its token; the
//! log and the failures never do.

mod compose;
mod files;
mod links;
mod render;
mod sample;
mod sender;
mod smtp;
mod smtp_server;
mod templates;
mod wording;

use std::sync::Arc;

use userhub_domain::{clock::Clock, mail::Mailer};

pub use files::FileMailer;
pub use links::LinkTemplates;
pub use render::{Rendered, Renderer};
pub use sender::Sender;
pub use smtp::{Patience, SmtpMailer};
pub use smtp_server::{Encryption, SmtpServer};
pub use templates::{BUILT_IN as BUILT_IN_TEMPLATES, TemplateError};

use crate::config::Settings;

/// The folder under the data directory that mails are put into where no
/// server is set.
const FOLDER: &str = "mails";

/// Why mail cannot be set up. Names settings and files, no secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailSetupError {
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A setting cannot be used.
    #[error("{setting} {reason}")]
    Setting {
        /// Its key.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// What renders mails as the settings have it. `base` is where UserHub is
/// reached, without a slash at its end: the links of its own pages begin with it.
///
/// # Errors
/// Where a template cannot be used.
pub fn renderer(settings: &Settings, base: &str) -> Result<Renderer, MailSetupError> {
    let mail = &settings.mail;
    let links = LinkTemplates::new(&mail.links, base);
    let renderer = Renderer::new(mail.templates.as_deref(), links, mail.from.display_name())?;
    Ok(renderer)
}

/// What carries mails as the settings have it: the SMTP server, or else files
/// in `mails` under the data directory.
///
/// # Errors
/// Where a template or the server's certificate cannot be used.
pub fn mailer(
    settings: &Settings,
    base: &str,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Mailer>, MailSetupError> {
    let mail = &settings.mail;
    let renderer = renderer(settings, base)?;
    let Some(server) = mail.server() else {
        let folder = settings.data_dir.join(FOLDER);
        return Ok(Arc::new(FileMailer::new(
            folder,
            renderer,
            mail.from.clone(),
            clock,
        )));
    };
    let server = server.map_err(|reason| MailSetupError::Setting {
        setting: "mail.smtp_url",
        reason: reason.to_owned(),
    })?;
    let mailer = SmtpMailer::new(server, renderer, mail.from.clone(), clock);
    let mailer = match &mail.ca_file {
        None => mailer,
        Some(path) => mailer.and_then(|mailer| mailer.trusting(path)),
    };
    Ok(Arc::new(mailer?))
}

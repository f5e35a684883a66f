//! A letter becomes a subject, a text and a page.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use minijinja::context;
use userhub_domain::mail::{Letter, MailFailure};

use super::{
    LinkTemplates, TemplateError, sample,
    templates::Templates,
    wording::{greeting_name, moment, wrapped},
};

/// What a mail says. Holds the token: it cannot be printed.
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text, its lines broken, each ended by a line feed.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rendered(..)")
    }
}

/// Renders letters by templates. What people chose is escaped, and left out
/// where it could pass for a link.
#[derive(Debug)]
pub struct Renderer {
    /// Those that are compiled in are read with the first mail: a process that
    /// sends none does not hold them in memory.
    templates: OnceLock<Templates>,
    links: LinkTemplates,
    service: String,
}

impl Renderer {
    /// `folder` holds templates that stand in for the ones that are compiled in:
    /// they are read and tried now. `service` is what mails call the service.
    ///
    /// # Errors
    /// Where a template cannot be read, is wrong or does not fit its mail.
    pub fn new(
        folder: Option<&Path>,
        links: LinkTemplates,
        service: &str,
    ) -> Result<Self, TemplateError> {
        let renderer = Self {
            templates: OnceLock::new(),
            links,
            service: service.to_owned(),
        };
        if folder.is_some() {
            let templates = Templates::load(folder)?;
            renderer.templates.get_or_init(|| templates);
            renderer.try_all()?;
        }
        Ok(renderer)
    }

    fn try_all(&self) -> Result<(), TemplateError> {
        for letter in sample::letters().iter().chain(&sample::bare_letters()) {
            self.fill(letter)?;
        }
        Ok(())
    }

    fn templates(&self) -> Result<&Templates, TemplateError> {
        if let Some(templates) = self.templates.get() {
            return Ok(templates);
        }
        let built_in = Templates::load(None)?;
        Ok(self.templates.get_or_init(|| built_in))
    }

    /// What a letter says.
    ///
    /// # Errors
    /// [`MailFailure::NotSent`] where a template does not fit, which another
    /// version of it may mend; [`MailFailure::Refused`] for a letter without
    /// the token that its kind is about.
    pub fn render(&self, letter: &Letter) -> Result<Rendered, MailFailure> {
        if self.needs_token(letter) && letter.token.is_none() {
            return Err(MailFailure::Refused("the letter has no token".to_owned()));
        }
        self.fill(letter)
            .map_err(|error| MailFailure::NotSent(error.to_string()))
    }

    /// Writes every kind of mail, with made-up contents, as `.txt` (the
    /// subject first) and `.html` into a folder, which is made where it is
    /// missing. Says which files.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn preview(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::create_dir_all(folder)?;
        let mut written = Vec::new();
        for letter in sample::letters() {
            let mail = self.fill(&letter).map_err(io::Error::other)?;
            let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
            for (extension, content) in [("txt", text), ("html", mail.html)] {
                let path = folder.join(format!("{}.{extension}", letter.kind.as_str()));
                fs::write(&path, content)?;
                written.push(path);
            }
        }
        Ok(written)
    }

    fn needs_token(&self, letter: &Letter) -> bool {
        let lifetimes = userhub_domain::policy::Lifetimes::default();
        letter.kind.token(&lifetimes).is_some()
    }

    fn fill(&self, letter: &Letter) -> Result<Rendered, TemplateError> {
        let link = letter.token.as_ref();
        let link = link.and_then(|token| self.links.link(letter.kind, token));
        let values = context! {
            name => letter.name.as_deref().and_then(greeting_name),
            to => letter.to.as_str(),
            other_address => letter.other_address.as_ref().map(|address| address.as_str()),
            link => link,
            expires_at => letter.expires_at.map(moment),
            happened_at => moment(letter.happened_at),
            address => letter.origin.address.map(|address| address.to_string()),
            service => self.service.as_str(),
        };
        let filled = self.templates()?.fill(letter.kind, &values)?;
        Ok(Rendered {
            subject: filled.subject,
            text: wrapped(&filled.text),
            html: filled.html,
        })
    }
}

#[cfg(test)]
mod tests;

//! Mails as files, for development and for whoever collects them.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use userhub_domain::{
    clock::Clock,
    mail::{Letter, MailFailure, Mailer},
};

use super::{
    Renderer, Sender,
    compose::{Form, compose},
};

/// Writes each mail into a file of its own, `TIME-KIND-ID.eml`, that every mail
/// program opens. Only the owner may read it: links that set passwords stand
/// in them.
pub struct FileMailer {
    folder: PathBuf,
    renderer: Renderer,
    sender: Sender,
    clock: Arc<dyn Clock>,
}

impl FileMailer {
    /// Into this folder, which is made with the first mail.
    #[must_use]
    pub fn new(folder: PathBuf, renderer: Renderer, sender: Sender, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder,
            renderer,
            sender,
            clock,
        }
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = self.renderer.render(letter)?;
        let now = self.clock.now();
        let mail = compose(letter, rendered, &self.sender, now, Form::File)?.formatted();
        // The same name at every try: a repetition is no second mail.
        let name = format!(
            "{}-{}-{}.eml",
            letter.happened_at.format("%Y%m%dT%H%M%SZ"),
            letter.kind.as_str(),
            letter.id
        );
        let folder = self.folder.clone();
        let kind = letter.kind.as_str();
        let written = tokio::task::spawn_blocking(move || {
            let path = folder.join(&name);
            write(&folder, &name, &path, &mail).map(|()| path)
        });
        match written.await {
            Ok(Ok(path)) => {
                tracing::info!(file = %path.display(), kind, "a mail was written into a file");
                Ok(())
            }
            Ok(Err(error)) => Err(MailFailure::NotSent(format!("writing a file: {error}"))),
            Err(_) => Err(MailFailure::Unknown("writing a file broke off".to_owned())),
        }
    }
}

/// Under another name first, so that nobody finds half a mail.
fn write(folder: &Path, name: &str, path: &Path, mail: &[u8]) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let draft = folder.join(format!(".{name}"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(mail)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

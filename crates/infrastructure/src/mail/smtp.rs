//! Mails over SMTP.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;
use userhub_domain::{
    clock::Clock,
    mail::{Letter, MailFailure, Mailer},
};
use zeroize::Zeroizing;

use super::{
    Encryption, MailSetupError, Renderer, Sender, SmtpServer,
    compose::{Form, compose},
};

/// For one of several addresses of the server.
const CONNECTING: Duration = Duration::from_secs(5);
/// A polite end is not worth waiting for.
const LEAVING: Duration = Duration::from_secs(1);
const CHUNK: usize = 4096;
/// Of what a server answers, so much is kept.
const LONGEST_REASON: usize = 200;

/// How long a server may take. With the second for leaving, both together stay
/// below 45 seconds by default.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From connecting until it takes the mail.
    pub preparing: Duration,
    /// For taking the mail and answering.
    pub handing_over: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            preparing: Duration::from_secs(15),
            handing_over: Duration::from_secs(28),
        }
    }
}

/// Hands each mail to an SMTP server, over a connection of its own.
///
/// How sure it is that nothing was sent follows from how far it came: until the
/// line that ends the mail is written, nothing was; after it, the answer tells;
/// without an answer nobody knows.
pub struct SmtpMailer {
    server: SmtpServer,
    tls: TlsParameters,
    hello: ClientId,
    renderer: Renderer,
    sender: Sender,
    clock: Arc<dyn Clock>,
    patience: Patience,
}

impl SmtpMailer {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(
        server: SmtpServer,
        renderer: Renderer,
        sender: Sender,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MailSetupError> {
        let tls = TlsParameters::new(server.host.clone()).map_err(|error| unusable(&error))?;
        Ok(Self {
            server,
            tls,
            hello: ClientId::default(),
            renderer,
            sender,
            clock,
            patience: Patience::default(),
        })
    }

    /// Trusts the authorities in a file (PEM) besides the public ones.
    ///
    /// # Errors
    /// Where the file cannot be read or holds no certificate.
    pub fn trusting(mut self, file: &Path) -> Result<Self, MailSetupError> {
        let refused = |reason: String| MailSetupError::Setting {
            setting: "mail.ca_file",
            reason,
        };
        let text =
            std::fs::read(file).map_err(|error| refused(format!("cannot be read: {error}")))?;
        let holds_one = text
            .windows(27)
            .any(|part| part == b"-----BEGIN CERTIFICATE-----");
        if !holds_one {
            return Err(refused("holds no certificate".to_owned()));
        }
        let authority = Certificate::from_pem(&text)
            .map_err(|_| refused("holds no certificate that can be used".to_owned()))?;
        self.tls = TlsParameters::builder(self.server.host.clone())
            .add_root_certificate(authority)
            .build()
            .map_err(|_| refused("holds no certificate that can be used".to_owned()))?;
        Ok(self)
    }

    /// Waits so long and no longer.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// A connection on which the server waits for the mail.
    async fn prepared(&self, envelope: &Envelope) -> Result<AsyncSmtpConnection, MailFailure> {
        let mut connection = self.connected().await?;
        self.signed_in(&mut connection).await?;
        // The very codes are asked for: whoever smuggles answers in before the
        // encryption begins puts all later ones out of step, and is found here.
        let answer = connection
            .command(Mail::new(envelope.from().cloned(), Vec::new()))
            .await;
        expect("MAIL", answer, &[250])?;
        for to in envelope.to() {
            let answer = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
            expect("RCPT", answer, &[250, 251])?;
        }
        expect("DATA", connection.command(Data).await, &[354])?;
        Ok(connection)
    }

    /// Connected, and encrypted as it should be.
    async fn connected(&self) -> Result<AsyncSmtpConnection, MailFailure> {
        let place = (self.server.host.as_str(), self.server.port);
        let implicit = (self.server.encryption == Encryption::Implicit).then(|| self.tls.clone());
        let connection = AsyncSmtpConnection::connect_tokio1(
            place,
            Some(CONNECTING),
            &self.hello,
            implicit,
            None,
        );
        let mut connection = connection
            .await
            .map_err(|error| not_sent("connecting", &error))?;
        let upgrade = match self.server.encryption {
            Encryption::Required => true,
            Encryption::Offered => connection.can_starttls(),
            Encryption::Implicit | Encryption::Off => false,
        };
        if upgrade {
            let upgraded = connection.starttls(self.tls.clone(), &self.hello).await;
            upgraded.map_err(|error| not_sent("STARTTLS", &error))?;
        }
        Ok(connection)
    }

    async fn signed_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), MailFailure> {
        let Some((user, password)) = &self.server.credentials else {
            return Ok(());
        };
        let credentials = Credentials::new(
            user.expose_secret().to_owned(),
            password.expose_secret().to_owned(),
        );
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let answer = connection.auth(&mechanisms, &credentials).await;
        // Whatever it says is about us, not about the mail.
        answer
            .map(|_| ())
            .map_err(|error| not_sent("signing in", &error))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = self.renderer.render(letter)?;
        let now = self.clock.now();
        let mail = compose(letter, rendered, &self.sender, now, Form::Wire)?;
        let content = Zeroizing::new(mail.formatted());
        let mut connection = timeout(self.patience.preparing, self.prepared(mail.envelope()))
            .await
            .unwrap_or_else(|_| Err(MailFailure::NotSent("the server is too slow".to_owned())))?;
        // The library asks for the next part until there is none, then writes
        // the line that ends the mail.
        let is_over = AtomicBool::new(false);
        let mut parts = content.chunks(CHUNK);
        let parts = std::iter::from_fn(|| {
            let part = parts.next();
            is_over.store(part.is_none(), Ordering::Relaxed);
            part
        });
        let answer = timeout(self.patience.handing_over, connection.message_iter(parts)).await;
        outcome(answer.ok(), is_over.load(Ordering::Relaxed))?;
        // It is sent, whatever becomes of the farewell.
        drop(timeout(LEAVING, connection.quit()).await);
        Ok(())
    }
}

/// What an answer to a whole mail means. None came in time where there is none.
fn outcome(answer: Option<Result<Response, Error>>, is_over: bool) -> Result<(), MailFailure> {
    let why = match answer {
        Some(Ok(answer)) if answer.has_code(250) => return Ok(()),
        Some(Ok(answer)) => format!("after the mail: answer {}", answer.code()),
        Some(Err(error)) if error.status().is_some() => return Err(judged("the mail", &error)),
        Some(Err(error)) => readable(&format!("after the mail: {error}")),
        None => "the server is too slow".to_owned(),
    };
    Err(if is_over {
        MailFailure::Unknown(why)
    } else {
        MailFailure::NotSent(why)
    })
}

/// The answer to a step about this mail.
fn expect(step: &str, answer: Result<Response, Error>, codes: &[u16]) -> Result<(), MailFailure> {
    match answer {
        Ok(answer) if codes.iter().any(|code| answer.has_code(*code)) => Ok(()),
        Ok(answer) => Err(MailFailure::NotSent(format!(
            "{step}: answer {} out of turn",
            answer.code()
        ))),
        Err(error) => Err(judged(step, &error)),
    }
}

/// A permanent answer refuses the mail for good, unless it is about how we sign
/// in and encrypt (RFC 4954, section 6; RFC 3207, section 4): that can be mended.
fn judged(step: &str, error: &Error) -> MailFailure {
    let code = error.status().map(u16::from);
    let is_about_us = matches!(code, Some(530 | 534 | 535 | 538));
    if error.is_permanent() && !is_about_us {
        MailFailure::Refused(readable(&format!("{step}: {error}")))
    } else {
        not_sent(step, error)
    }
}

fn not_sent(step: &str, error: &Error) -> MailFailure {
    MailFailure::NotSent(readable(&format!("{step}: {error}")))
}

fn unusable(error: &Error) -> MailSetupError {
    MailSetupError::Setting {
        setting: "mail.smtp_url",
        reason: format!("cannot be used: {error}"),
    }
}

/// One line that is fit for a log: servers write what they like.
fn readable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_REASON)
        .collect()
}

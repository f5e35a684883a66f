//! The port to whatever carries mail.

use async_trait::async_trait;

use super::{MailId, MailKind};
use crate::{audit::Origin, clock::Timestamp, secret::RawToken, users::EmailAddress};

/// A mail that is to be sent now: everything that its text is made from.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Names the mail; the same at every try, so that a repetition can be
    /// recognised by its `Message-ID`.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// To whom it goes.
    pub to: EmailAddress,
    /// How to address its reader: the first name, or else the username.
    pub name: Option<String>,
    /// The token that the mail brings, for the kinds that bring one.
    pub token: Option<RawToken>,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
    /// The other address, for the kinds that are about two.
    pub other_address: Option<EmailAddress>,
    /// When what it is about happened.
    pub happened_at: Timestamp,
    /// From where that was done.
    pub origin: Origin,
}

/// Why a mail was not sent, or may not have been. The texts are for operators:
/// they hold no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailFailure {
    /// It was certainly not sent; a later try may succeed.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It was certainly not sent, and no try will succeed.
    #[error("refused: {0}")]
    Refused(String),
    /// It was handed over and no answer came: it may be on its way.
    #[error("perhaps sent: {0}")]
    Unknown(String),
}

/// Carries mail: renders a letter and hands it over.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    ///
    /// # Obligations
    /// - It goes to [`Letter::to`] and nobody else, once:
    ///   `a_letter_arrives_once_at_its_address`,
    ///   `no_name_leads_a_letter_astray`.
    /// - The token is in it, where there is one, and in no other mail:
    ///   `a_token_arrives_with_its_letter`.
    /// - Nothing else that is kept or logged holds the token: no check can see
    ///   this.
    /// - Every kind can be sent: `every_kind_of_letter_arrives`.
    /// - Letters sent side by side all arrive: `letters_sent_at_once_all_arrive`.
    /// - Links are made from the configuration alone, never from a request: no
    ///   check can see this.
    /// - It answers within a minute, whatever the other side does, so that it is
    ///   done before its claim ends: no check can see this.
    ///
    /// # Errors
    /// How sure it is that nothing was sent; [`MailFailure::Unknown`] where it
    /// is not.
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure>;
}

/// Refuses every mail: for services that send none. What is put into the outbox
/// is abandoned when somebody delivers it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _letter: &Letter) -> Result<(), MailFailure> {
        Err(MailFailure::Refused("no mailer is set up".to_owned()))
    }
}

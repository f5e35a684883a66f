//! Somebody asks once more to confirm an address.

use super::{Accounts, MailRequestCommand};
use crate::{audit::Origin, error::Result, mail::MailKind};

impl Accounts {
    /// Mails a way to confirm an address to its owner
    /// ([`VerifyEmail`](MailKind::VerifyEmail)), where it is not confirmed yet.
    /// Nothing tells whether that is so, as with
    /// [`forgot_password`](Self::forgot_password).
    ///
    /// Writes no event: the later `email.verified` is one.
    ///
    /// # Errors
    /// `too_many_requests` for a client that asks for too many; those of the
    /// store.
    pub async fn request_verification(
        &self,
        origin: &Origin,
        command: MailRequestCommand,
    ) -> Result<()> {
        self.context
            .request_mail(MailKind::VerifyEmail, origin, command, None)
            .await
    }
}

//! Somebody has forgotten the password, or asks for a mail again.

use super::Accounts;
use crate::{
    audit::{Actor, EventKind, Origin},
    error::Result,
    mail::MailKind,
    ports::Context,
    users::{EmailAddress, UserKey},
    violation::Violations,
};

/// A request for a mail to an address.
#[derive(Debug, Clone)]
pub struct MailRequestCommand(EmailAddress);

impl MailRequestCommand {
    /// Checks the address (`email`).
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(email: Option<String>) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let email = violations.take_required("email", email, |text| EmailAddress::parse(&text));
        match email {
            Some(email) => Ok(Self(email)),
            None => Err(violations),
        }
    }
}

impl Accounts {
    /// Mails a way to choose a new password to the owner of an address, at the
    /// address as it is stored. Nothing tells whether there is one: the answer
    /// and the work are the same.
    ///
    /// Writes `password.reset_requested` and mails
    /// [`ResetPassword`](MailKind::ResetPassword); neither where the address has
    /// had enough mails for now.
    ///
    /// # Errors
    /// `too_many_requests` for a client that asks for too many; those of the
    /// store.
    pub async fn forgot_password(
        &self,
        origin: &Origin,
        command: MailRequestCommand,
    ) -> Result<()> {
        let event = Some(EventKind::PasswordResetRequested);
        self.context
            .request_mail(MailKind::ResetPassword, origin, command, event)
            .await
    }
}

impl Context {
    /// Puts a mail into the outbox, to nobody where there is no such account.
    pub(super) async fn request_mail(
        &self,
        kind: MailKind,
        origin: &Origin,
        MailRequestCommand(address): MailRequestCommand,
        event: Option<EventKind>,
    ) -> Result<()> {
        self.count_mail_request(origin).await?;
        if !self.may_mail(kind.as_str(), &address.canonical()).await? {
            return Ok(());
        }
        let users = self.ports.store.users();
        let key = UserKey::Email(address.clone());
        let owner = users.find_with_credentials(&key).await?;
        let mut mail = self.mail(kind, address, origin)?;
        if let Some((user, credentials)) = &owner {
            mail.user_id = Some(user.id);
            mail.auth_version = Some(credentials.auth_version);
            if let Some(stored) = &user.email {
                mail.to = stored.clone();
            }
        }
        let mut events = Vec::new();
        if let Some(kind) = event {
            let mut event = self.event(mail.created_at, kind, &Actor::Anonymous, origin)?;
            event.subject = mail.user_id;
            events.push(event);
        }
        let unit = self.ports.store.begin().await?;
        unit.outbox().add(&mail).await?;
        unit.commit(&events).await
    }
}

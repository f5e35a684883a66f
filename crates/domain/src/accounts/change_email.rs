//! Somebody gets another address.

use secrecy::SecretString;

use super::{Accounts, change_password::Confirmed};
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::{Conflict, Identifier, Result},
    mail::MailKind,
    policy::Verification,
    revision::{Outcome, Revision, Written},
    users::{EmailAddress, PasswordAttempt, SessionsAfter, User, UserKey},
    violation::Violations,
};

/// A change of address as it was sent.
#[derive(Debug, Default)]
pub struct ChangeEmailInput {
    /// `email`
    pub email: Option<String>,
    /// `password`
    pub password: Option<SecretString>,
}

/// A change of address that keeps the rules.
#[derive(Debug)]
pub struct ChangeEmailCommand {
    email: EmailAddress,
    password: PasswordAttempt,
}

impl ChangeEmailCommand {
    /// Checks everything.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: ChangeEmailInput) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let email =
            violations.take_required("email", input.email, |text| EmailAddress::parse(&text));
        let password = violations.take_required("password", input.password, |text| {
            PasswordAttempt::parse(&text)
        });
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self { email, password }),
            _ => Err(violations),
        }
    }
}

/// What a change of address came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailChange {
    /// The address was replaced.
    Changed(Box<User>),
    /// The new address was asked to confirm; until it does, the current one
    /// stays.
    Requested,
}

impl EmailChange {
    /// The account, where it was changed.
    pub fn into_user(self) -> Option<User> {
        match self {
            Self::Changed(user) => Some(*user),
            Self::Requested => None,
        }
    }
}

impl Accounts {
    /// Replaces the address: at once where addresses need not be verified, and
    /// then it counts as unverified; otherwise when its owner has confirmed it.
    ///
    /// Writes `email.changed` or `email.change_requested`, or `session.failed`
    /// where the password is wrong. A change at once mails
    /// [`EmailChanged`](MailKind::EmailChanged) to the address before; a request
    /// mails [`ConfirmEmailChange`](MailKind::ConfirmEmailChange) to the new
    /// address and [`EmailChangeRequested`](MailKind::EmailChangeRequested) to
    /// the current one.
    ///
    /// # Errors
    /// `wrong_password`; `too_many_requests`; `invalid_token` where the account
    /// or the session is gone by now; `email_taken`, unless existence is
    /// hidden and the new address has yet to be confirmed; `edit_conflict`;
    /// `user_not_found` and `user_deleted` where the account went at the same
    /// moment; `overloaded`; those of store and hasher.
    pub async fn change_email(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ChangeEmailCommand,
    ) -> Result<EmailChange> {
        let context = &self.context;
        let confirmed = context
            .confirm_password(caller, origin, command.password)
            .await?;
        context.clear(&confirmed.guarded).await?;
        if context.rules.policy().registration.verification == Verification::Required {
            self.request_change(caller, origin, (&confirmed, command.email))
                .await?;
            return Ok(EmailChange::Requested);
        }
        let user = self.change_at_once(caller, origin, command.email).await?;
        Ok(EmailChange::Changed(Box::new(user)))
    }

    async fn change_at_once(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        email: EmailAddress,
    ) -> Result<User> {
        let context = &self.context;
        let actor = caller.signed_in().actor();
        let revision = Revision {
            context,
            actor: &actor,
            origin,
            id: caller.signed_in().id(),
            expected: None,
        };
        revision
            .run(|user, now| {
                let before = user.clone();
                if !user.change_email(email.clone(), now)? {
                    return Ok(Outcome::Nothing);
                }
                let event = context
                    .event(now, EventKind::EmailChanged, &actor, origin)?
                    .about(user.id)
                    .naming(["email"]);
                let mails = context.mails_of_change(&before, user, origin)?;
                let written = Written::new(SessionsAfter::Keep, vec![event]);
                Ok(Outcome::Write(written.mailing(mails)))
            })
            .await
    }

    /// Puts a mail to the new address into the outbox and a notice to the
    /// current one. Whether the new one is taken shows when it is confirmed,
    /// if that is to be hidden.
    async fn request_change(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        (confirmed, email): (&Confirmed, EmailAddress),
    ) -> Result<()> {
        let context = &self.context;
        let user = &confirmed.user;
        context.count_mail_request(origin).await?;
        let registration = &context.rules.policy().registration;
        let key = UserKey::Email(email.clone());
        let owner = context.ports.store.users().find(&key).await?;
        let is_taken = owner.is_some_and(|owner| owner.id != user.id);
        if is_taken && !registration.hides_existence() {
            return Err(Conflict::Taken(vec![Identifier::Email]).into());
        }
        let kind = MailKind::ConfirmEmailChange;
        let may_mail = context.may_mail(kind.as_str(), &email.canonical()).await?;
        let mut mails = Vec::new();
        if may_mail && !is_taken {
            let mut request = context.mail(kind, email.clone(), origin)?;
            request.user_id = Some(user.id);
            request.auth_version = Some(confirmed.credentials.auth_version);
            request.other_address = user.email.clone();
            mails.push(request);
        }
        let notice = MailKind::EmailChangeRequested;
        if let Some(mut notice) = context.mail_to(notice, user, None, origin)? {
            notice.other_address = Some(email);
            mails.push(notice);
        }
        let (now, kind) = (context.now(), EventKind::EmailChangeRequested);
        let event = context
            .event(now, kind, &caller.signed_in().actor(), origin)?
            .about(user.id)
            .in_session(caller.session_id());
        let unit = context.ports.store.begin().await?;
        for mail in &mails {
            unit.outbox().add(mail).await?;
        }
        unit.commit(&[event]).await
    }
}

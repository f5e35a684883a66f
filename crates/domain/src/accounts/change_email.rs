//! Somebody gets another address.

use secrecy::SecretString;

use super::Accounts;
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::Result,
    revision::{Outcome, Revision},
    users::{EmailAddress, PasswordAttempt, SessionsAfter, User},
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

impl Accounts {
    /// Replaces the address at once; it counts as unverified. Writes
    /// `email.changed`, or `session.failed` where the password is wrong.
    ///
    /// # Errors
    /// `wrong_password`; `invalid_token` where the account or the session is
    /// gone by now; `email_taken`; `edit_conflict`; `overloaded`; those of the
    /// store.
    pub async fn change_email(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ChangeEmailCommand,
    ) -> Result<User> {
        let context = &self.context;
        context
            .confirm_password(caller, origin, command.password)
            .await?;
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
                if !user.change_email(command.email.clone(), now)? {
                    return Ok(Outcome::Nothing);
                }
                let event = context
                    .event(now, EventKind::EmailChanged, &actor, origin)?
                    .about(user.id)
                    .naming(["email"]);
                Ok(Outcome::Write(SessionsAfter::Keep, vec![event]))
            })
            .await
    }
}

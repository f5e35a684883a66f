//! Somebody who knows the current password chooses another.

use secrecy::SecretString;

use super::Accounts;
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::{Forbidden, Result, Unauthenticated},
    mail::MailKind,
    ports::Context,
    rules::Rules,
    throttle::Guarded,
    users::{Credentials, NewPassword, PasswordAttempt, User, UserKey, Verification},
    violation::Violations,
};

/// A change of password as it was sent.
#[derive(Debug, Default)]
pub struct ChangePasswordInput {
    /// `current_password`
    pub current_password: Option<SecretString>,
    /// `new_password`
    pub new_password: Option<SecretString>,
}

/// A change of password that keeps the rules.
#[derive(Debug)]
pub struct ChangePasswordCommand {
    current: PasswordAttempt,
    new: NewPassword,
}

impl ChangePasswordCommand {
    /// Checks everything, against the caller's own names too.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(
        input: ChangePasswordInput,
        rules: &Rules,
        caller: &OwnSession,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let own_words = caller.signed_in().user().own_words();
        let current =
            violations.take_required("current_password", input.current_password, |text| {
                PasswordAttempt::parse(&text)
            });
        let new = violations.take_required("new_password", input.new_password, |text| {
            rules.new_password(&text, &own_words)
        });
        match (current, new) {
            (Some(current), Some(new)) => Ok(Self { current, new }),
            _ => Err(violations),
        }
    }
}

impl Accounts {
    /// Sets the new password; every other session and every handed-out token
    /// ends.
    ///
    /// Writes `password.changed`, or `session.failed` where the current password
    /// is wrong. Mails [`PasswordChanged`](MailKind::PasswordChanged).
    ///
    /// # Errors
    /// `wrong_password`; `too_many_requests`; `invalid_token` where the account
    /// or the session is gone by now; `edit_conflict` where the password was
    /// changed, or every session ended, at the same moment; `overloaded`; those
    /// of store and hasher.
    pub async fn change_password(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ChangePasswordCommand,
    ) -> Result<()> {
        let context = &self.context;
        let confirmed = context
            .confirm_password(caller, origin, command.current)
            .await?;
        let credentials = &confirmed.credentials;
        let hash = context.ports.hasher.hash(command.new).await?;
        let id = caller.signed_in().id();
        let actor = caller.signed_in().actor();
        let event = context
            .event(context.now(), EventKind::PasswordChanged, &actor, origin)?
            .about(id)
            .in_session(caller.session_id());
        let mail = context.mail_to(MailKind::PasswordChanged, &confirmed.user, None, origin)?;
        let unit = context.ports.store.begin().await?;
        let auth_version = unit
            .users()
            .set_password(id, &hash, credentials.auth_version)
            .await?;
        unit.sessions()
            .carry_over(caller.session_id(), id, auth_version)
            .await?;
        if let Some(mail) = &mail {
            unit.outbox().add(mail).await?;
        }
        confirmed.guarded.clear(unit.as_ref()).await?;
        unit.commit(&[event]).await
    }
}

/// Somebody who has repeated their password.
pub(crate) struct Confirmed {
    pub(crate) user: User,
    pub(crate) credentials: Credentials,
    /// What is cleared with the change that the password was repeated for.
    pub(crate) guarded: Guarded,
}

impl Context {
    /// Demands the current password of the caller's own account. It counts as
    /// an attempt to sign in; a wrong one is remembered as `session.failed`.
    ///
    /// # Errors
    /// `wrong_password`; `too_many_requests`; `invalid_token` where the account
    /// or the session is gone by now; `overloaded`; those of store and hasher.
    pub(crate) async fn confirm_password(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        attempt: PasswordAttempt,
    ) -> Result<Confirmed> {
        let id = caller.signed_in().id();
        let (user, credentials) = self.require_living_session(caller).await?;
        let guarded = self.count_password(origin, Some(id), "").await?;
        let hash = credentials.password_hash.clone();
        let checked = self.ports.hasher.verify(attempt, hash).await;
        if self.or_uncount(&guarded, checked).await? == Verification::Wrong {
            self.remember_failure(caller, origin).await?;
            return Err(Forbidden::WrongPassword.into());
        }
        Ok(Confirmed {
            user,
            credentials,
            guarded,
        })
    }

    /// Demands that the caller's session is in force at this moment, also where
    /// a cache has not heard yet of what ended it; gives the account as it is.
    /// For what outlives the session that it is done with.
    ///
    /// # Errors
    /// `invalid_token` where the account or the session is gone by now; those of
    /// the store.
    pub(crate) async fn require_living_session(
        &self,
        caller: &OwnSession,
    ) -> Result<(User, Credentials)> {
        let store = &self.ports.store;
        let key = UserKey::Id(caller.signed_in().id());
        let found = store.users().find_with_credentials(&key).await?;
        let (user, credentials) = found.ok_or(Unauthenticated::AccessToken)?;
        // Who was signed out everywhere since must not carry the session over.
        store
            .sessions()
            .find_principal(caller.session_id())
            .await?
            .filter(|principal| {
                let session = &principal.session;
                session.is_living(&user, credentials.auth_version, self.now())
            })
            .ok_or(Unauthenticated::AccessToken)?;
        Ok((user, credentials))
    }

    /// Writes `session.failed` about the caller's own session.
    pub(crate) async fn remember_failure(
        &self,
        caller: &OwnSession,
        origin: &Origin,
    ) -> Result<()> {
        let (now, kind) = (self.now(), EventKind::SessionFailed);
        let event = self
            .event(now, kind, &caller.signed_in().actor(), origin)?
            .about(caller.signed_in().id())
            .in_session(caller.session_id());
        self.ports.store.begin().await?.commit(&[event]).await
    }
}

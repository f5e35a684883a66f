//! Somebody who knows the current password chooses another.

use secrecy::SecretString;

use super::Accounts;
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::{Forbidden, Result, Unauthenticated},
    ports::Context,
    rules::Rules,
    users::{Credentials, NewPassword, PasswordAttempt, UserKey, Verification},
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
    /// ends. Writes `password.changed`, or `session.failed` where the current
    /// password is wrong.
    ///
    /// # Errors
    /// `wrong_password`; `invalid_token` where the account or the session is
    /// gone by now; `edit_conflict` where it was changed at the same moment;
    /// `overloaded`; those of the store.
    pub async fn change_password(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ChangePasswordCommand,
    ) -> Result<()> {
        let context = &self.context;
        let credentials = context
            .confirm_password(caller, origin, command.current)
            .await?;
        let hash = context.ports.hasher.hash(command.new).await?;
        let id = caller.signed_in().id();
        let actor = caller.signed_in().actor();
        let event = context
            .event(context.now(), EventKind::PasswordChanged, &actor, origin)?
            .about(id)
            .in_session(caller.session_id());
        let unit = context.ports.store.begin().await?;
        let auth_version = unit
            .users()
            .set_password(id, &hash, credentials.auth_version)
            .await?;
        unit.sessions()
            .carry_over(caller.session_id(), id, auth_version)
            .await?;
        unit.commit(&[event]).await
    }
}

impl Context {
    /// Demands the current password of the caller's own account. A wrong one
    /// is remembered as `session.failed`.
    ///
    /// # Errors
    /// `wrong_password`; `invalid_token` where the account or the session is
    /// gone by now.
    pub(crate) async fn confirm_password(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        attempt: PasswordAttempt,
    ) -> Result<Credentials> {
        let key = UserKey::Id(caller.signed_in().id());
        let store = &self.ports.store;
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
        let hash = credentials.password_hash.clone();
        if self.ports.hasher.verify(attempt, hash).await? == Verification::Wrong {
            let event = self
                .event(
                    self.now(),
                    EventKind::SessionFailed,
                    &caller.signed_in().actor(),
                    origin,
                )?
                .about(user.id)
                .in_session(caller.session_id());
            self.ports.store.begin().await?.commit(&[event]).await?;
            return Err(Forbidden::WrongPassword.into());
        }
        Ok(credentials)
    }
}

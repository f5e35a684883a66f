//! Somebody with a handed-out token chooses a new password.

use secrecy::{ExposeSecret, SecretString};

use super::Accounts;
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Invalid, Result},
    handed_out::HandedOutToken,
    rules::missing,
    secret::{RawToken, TokenPurpose},
    users::{MAX_PASSWORD_BYTES, User, UserKey},
    violation::{Broken, ViolationCode, Violations},
};

/// A reset as it was sent.
#[derive(Debug, Default)]
pub struct ResetPasswordInput {
    /// `token`
    pub token: Option<SecretString>,
    /// `new_password`
    pub new_password: Option<SecretString>,
}

/// A reset whose members are there. The password is checked when the account
/// is known, against its names too.
#[derive(Debug)]
pub struct ResetPasswordCommand {
    token: Option<RawToken>,
    new_password: SecretString,
}

impl ResetPasswordCommand {
    /// Checks that both members are there and of sane size.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: ResetPasswordInput) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        if input.token.is_none() {
            violations.push(missing("token"));
        }
        let new_password = violations.take_required("new_password", input.new_password, |text| {
            if text.expose_secret().len() > MAX_PASSWORD_BYTES {
                return Err(Broken::new(
                    ViolationCode::TooLong,
                    format!("must be at most {MAX_PASSWORD_BYTES} bytes long"),
                ));
            }
            Ok(text)
        });
        match (input.token, new_password) {
            (Some(token), Some(new_password)) => Ok(Self {
                token: RawToken::parse(TokenPurpose::PasswordReset, token.expose_secret()),
                new_password,
            }),
            _ => Err(violations),
        }
    }
}

impl Accounts {
    /// Sets the password and ends every session; the token is used up. It does
    /// not sign anybody in, and a suspended account stays suspended. Writes
    /// `password.reset`.
    ///
    /// # Errors
    /// `token_invalid`; a violation of `new_password`, which leaves the token
    /// as it is; `overloaded`; those of the store.
    pub async fn reset_password(
        &self,
        origin: &Origin,
        command: ResetPasswordCommand,
    ) -> Result<()> {
        let context = &self.context;
        let (token, user) = self.redeem(command.token).await?;
        let password = context
            .rules
            .new_password(&command.new_password, &user.own_words())
            .map_err(|broken| Violations::from(broken.at("new_password")))?;
        let hash = context.ports.hasher.hash(password).await?;
        let event = context
            .event(
                context.now(),
                EventKind::PasswordReset,
                &Actor::User(user.id),
                origin,
            )?
            .about(user.id);
        let unit = context.ports.store.begin().await?;
        unit.users()
            .set_password(user.id, &hash, token.auth_version)
            .await
            .map_err(|error| {
                if error.is_stale() {
                    Invalid::Token.into()
                } else {
                    error
                }
            })?;
        if !unit.handed_out_tokens().consume(token.hash).await? {
            return Err(Invalid::Token.into());
        }
        unit.commit(&[event]).await
    }

    /// The token, where it is good, and whose it is.
    async fn redeem(&self, raw: Option<RawToken>) -> Result<(HandedOutToken, User)> {
        let store = &self.context.ports.store;
        let raw = raw.ok_or(Invalid::Token)?;
        let token = store
            .handed_out_tokens()
            .find(raw.hash(), TokenPurpose::PasswordReset)
            .await?
            .filter(|token| self.context.now() < token.expires_at)
            .ok_or(Invalid::Token)?;
        let found = store
            .users()
            .find_with_credentials(&UserKey::Id(token.user_id))
            .await?;
        match found {
            Some((user, credentials))
                if credentials.auth_version == token.auth_version && user.deleted_at.is_none() =>
            {
                Ok((token, user))
            }
            _ => Err(Invalid::Token.into()),
        }
    }
}

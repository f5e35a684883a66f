//! Somebody with a handed-out token chooses a new password.

use secrecy::{ExposeSecret, SecretString};

use super::{Accounts, verify_email::stale_is_invalid};
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Invalid, Result},
    mail::MailKind,
    rules::missing,
    secret::{RawToken, TokenPurpose},
    users::MAX_PASSWORD_BYTES,
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
    /// Sets the password and ends every session; every API key is revoked, and
    /// the token is used up. A token that was mailed proves the address. It does
    /// not sign anybody in, a second factor stays, and a suspended account stays
    /// suspended.
    ///
    /// Writes `password.reset`, and `email.verified` where that is new. Mails
    /// [`PasswordChanged`](MailKind::PasswordChanged).
    ///
    /// # Errors
    /// `token_invalid`, also where the account changed at the same moment;
    /// `validation_failed` for `new_password`, which leaves the token as it is;
    /// `too_many_requests`; `overloaded`; those of store and hasher.
    pub async fn reset_password(
        &self,
        origin: &Origin,
        command: ResetPasswordCommand,
    ) -> Result<()> {
        let context = &self.context;
        let guarded = context.count_token(origin).await?;
        let raw = command.token.ok_or(Invalid::Token)?;
        let (token, user) = self.redeem(&raw).await?;
        let password = context
            .rules
            .new_password(&command.new_password, &user.own_words())
            .map_err(|broken| Violations::from(broken.at("new_password")))?;
        let hash = context.ports.hasher.hash(password).await?;
        let (now, actor) = (context.now(), Actor::User(user.id));
        let reset = context.event(now, EventKind::PasswordReset, &actor, origin)?;
        let mut events = vec![reset.about(user.id)];
        let mail = context.mail_to(MailKind::PasswordChanged, &user, None, origin)?;
        let unit = context.ports.store.begin().await?;
        unit.users()
            .set_password(user.id, &hash, token.auth_version)
            .await
            .map_err(stale_is_invalid)?;
        if let Some(address) = &token.address {
            let is_theirs = unit.users().verify_email(user.id, address, now).await?;
            if !is_theirs {
                return Err(Invalid::Token.into());
            }
            if !user.email_verified {
                let verified = context.event(now, EventKind::EmailVerified, &actor, origin)?;
                events.push(verified.about(user.id).naming(["email_verified"]));
            }
        }
        if !unit.handed_out_tokens().consume(token.hash).await? {
            return Err(Invalid::Token.into());
        }
        unit.api_keys().revoke_all(user.id).await?;
        if let Some(mail) = &mail {
            unit.outbox().add(mail).await?;
        }
        guarded.clear(unit.as_ref()).await?;
        context.forget_passwords(unit.as_ref(), user.id).await?;
        unit.commit(&events).await
    }
}

//! Somebody sets up an app.

use secrecy::SecretString;

use super::{SecondFactor, TotpEnrolment, TotpFactor, TotpSeed};
use crate::{
    audit::Origin,
    caller::OwnSession,
    error::{Conflict, Result},
    users::{EmailAddress, PasswordAttempt, User, Username},
    violation::Violations,
};

/// A wish to set up an app, with the password.
#[derive(Debug)]
pub struct EnrolTotpCommand(PasswordAttempt);

impl EnrolTotpCommand {
    /// Checks `password`.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(password: Option<SecretString>) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let password =
            violations.take_required("password", password, |text| PasswordAttempt::parse(&text));
        match password {
            Some(password) => Ok(Self(password)),
            None => Err(violations),
        }
    }
}

/// What is put into the app, shown once.
pub type EnrolledTotp = TotpEnrolment;

impl SecondFactor {
    /// Makes a seed for an app. It counts for nothing until its first code
    /// [confirms](Self::confirm) it; an earlier one that was not confirmed
    /// dies.
    ///
    /// Writes no event, except `session.failed` where the password is wrong. Sends
    /// no mail: [`confirm`](Self::confirm) does both.
    ///
    /// # Errors
    /// `wrong_password`; `too_many_requests`; `mfa_already_enabled`;
    /// `mfa_unavailable` where no [`Totp`](super::Totp) is set up, or none with a
    /// key; `invalid_token` where the account or the session is gone by now;
    /// `overloaded`; those of store and hasher.
    pub async fn enrol(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: EnrolTotpCommand,
    ) -> Result<EnrolledTotp> {
        let context = &self.context;
        let confirmed = context.confirm_password(caller, origin, command.0).await?;
        context.clear(&confirmed.guarded).await?;
        let user = &confirmed.user;
        if user.mfa_enabled {
            return Err(Conflict::MfaAlreadyEnabled.into());
        }
        let seed = TotpSeed::generate(context.ports.entropy.as_ref())?;
        let enrolled = context.ports.totp.enrol(user.id, &seed, account(user))?;
        let factor = TotpFactor {
            user_id: user.id,
            seed: enrolled.sealed.clone(),
            created_at: context.now(),
            confirmed_at: None,
            last_step: 0,
        };
        let unit = context.ports.store.begin().await?;
        if !unit.second_factors().enrol(&factor).await? {
            return Err(Conflict::MfaAlreadyEnabled.into());
        }
        unit.commit(&[]).await?;
        Ok(enrolled)
    }
}

/// What the app calls the account.
fn account(user: &User) -> &str {
    let address = user.email.as_ref().map(EmailAddress::as_str);
    let name = user.username.as_ref().map(Username::as_str);
    address.or(name).unwrap_or("account")
}

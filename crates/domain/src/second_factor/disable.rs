//! Giving up the second factor, or getting other recovery codes: both need the
//! password and the factor itself.

use secrecy::SecretString;

use super::{RecoveryCode, SecondFactor, SecondFactorCode, recovery_codes};
use crate::{
    audit::{AuditEvent, EventKind, Origin},
    caller::OwnSession,
    error::{Conflict, Forbidden, Result},
    mail::MailKind,
    store::UnitOfWork,
    throttle::Guarded,
    users::{PasswordAttempt, User},
    violation::Violations,
};

/// A change of the second factor, with both factors.
#[derive(Debug)]
pub struct ConfirmedChangeCommand {
    password: PasswordAttempt,
    code: SecondFactorCode,
}

impl ConfirmedChangeCommand {
    /// Checks `password` and `code`.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(
        password: Option<SecretString>,
        code: Option<SecretString>,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let password =
            violations.take_required("password", password, |text| PasswordAttempt::parse(&text));
        let code = violations.take_required("code", code, |text| SecondFactorCode::parse(&text));
        match (password, code) {
            (Some(password), Some(code)) => Ok(Self { password, code }),
            _ => Err(violations),
        }
    }
}

/// Somebody who has shown both factors; what is spent by it is not spent yet.
struct Shown {
    user: User,
    spent: super::verify::Spending,
    guarded: Guarded,
}

impl SecondFactor {
    /// Turns the second factor off; app and recovery codes are gone.
    ///
    /// Writes `mfa.disabled`, or `session.failed` where password or code are
    /// wrong. Mails [`MfaDisabled`](MailKind::MfaDisabled).
    ///
    /// # Errors
    /// `wrong_password`; `wrong_code`; `mfa_not_enabled`; `too_many_requests`;
    /// `invalid_token` where the account or the session is gone by now;
    /// `mfa_unavailable` for a code of the app where no [`Totp`](super::Totp) is
    /// set up, or none with a key; `internal` where the stored seed cannot be
    /// opened; `overloaded`; those of store and hasher.
    pub async fn disable(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ConfirmedChangeCommand,
    ) -> Result<()> {
        let shown = self.show_both(caller, origin, command).await?;
        let id = shown.user.id;
        let event = self.own_event(EventKind::MfaDisabled, caller, origin)?;
        let unit = self.context.ports.store.begin().await?;
        if !shown.spent.spend(unit.as_ref(), id).await? {
            drop(unit);
            return self.refuse(caller, origin).await;
        }
        if !unit.second_factors().remove(id).await? {
            return Err(Conflict::MfaNotEnabled.into());
        }
        self.finish(unit, shown, (MailKind::MfaDisabled, origin), &[event])
            .await
    }

    /// Puts other recovery codes in place of all before, shown this once.
    ///
    /// Writes no event, except `session.failed` where password or code are wrong.
    /// Mails [`RecoveryCodesRenewed`](MailKind::RecoveryCodesRenewed).
    ///
    /// # Errors
    /// As [`disable`](Self::disable).
    pub async fn renew_recovery_codes(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ConfirmedChangeCommand,
    ) -> Result<Vec<RecoveryCode>> {
        let shown = self.show_both(caller, origin, command).await?;
        let id = shown.user.id;
        let entropy = self.context.ports.entropy.as_ref();
        let (codes, hashes) = recovery_codes::generate(id, entropy)?;
        let unit = self.context.ports.store.begin().await?;
        if !shown.spent.spend(unit.as_ref(), id).await? {
            drop(unit);
            return self.refuse(caller, origin).await;
        }
        let factors = unit.second_factors();
        factors.replace_recovery_codes(id, &hashes).await?;
        self.finish(unit, shown, (MailKind::RecoveryCodesRenewed, origin), &[])
            .await?;
        Ok(codes)
    }

    async fn show_both(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ConfirmedChangeCommand,
    ) -> Result<Shown> {
        let context = &self.context;
        let confirmed = context
            .confirm_password(caller, origin, command.password)
            .await?;
        // The password was right, whatever comes of the code.
        context.clear(&confirmed.guarded).await?;
        let user = confirmed.user;
        if !user.mfa_enabled {
            return Err(Conflict::MfaNotEnabled.into());
        }
        let guarded = context.count_code(origin, user.id).await?;
        let Some(spent) = context.check_code(&user, &command.code).await? else {
            return self.refuse(caller, origin).await;
        };
        Ok(Shown {
            user,
            spent,
            guarded,
        })
    }

    /// Remembers a wrong code, or one that is spent already.
    async fn refuse<T>(&self, caller: &OwnSession, origin: &Origin) -> Result<T> {
        self.context.remember_failure(caller, origin).await?;
        Err(Forbidden::WrongCode.into())
    }

    fn own_event(
        &self,
        kind: EventKind,
        caller: &OwnSession,
        origin: &Origin,
    ) -> Result<AuditEvent> {
        let actor = caller.signed_in().actor();
        let event = self
            .context
            .event(self.context.now(), kind, &actor, origin)?;
        Ok(event
            .about(caller.signed_in().id())
            .in_session(caller.session_id()))
    }

    async fn finish(
        &self,
        unit: Box<dyn UnitOfWork>,
        shown: Shown,
        (kind, origin): (MailKind, &Origin),
        events: &[AuditEvent],
    ) -> Result<()> {
        if let Some(mail) = self.context.mail_to(kind, &shown.user, None, origin)? {
            unit.outbox().add(&mail).await?;
        }
        shown.guarded.clear(unit.as_ref()).await?;
        unit.commit(events).await
    }
}

//! The first code of an app: from now on it is asked for.

use secrecy::{ExposeSecret, SecretString};

use super::{RecoveryCode, SecondFactor, TotpCode, recovery_codes};
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::{Conflict, Forbidden, Result},
    mail::MailKind,
    violation::Violations,
};

/// The first code of an app.
#[derive(Debug)]
pub struct ConfirmTotpCommand(TotpCode);

impl ConfirmTotpCommand {
    /// Checks `code`.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(code: Option<SecretString>) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let code =
            violations.take_required("code", code, |text| TotpCode::parse(text.expose_secret()));
        match code {
            Some(code) => Ok(Self(code)),
            None => Err(violations),
        }
    }
}

impl SecondFactor {
    /// Turns the second factor on and gives recovery codes, which are shown
    /// this once. Sessions go on as they are.
    ///
    /// Writes `mfa.enabled`, or `session.failed` where the code is wrong. Mails
    /// [`MfaEnabled`](MailKind::MfaEnabled).
    ///
    /// # Errors
    /// `wrong_code`; `too_many_requests`; `mfa_not_enabled` where no app was
    /// enrolled; `mfa_already_enabled`, also where another app was enrolled at
    /// the same moment; `mfa_unavailable` where no
    /// [`Totp`](super::Totp) is set up, or none with a key; `invalid_token` where
    /// the account or the session is gone by now; `internal` where the stored
    /// seed cannot be opened; those of the store.
    pub async fn confirm(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: ConfirmTotpCommand,
    ) -> Result<Vec<RecoveryCode>> {
        let context = &self.context;
        let (ports, now) = (&context.ports, context.now());
        let id = caller.signed_in().id();
        let (user, _) = context.require_living_session(caller).await?;
        let factor = ports.store.second_factors().find(id).await?;
        let factor = factor.ok_or(Conflict::MfaNotEnabled)?;
        if factor.confirmed_at.is_some() {
            return Err(Conflict::MfaAlreadyEnabled.into());
        }
        let guarded = context.count_code(origin, id).await?;
        let step = ports
            .totp
            .matching_step(id, &factor.seed, &command.0, now)?;
        let Some(step) = step else {
            context.remember_failure(caller, origin).await?;
            return Err(Forbidden::WrongCode.into());
        };
        let (codes, hashes) = recovery_codes::generate(id, ports.entropy.as_ref())?;
        let actor = caller.signed_in().actor();
        let event = context
            .event(now, EventKind::MfaEnabled, &actor, origin)?
            .about(id)
            .in_session(caller.session_id());
        let mail = context.mail_to(MailKind::MfaEnabled, &user, None, origin)?;
        let unit = ports.store.begin().await?;
        let factors = unit.second_factors();
        if !factors.confirm(id, &factor.seed, step, now).await? {
            return Err(Conflict::MfaAlreadyEnabled.into());
        }
        factors.replace_recovery_codes(id, &hashes).await?;
        if let Some(mail) = &mail {
            unit.outbox().add(mail).await?;
        }
        guarded.clear(unit.as_ref()).await?;
        unit.commit(&[event]).await?;
        Ok(codes)
    }
}

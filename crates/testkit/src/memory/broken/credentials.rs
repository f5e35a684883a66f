//! Sets passwords, notes sign-ins and verified addresses, wrongly.

use userhub_domain::{
    Result,
    clock::Timestamp,
    error::Conflict,
    users::{AuthVersion, EmailAddress, PasswordHash, User, UserId, UserWriter},
};

use super::{BrokenUnitOfWork, Defect, readers::milliseconds};
use crate::memory::state::State;

impl BrokenUnitOfWork {
    pub(super) async fn set_password_wrongly(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        let of = |state: &State| state.users.get(&id).map(|one| one.auth_version);
        let current = self.meddle(|state| of(state)).unwrap_or(expected);
        let expected = match self.store.defect {
            Defect::NumberNotCompared => current,
            Defect::NumberBeforeItsTurn if of(&self.before) == Some(expected) => current,
            _ => expected,
        };
        let cut: String = password_hash.expose().chars().take(255).collect();
        let done = match self.store.defect {
            Defect::HashesCut => {
                let hash = PasswordHash::new(cut);
                self.inner().set_password(id, &hash, expected).await
            }
            Defect::DeletedGetPasswords => self.inner().write(|state| {
                let stored = state
                    .user_mut(id)
                    .filter(|one| one.auth_version == expected);
                let stored = stored.ok_or(Conflict::Stale)?;
                stored.password_hash = password_hash.clone();
                stored.auth_version = expected.next();
                Ok(stored.auth_version)
            }),
            _ => self.inner().set_password(id, password_hash, expected).await,
        };
        if done.is_ok() {
            self.meddle(|state| match (state.user_mut(id), self.store.defect) {
                (Some(stored), Defect::PasswordKeepsNumber) => stored.auth_version = expected,
                (Some(stored), Defect::PasswordTakesSecondFactor) => {
                    stored.change(|record| record.mfa_enabled = false);
                }
                _ => {}
            });
        }
        self.done(done)
    }

    pub(super) async fn record_login_wrongly(&self, id: UserId, at: Timestamp) -> Result<bool> {
        let at = match self.store.defect {
            Defect::TimesCutToMilliseconds => milliseconds(at),
            _ => at,
        };
        let done = self.inner().record_login(id, at).await;
        let done = done.map(|is_there| is_there || self.is(Defect::NobodySignsIn));
        if done.is_ok() && self.is(Defect::LoginMovesVersion) {
            self.meddle(|state| {
                if let Some(stored) = state.user_mut(id) {
                    let mut record = stored.user.record().clone();
                    record.version = record.version.next();
                    stored.user = User::from_record(record);
                }
            });
        }
        self.done(done)
    }

    pub(super) async fn verify_wrongly(
        &self,
        id: UserId,
        email: &EmailAddress,
        at: Timestamp,
    ) -> Result<bool> {
        let before = self.meddle(|state| state.users.get(&id).map(|one| one.user.clone()));
        let is_suspended = before.as_ref().is_some_and(|user| user.suspended);
        let email = match before.as_ref().and_then(|user| user.email.clone()) {
            Some(own) if self.is(Defect::AnyAddressVerified) => own,
            Some(own) if self.is(Defect::AddressComparedByCase) && own != *email => {
                return self.done(Ok(false));
            }
            _ if self.is(Defect::VerifyingRefusesSuspended) && is_suspended => {
                return self.done(Ok(false));
            }
            _ => email.clone(),
        };
        let done = self.inner().verify_email(id, &email, at).await;
        if let (Some(before), Ok(true)) = (before, &done) {
            self.meddle(|state| {
                let Some(stored) = state.user_mut(id) else {
                    return;
                };
                stored.change(|record| match self.store.defect {
                    Defect::VerifyingKeepsVersion => record.version = before.version,
                    Defect::VerifyingMovesAlways => record.version = before.version.next(),
                    _ => {}
                });
            });
        }
        self.done(done)
    }
}

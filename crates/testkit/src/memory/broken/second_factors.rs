//! Reads and writes second factors, wrongly.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    clock::Timestamp,
    second_factor::{
        RecoveryCodeHash, SealedSeed, SecondFactorReader, SecondFactorWriter, TotpFactor,
    },
    users::UserId,
};

use super::{BrokenStore, BrokenUnitOfWork, Defect, readers::milliseconds};

#[async_trait]
impl SecondFactorReader for BrokenStore {
    async fn find(&self, user: UserId) -> Result<Option<TotpFactor>> {
        SecondFactorReader::find(&self.inner, user).await
    }

    async fn count_recovery_codes(&self, user: UserId) -> Result<u32> {
        self.inner.count_recovery_codes(user).await
    }
}

impl BrokenUnitOfWork {
    fn factor(&self, user: UserId) -> Option<TotpFactor> {
        self.meddle(|state| state.factors.get(&user).cloned())
    }

    fn meddle_with_factor(&self, user: UserId, change: impl FnOnce(&mut TotpFactor)) {
        self.meddle(|state| state.factors.get_mut(&user).map(change));
    }

    /// What a verb leaves on the user that should have been left alone, or
    /// the other way round.
    fn spoil_owner(&self, user: UserId, was_enabled: bool) {
        let defect = self.store.defect;
        self.meddle(|state| {
            let Some(stored) = state.user_mut(user) else {
                return;
            };
            stored.change(|record| match defect {
                Defect::FactorMovesVersion => record.version = record.version.next(),
                Defect::FactorNotOnTheUser => record.mfa_enabled = was_enabled,
                _ => {}
            });
        });
    }

    fn is_enabled(&self, user: UserId) -> bool {
        self.meddle(|state| {
            state
                .users
                .get(&user)
                .is_some_and(|one| one.user.mfa_enabled)
        })
    }

    /// Whose a recovery code is.
    fn owner_of_code(&self, code: &RecoveryCodeHash) -> Option<UserId> {
        self.meddle(|state| {
            let mut all = state.recovery_codes.iter();
            all.find(|(_, codes)| codes.contains(code))
                .map(|(user, _)| *user)
        })
    }
}

#[async_trait]
impl SecondFactorWriter for BrokenUnitOfWork {
    async fn enrol(&self, factor: &TotpFactor) -> Result<bool> {
        let mut stored = factor.clone();
        match (self.store.defect, self.factor(factor.user_id)) {
            (Defect::EnrolKeepsItsTime, Some(other)) => stored.created_at = other.created_at,
            (Defect::EnrolKeepsStep, Some(other)) => stored.last_step = other.last_step,
            _ => {}
        }
        match self.store.defect {
            Defect::FactorForgetsStep => stored.last_step = 0,
            Defect::TimesCutToMilliseconds => stored.created_at = milliseconds(stored.created_at),
            Defect::SeedsCut => {
                let seed = stored.seed.as_bytes();
                stored.seed = SealedSeed::new(seed.iter().copied().take(64).collect());
            }
            Defect::ConfirmedReplaced => {
                self.meddle(|state| state.factors.remove(&factor.user_id));
            }
            _ => {}
        }
        let done = self.inner().enrol(&stored).await;
        self.done(done)
    }

    async fn confirm(
        &self,
        user: UserId,
        seed: &SealedSeed,
        step: i64,
        at: Timestamp,
    ) -> Result<bool> {
        let was_enabled = self.is_enabled(user);
        let before = self.before.factors.get(&user);
        let was_open = before.is_some_and(|one| one.confirmed_at.is_none() && one.seed == *seed);
        if self.is(Defect::ConfirmedBeforeItsTurn) && was_open {
            self.meddle_with_factor(user, |factor| factor.confirmed_at = None);
        }
        let seed = match self.factor(user) {
            Some(factor) if self.is(Defect::AnySeedConfirmed) => factor.seed,
            _ => seed.clone(),
        };
        let done = self.inner().confirm(user, &seed, step, at).await;
        if let Ok(true) = done {
            self.spoil_owner(user, was_enabled);
            if self.is(Defect::ConfirmingSpendsNoStep) {
                self.meddle_with_factor(user, |factor| factor.last_step = 0);
            }
        }
        self.done(done)
    }

    async fn spend_step(&self, user: UserId, step: i64) -> Result<bool> {
        let before = self.before.factors.get(&user).map(|one| one.last_step);
        self.meddle_with_factor(user, |factor| match self.store.defect {
            Defect::StepsSpentAgain => factor.last_step -= 1,
            Defect::EarlierStepsPass if factor.last_step != step => factor.last_step = 0,
            Defect::StepBeforeItsTurn => factor.last_step = before.unwrap_or(factor.last_step),
            Defect::UnconfirmedSpend => factor.confirmed_at = Some(factor.created_at),
            _ => {}
        });
        let done = self.inner().spend_step(user, step).await;
        self.done(done)
    }

    async fn replace_recovery_codes(&self, user: UserId, codes: &[RecoveryCodeHash]) -> Result<()> {
        let earlier = self.meddle(|state| state.recovery_codes.get(&user).cloned());
        let done = self.inner().replace_recovery_codes(user, codes).await;
        if let (Some(earlier), true) = (earlier, self.is(Defect::EarlierCodesKept)) {
            self.meddle(|state| {
                let codes = state.recovery_codes.entry(user).or_default();
                codes.extend(earlier);
            });
        }
        self.done(done)
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCodeHash) -> Result<bool> {
        let user = match self.owner_of_code(code) {
            Some(owner) if self.is(Defect::CodesOfAnybody) => owner,
            _ => user,
        };
        let codes = self.before.recovery_codes.get(&user);
        let was_unused = codes.is_some_and(|codes| codes.contains(code));
        let mut done = self.inner().use_recovery_code(user, code).await;
        if self.is(Defect::CodeBeforeItsTurn) && was_unused {
            done = done.map(|_| true);
        }
        if let (Ok(true), true) = (&done, self.is(Defect::CodesUsedAgain)) {
            self.meddle(|state| state.recovery_codes.entry(user).or_default().push(*code));
        }
        self.done(done)
    }

    async fn remove(&self, user: UserId) -> Result<bool> {
        let was_enabled = self.is_enabled(user);
        let was_there = self.factor(user).is_some();
        let codes = self.meddle(|state| state.recovery_codes.get(&user).cloned());
        let mut done = self.inner().remove(user).await;
        if self.is(Defect::UnconfirmedCountAsRemoved) {
            done = done.map(|_| was_there);
        }
        if let Ok(true) = done {
            self.spoil_owner(user, was_enabled);
        }
        let leaves_codes = self.is(Defect::RemovalLeavesCodes)
            || self.is(Defect::UnconfirmedLeavesCodes) && matches!(done, Ok(false));
        if let (Some(codes), true) = (codes, leaves_codes) {
            self.meddle(|state| state.recovery_codes.insert(user, codes));
        }
        if self.is(Defect::UnconfirmedLeavesMark) && matches!(done, Ok(false)) {
            self.meddle(|state| {
                if let Some(stored) = state.user_mut(user) {
                    stored.change(|record| record.mfa_enabled = was_enabled);
                }
            });
        }
        self.done(done)
    }
}

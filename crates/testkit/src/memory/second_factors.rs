//! Reads and writes second factors.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    clock::Timestamp,
    second_factor::{
        RecoveryCodeHash, SealedSeed, SecondFactorReader, SecondFactorWriter, TotpFactor,
    },
    users::UserId,
};

use super::{MemoryStore, MemoryUnitOfWork, state::State};

#[async_trait]
impl SecondFactorReader for MemoryStore {
    async fn find(&self, user: UserId) -> Result<Option<TotpFactor>> {
        Ok(self.read()?.factors.get(&user).cloned())
    }

    async fn count_recovery_codes(&self, user: UserId) -> Result<u32> {
        let state = self.read()?;
        let codes = state.recovery_codes.get(&user).map_or(0, Vec::len);
        Ok(codes.try_into().unwrap_or(u32::MAX))
    }
}

#[async_trait]
impl SecondFactorWriter for MemoryUnitOfWork {
    async fn enrol(&self, factor: &TotpFactor) -> Result<bool> {
        self.write(|state| {
            state.require_user(factor.user_id, "a second factor of nobody")?;
            let is_free = !is_confirmed(state, factor.user_id);
            if is_free {
                state.factors.insert(factor.user_id, factor.clone());
            }
            Ok(is_free)
        })
    }

    async fn confirm(
        &self,
        user: UserId,
        seed: &SealedSeed,
        step: i64,
        at: Timestamp,
    ) -> Result<bool> {
        self.write(|state| {
            let factor = state.factors.get_mut(&user);
            let is_meant = |one: &&mut TotpFactor| one.confirmed_at.is_none() && one.seed == *seed;
            let Some(factor) = factor.filter(is_meant) else {
                return Ok(false);
            };
            factor.confirmed_at = Some(at);
            factor.last_step = step;
            show_on_user(state, user, true);
            Ok(true)
        })
    }

    async fn spend_step(&self, user: UserId, step: i64) -> Result<bool> {
        self.write(|state| {
            let factor = state.factors.get_mut(&user);
            let is_unspent =
                |one: &&mut TotpFactor| one.confirmed_at.is_some() && step > one.last_step;
            let Some(factor) = factor.filter(is_unspent) else {
                return Ok(false);
            };
            factor.last_step = step;
            Ok(true)
        })
    }

    async fn replace_recovery_codes(&self, user: UserId, codes: &[RecoveryCodeHash]) -> Result<()> {
        self.write(|state| {
            state.require_user(user, "recovery codes of nobody")?;
            state.recovery_codes.insert(user, codes.to_vec());
            Ok(())
        })
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCodeHash) -> Result<bool> {
        self.write(|state| {
            let Some(codes) = state.recovery_codes.get_mut(&user) else {
                return Ok(false);
            };
            let before = codes.len();
            codes.retain(|one| one != code);
            Ok(codes.len() < before)
        })
    }

    async fn remove(&self, user: UserId) -> Result<bool> {
        self.write(|state| {
            let was_confirmed = is_confirmed(state, user);
            state.factors.remove(&user);
            state.recovery_codes.remove(&user);
            show_on_user(state, user, false);
            Ok(was_confirmed)
        })
    }
}

fn is_confirmed(state: &State, user: UserId) -> bool {
    let factor = state.factors.get(&user);
    factor.is_some_and(|one| one.confirmed_at.is_some())
}

/// Moves neither the version nor `updated_at`.
fn show_on_user(state: &mut State, user: UserId, enabled: bool) {
    if let Some(stored) = state.user_mut(user) {
        stored.change(|record| record.mfa_enabled = enabled);
    }
}

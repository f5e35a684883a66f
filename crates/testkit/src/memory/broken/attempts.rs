//! Counts attempts, wrongly.

use async_trait::async_trait;
use chrono::TimeDelta;
use userhub_domain::{
    Result,
    clock::Timestamp,
    throttle::{AttemptKey, AttemptRule, AttemptWriter, Counted},
};

use super::{BrokenUnitOfWork, Defect, readers::milliseconds};

impl BrokenUnitOfWork {
    /// The key that a store with this defect counts under.
    fn counted_under(&self, key: AttemptKey) -> AttemptKey {
        match self.store.defect {
            Defect::AttemptKeysRunTogether => AttemptKey::new("all", ""),
            _ => key,
        }
    }

    /// Makes the copy what a store with this defect takes it for.
    fn mistake_attempts(&self, key: AttemptKey) {
        self.meddle(|state| match self.store.defect {
            Defect::AttemptsNeverForgotten => {
                if let Some(stored) = state.attempts.get_mut(&key) {
                    stored.forgotten_at = Timestamp::MAX_UTC;
                }
            }
            Defect::AttemptsBeforeTheirTurn => {
                state.attempts.remove(&key);
                let before = self.before.attempts.get(&key).cloned();
                state.attempts.extend(before.map(|stored| (key, stored)));
            }
            _ => {}
        });
    }
}

#[async_trait]
impl AttemptWriter for BrokenUnitOfWork {
    async fn count(&self, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Result<Counted> {
        let key = self.counted_under(key);
        let mut rule = *rule;
        if self.is(Defect::DelaysDoNotDouble) {
            rule.longest_delay = rule.first_delay;
        }
        let now = match self.store.defect {
            Defect::TimesCutToMilliseconds => milliseconds(now),
            _ => now,
        };
        self.mistake_attempts(key);
        let done = AttemptWriter::count(self.inner(), key, &rule, now).await;
        if let (Ok(Counted::Blocked(_)), true) = (&done, self.is(Defect::BlockedAttemptsCount)) {
            self.meddle(|state| {
                if let Some(stored) = state.attempts.get_mut(&key) {
                    stored.count += 1;
                }
            });
        }
        if self.is(Defect::AttemptsOutsideTheUnit) {
            self.publish();
        }
        self.done(done)
    }

    async fn forget(&self, key: AttemptKey) -> Result<()> {
        let key = self.counted_under(key);
        let stored = self.meddle(|state| state.attempts.get(&key).cloned());
        let done = self.inner().forget(key).await;
        if let (Some(mut stored), true) = (stored, self.is(Defect::ForgettingKeepsTheWait)) {
            stored.count = 0;
            self.meddle(|state| state.attempts.insert(key, stored));
        }
        self.done(done)
    }

    async fn take_back(&self, key: AttemptKey) -> Result<()> {
        let key = self.counted_under(key);
        let wait = self.meddle(|state| state.attempts.get(&key).map(|one| one.blocked_until));
        let done = match self.store.defect {
            Defect::TakingBackForgetsAll => self.inner().forget(key).await,
            _ => self.inner().take_back(key).await,
        };
        self.meddle(|state| {
            let stored = state.attempts.get_mut(&key);
            match (stored, wait, self.store.defect) {
                (Some(stored), Some(wait), Defect::TakingBackKeepsTheWait) => {
                    stored.blocked_until = wait;
                }
                (Some(stored), _, Defect::TakingBackProlongs) => {
                    stored.forgotten_at = Timestamp::MAX_UTC;
                }
                _ => {}
            }
        });
        self.done(done)
    }

    async fn remove_forgotten(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let (before, limit) = match self.store.defect {
            Defect::RemovalWithoutLimit => (before, u32::MAX),
            Defect::AttemptsOfTheMomentRemoved => (before + TimeDelta::microseconds(1), limit),
            Defect::LivingAttemptsRemoved => (Timestamp::MAX_UTC, limit),
            _ => (before, limit),
        };
        let done = self.inner().remove_forgotten(before, limit).await;
        self.done(done)
    }
}

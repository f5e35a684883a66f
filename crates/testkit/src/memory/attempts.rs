//! Counts attempts.

use async_trait::async_trait;
use chrono::TimeDelta;
use userhub_domain::{
    Result,
    clock::Timestamp,
    throttle::{AttemptKey, AttemptRule, AttemptWriter, Counted},
};

use super::{
    MemoryUnitOfWork,
    state::{State, StoredAttempts},
};

#[async_trait]
impl AttemptWriter for MemoryUnitOfWork {
    async fn count(&self, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Result<Counted> {
        self.write(|state| Ok(count(state, key, rule, now)))
    }

    async fn forget(&self, key: AttemptKey) -> Result<()> {
        self.write(|state| {
            state.attempts.remove(&key);
            Ok(())
        })
    }

    async fn take_back(&self, key: AttemptKey) -> Result<()> {
        self.write(|state| {
            if let Some(stored) = state.attempts.get_mut(&key) {
                stored.count = stored.count.saturating_sub(1);
                stored.blocked_until = None;
            }
            Ok(())
        })
    }

    async fn remove_forgotten(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|state| {
            let over: Vec<AttemptKey> = state
                .attempts
                .iter()
                .filter(|(_, stored)| stored.forgotten_at < before)
                .map(|(key, _)| *key)
                .take(limit.try_into().unwrap_or(usize::MAX))
                .collect();
            state.attempts.retain(|key, _| !over.contains(key));
            Ok(over.len().try_into().unwrap_or(u64::MAX))
        })
    }
}

fn count(state: &mut State, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Counted {
    let remembered = state
        .attempts
        .get(&key)
        .filter(|stored| now < stored.forgotten_at);
    let blocked_until = remembered.and_then(|stored| stored.blocked_until);
    if let Some(until) = blocked_until.filter(|until| now < *until) {
        return Counted::Blocked(until);
    }
    let count = remembered.map_or(1, |stored| stored.count.saturating_add(1));
    let delay = rule.delay_after(count);
    let stored = StoredAttempts {
        count,
        blocked_until: delay.map(|delay| now + delay),
        forgotten_at: now + delay.unwrap_or(TimeDelta::zero()) + rule.forgotten_after,
    };
    state.attempts.insert(key, stored);
    Counted::Allowed(count)
}

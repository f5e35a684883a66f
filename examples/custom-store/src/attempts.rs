//! Counts attempts. Only one unit of work at a time writes, so that nothing
//! comes between reading a count and writing the next.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Result,
    clock::Timestamp,
    throttle::{AttemptKey, AttemptRule, AttemptWriter, Counted},
};

use crate::{
    rows::{micros, time},
    tables,
    unit_of_work::RedbUnitOfWork,
};

#[derive(Serialize, Deserialize)]
struct AttemptsRow {
    count: u32,
    blocked_until: Option<i64>,
    forgotten_at: i64,
}

fn load(transaction: &WriteTransaction, key: AttemptKey) -> Result<Option<AttemptsRow>> {
    let attempts = tables::write(transaction, tables::ATTEMPTS)?;
    tables::row(&attempts, key.as_bytes())
}

fn save(transaction: &WriteTransaction, key: AttemptKey, row: &AttemptsRow) -> Result<()> {
    let mut attempts = tables::write(transaction, tables::ATTEMPTS)?;
    tables::put(&mut attempts, key.as_bytes(), row)
}

fn count(
    transaction: &WriteTransaction,
    key: AttemptKey,
    rule: &AttemptRule,
    now: Timestamp,
) -> Result<Counted> {
    let stored = load(transaction, key)?;
    let remembered = stored.filter(|row| micros(now) < row.forgotten_at);
    let blocked_until = remembered.as_ref().and_then(|row| row.blocked_until);
    if let Some(until) = blocked_until.filter(|until| micros(now) < *until) {
        return Ok(Counted::Blocked(time(until)?));
    }
    let count = remembered.map_or(1, |row| row.count.saturating_add(1));
    let blocked_until = rule.delay_after(count).map(|delay| now + delay);
    let row = AttemptsRow {
        count,
        blocked_until: blocked_until.map(micros),
        forgotten_at: micros(blocked_until.unwrap_or(now) + rule.forgotten_after),
    };
    save(transaction, key, &row)?;
    Ok(Counted::Allowed(count))
}

#[async_trait]
impl AttemptWriter for RedbUnitOfWork {
    async fn count(&self, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Result<Counted> {
        self.write(|transaction| count(transaction, key, rule, now))
    }

    async fn forget(&self, key: AttemptKey) -> Result<()> {
        self.write(|transaction| {
            let mut attempts = tables::write(transaction, tables::ATTEMPTS)?;
            tables::remove(&mut attempts, key.as_bytes()).map(drop)
        })
    }

    async fn take_back(&self, key: AttemptKey) -> Result<()> {
        self.write(|transaction| {
            load(transaction, key)?.map_or(Ok(()), |mut row| {
                row.count = row.count.saturating_sub(1);
                row.blocked_until = None;
                save(transaction, key, &row)
            })
        })
    }

    async fn remove_forgotten(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|transaction| {
            let is_over = |row: &AttemptsRow| row.forgotten_at < micros(before);
            tables::remove_where(transaction, tables::ATTEMPTS, limit, is_over)
        })
    }
}

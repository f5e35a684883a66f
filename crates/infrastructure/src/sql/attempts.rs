//! Counts attempts: one statement, which no other comes between.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Statement, Value,
    sea_query::{LockBehavior, LockType},
};
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    throttle::{AttemptKey, AttemptRule, AttemptWriter, Counted},
};

use super::{
    entity::attempts::{Column, Entity},
    stored::{nonsense, row},
    unit_of_work::SqlUnitOfWork,
};

const TABLE: &str = "attempts";

/// Inserts the first attempt ($7 and $8 are its moments), or counts one more
/// where nothing is blocked at $2; no row comes back where it is. The delay
/// after attempt n is $3 doubled n - $5 times, and $4 from $6 doublings on; the
/// count is forgotten $9 after it.
const COUNT: &str = "\
INSERT INTO attempts (key, count, blocked_until, forgotten_at) \
VALUES ($1, 1, $7, $8) \
ON CONFLICT (key) DO UPDATE SET (count, blocked_until, forgotten_at) = (\
    SELECT next.attempt, \
        CAST($2 AS bigint) + next.delay, \
        CAST($2 AS bigint) + COALESCE(next.delay, 0) + CAST($9 AS bigint) \
    FROM (\
        SELECT one.attempt, CASE \
            WHEN one.attempt < CAST($5 AS bigint) THEN NULL \
            WHEN one.attempt - CAST($5 AS bigint) >= CAST($6 AS bigint) THEN CAST($4 AS bigint) \
            ELSE CAST($3 AS bigint) << CAST(one.attempt - CAST($5 AS bigint) AS integer) \
        END AS delay \
        FROM (\
            SELECT CASE WHEN attempts.forgotten_at <= CAST($2 AS bigint) THEN 1 \
                ELSE attempts.count + 1 END AS attempt\
        ) AS one\
    ) AS next\
) \
WHERE attempts.blocked_until IS NULL \
    OR attempts.blocked_until <= CAST($2 AS bigint) \
    OR attempts.forgotten_at <= CAST($2 AS bigint) \
RETURNING count";

/// No span of time is longer here, about 73 000 years: sums of three stay far
/// from the end of what 64 bits hold.
const LONGEST: i64 = i64::MAX / 4;

/// A rule as the statement calculates with it, in microseconds.
struct Steps {
    first_delay: i64,
    longest_delay: i64,
    free: i64,
    /// From this doubling on the delay is the longest; below, doubling stays
    /// within 64 bits.
    doublings: i64,
    forgotten_after: i64,
}

impl Steps {
    fn of(rule: &AttemptRule) -> Self {
        let free = rule.free.max(1);
        let is_longest = |doublings: &u32| {
            let delay = rule.delay_after(free.saturating_add(*doublings));
            delay.is_none_or(|delay| delay >= rule.longest_delay)
        };
        // A factor of 2^31 is more than the rule calculates with.
        let doublings = (0..31).find(is_longest).unwrap_or(31);
        Self {
            first_delay: microseconds(rule.first_delay),
            longest_delay: microseconds(rule.longest_delay),
            free: free.into(),
            doublings: doublings.into(),
            forgotten_after: microseconds(rule.forgotten_after),
        }
    }
}

fn microseconds(span: TimeDelta) -> i64 {
    let all = span.num_microseconds().unwrap_or(LONGEST);
    all.min(LONGEST)
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[derive(FromQueryResult)]
struct BlockedRow {
    blocked_until: Option<i64>,
}

impl SqlUnitOfWork {
    fn count_statement(&self, key: AttemptKey, rule: &AttemptRule, now: i64) -> Statement {
        let steps = Steps::of(rule);
        let first = rule.delay_after(1).map(microseconds);
        let values: [Value; 9] = [
            key.as_bytes().to_vec().into(),
            now.into(),
            steps.first_delay.into(),
            steps.longest_delay.into(),
            steps.free.into(),
            steps.doublings.into(),
            first.map(|delay| now + delay).into(),
            (now + first.unwrap_or(0) + steps.forgotten_after).into(),
            steps.forgotten_after.into(),
        ];
        Statement::from_sql_and_values(self.backend(), COUNT, values)
    }

    /// Until when a key is blocked, after the statement has found that it is:
    /// its row is locked since then.
    async fn blocked_until(&self, key: AttemptKey) -> Result<Timestamp> {
        let statement = Entity::find()
            .select_only()
            .column(Column::BlockedUntil)
            .filter(Column::Key.eq(key.as_bytes().to_vec()))
            .build(self.backend());
        let found = self.row(TABLE, statement).await?;
        let stored = found
            .map(|found| row::<BlockedRow>(TABLE, "", &found))
            .transpose()?;
        stored
            .and_then(|stored| stored.blocked_until)
            .and_then(DateTime::from_timestamp_micros)
            .ok_or_else(|| nonsense(TABLE, "blocked_until", "a key that is blocked"))
    }
}

#[async_trait]
impl AttemptWriter for SqlUnitOfWork {
    async fn count(&self, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Result<Counted> {
        let statement = self.count_statement(key, rule, now.timestamp_micros());
        match self.row(TABLE, statement).await? {
            Some(found) => {
                let count = row::<CountRow>(TABLE, "", &found)?.count;
                let count = u32::try_from(count)
                    .map_err(|_| Error::internal("attempts.count is more than can be"))?;
                Ok(Counted::Allowed(count))
            }
            None => self.blocked_until(key).await.map(Counted::Blocked),
        }
    }

    async fn forget(&self, key: AttemptKey) -> Result<()> {
        let statement = Entity::delete_many()
            .filter(Column::Key.eq(key.as_bytes().to_vec()))
            .build(self.backend());
        self.run(TABLE, statement).await?;
        Ok(())
    }

    async fn take_back(&self, key: AttemptKey) -> Result<()> {
        let sql = "UPDATE attempts SET blocked_until = NULL, \
                   count = CASE WHEN count > 0 THEN count - 1 ELSE 0 END WHERE key = $1";
        let key = key.as_bytes().to_vec();
        let statement = Statement::from_sql_and_values(self.backend(), sql, [key.into()]);
        self.run(TABLE, statement).await?;
        Ok(())
    }

    async fn remove_forgotten(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let over = Entity::find()
            .select_only()
            .column(Column::Key)
            .filter(Column::ForgottenAt.lt(before.timestamp_micros()))
            .order_by_asc(Column::Key)
            .limit(u64::from(limit))
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let statement = Entity::delete_many()
            .filter(Column::Key.in_subquery(over.into_query()))
            .build(self.backend());
        self.run(TABLE, statement).await
    }
}

//! The statement that counts attempts agrees with the rule, however often.

use chrono::{TimeDelta, TimeZone, Utc};
use userhub_domain::{
    clock::Timestamp,
    store::{Store, UnitOfWork},
    throttle::{AttemptKey, AttemptRule, Counted, ThrottlePolicy},
};

use crate::database::TestDatabase;

fn start() -> Timestamp {
    Utc.timestamp_opt(1_790_000_000, 0)
        .single()
        .expect("a moment")
}

/// Rules of every kind, sensible or not.
fn rules() -> Vec<AttemptRule> {
    let policy = ThrottlePolicy::default();
    let usual = policy.password_of_account;
    let (second, year) = (TimeDelta::seconds(1), TimeDelta::days(365));
    let rule = |free, first_delay, longest_delay| AttemptRule {
        free,
        first_delay,
        longest_delay,
        ..usual
    };
    vec![
        usual,
        policy.code_of_account,
        policy.mail_of_address,
        rule(0, second, year),
        rule(1, TimeDelta::zero(), second),
        rule(2, second, TimeDelta::zero()),
        rule(3, second * 60, second),
        rule(2, second * 7, second * 100),
        // Longer than doubling 31 times gives: the rule stops doubling there.
        rule(1, second, year * 200),
        rule(1, TimeDelta::microseconds(1), year * 200),
        // More than the doubled delay can hold.
        rule(1, year * 250, year * 260),
    ]
}

/// Counts as soon as that is allowed, 40 times.
async fn count_in_a_row(unit: &dyn UnitOfWork, key: AttemptKey, rule: &AttemptRule) {
    let instant = TimeDelta::microseconds(1);
    let mut now = start();
    for attempt in 1..=40 {
        let counted = unit
            .attempts()
            .count(key, rule, now)
            .await
            .expect("counted");
        assert_eq!(counted, Counted::Allowed(attempt), "{rule:?}");
        let delay = rule.delay_after(attempt).unwrap_or_default();
        let until = now + delay;
        if until > now {
            for early in [now, until - instant] {
                let blocked = unit.attempts().count(key, rule, early).await;
                let expected = Counted::Blocked(until);
                assert_eq!(blocked.expect("asked"), expected, "{attempt} {rule:?}");
            }
        }
        now = until;
        if now > start() + TimeDelta::days(365 * 2_000) {
            break;
        }
    }
}

/// Up to the moment at which the count is forgotten it goes on.
async fn forget_in_time(unit: &dyn UnitOfWork, key: AttemptKey, rule: &AttemptRule) {
    let after = |now: Timestamp, attempt| {
        now + rule.delay_after(attempt).unwrap_or_default() + rule.forgotten_after
    };
    let count = async |now| {
        unit.attempts()
            .count(key, rule, now)
            .await
            .expect("counted")
    };
    let forgotten = after(start(), 1);
    assert_eq!(count(start()).await, Counted::Allowed(1));
    let last = forgotten - TimeDelta::microseconds(1);
    assert_eq!(count(last).await, Counted::Allowed(2), "{rule:?}");
    assert_eq!(count(after(last, 2)).await, Counted::Allowed(1), "{rule:?}");
}

async fn attempts_agree_with_the_rule(database: TestDatabase) {
    let store = database.prepared().await;
    for (number, rule) in rules().iter().enumerate() {
        let unit = store.begin().await.expect("begun");
        let key = |kind| AttemptKey::new(kind, &number.to_string());
        count_in_a_row(unit.as_ref(), key("row"), rule).await;
        forget_in_time(unit.as_ref(), key("time"), rule).await;
        unit.commit(&[]).await.expect("committed");
    }
}

#[tokio::test]
async fn attempts_agree_with_the_rule_on_sqlite() {
    attempts_agree_with_the_rule(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn attempts_agree_with_the_rule_on_postgres() {
    attempts_agree_with_the_rule(TestDatabase::postgres().await).await;
}

//! How many attempts are free, and how long one waits after that.

use chrono::TimeDelta;

use crate::policy::bounded;

/// How attempts of one kind are slowed down. The waits double; nobody is locked
/// out for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptRule {
    /// How many attempts in a row are free of waiting; 0 counts as 1.
    pub free: u32,
    /// The wait after the last free attempt; each further attempt doubles it.
    pub first_delay: TimeDelta,
    /// The longest wait.
    pub longest_delay: TimeDelta,
    /// How long after the last wait the count begins anew.
    pub forgotten_after: TimeDelta,
}

impl AttemptRule {
    /// How long to wait after an attempt, the first one being number 1.
    pub fn delay_after(&self, attempt: u32) -> Option<TimeDelta> {
        let doublings = attempt.checked_sub(self.free.max(1))?;
        let factor = 1_i32.checked_shl(doublings).filter(|one| *one > 0);
        let delay = factor.and_then(|factor| self.first_delay.checked_mul(factor));
        Some(delay.map_or(self.longest_delay, |delay| delay.min(self.longest_delay)))
    }

    fn bounded(self) -> Self {
        Self {
            free: self.free,
            first_delay: bounded(self.first_delay),
            longest_delay: bounded(self.longest_delay),
            forgotten_after: bounded(self.forgotten_after),
        }
    }
}

/// What is slowed down, and how. A client is an IPv4 address, or the first 64
/// bits of an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// Whether attempts are slowed down at all; true by default.
    pub enabled: bool,
    /// Passwords of one account, or of one identifier that nobody has. By
    /// default 10 are free, then one waits 15 seconds to 1 day; forgotten after
    /// 1 day.
    pub password_of_account: AttemptRule,
    /// Passwords, codes and tokens from one client. By default 500 are free, then
    /// one waits 1 second to 1 minute; forgotten after 1 hour.
    pub password_of_client: AttemptRule,
    /// Codes of the second factor of one account. By default 5 are free, then one
    /// waits 15 seconds to 1 day; forgotten after 1 day.
    pub code_of_account: AttemptRule,
    /// Mails of one kind that one address is sent on somebody's request. What is
    /// too much is not sent, and the answer does not tell. By default 4 are free,
    /// then one waits 1 hour; forgotten after 1 hour.
    pub mail_of_address: AttemptRule,
    /// Requests for mails from one client. By default 100 are free, then one waits
    /// 1 second to 1 minute; forgotten after 1 hour.
    pub mail_of_client: AttemptRule,
    /// Registrations from one client. By default 1000 are free, then one waits 1
    /// second to 1 minute; forgotten after 1 hour.
    pub registration_of_client: AttemptRule,
    /// After how many failures in a row the owner is mailed about a sign-in that
    /// succeeds; 3 by default. 0 mails about every sign-in. Nobody is mailed
    /// while `enabled` is false, since nothing is counted then.
    pub failures_worth_a_notice: u32,
}

impl ThrottlePolicy {
    pub(crate) fn bounded(self) -> Self {
        Self {
            enabled: self.enabled,
            password_of_account: self.password_of_account.bounded(),
            password_of_client: self.password_of_client.bounded(),
            code_of_account: self.code_of_account.bounded(),
            mail_of_address: self.mail_of_address.bounded(),
            mail_of_client: self.mail_of_client.bounded(),
            registration_of_client: self.registration_of_client.bounded(),
            failures_worth_a_notice: self.failures_worth_a_notice,
        }
    }
}

impl Default for ThrottlePolicy {
    fn default() -> Self {
        let second = TimeDelta::seconds(1);
        let (minute, hour, day) = (second * 60, second * 3600, second * 86_400);
        let of_client = AttemptRule {
            free: 500,
            first_delay: second,
            longest_delay: minute,
            forgotten_after: hour,
        };
        Self {
            enabled: true,
            password_of_account: AttemptRule {
                free: 10,
                first_delay: second * 15,
                longest_delay: day,
                forgotten_after: day,
            },
            password_of_client: of_client,
            code_of_account: AttemptRule {
                free: 5,
                first_delay: second * 15,
                longest_delay: day,
                forgotten_after: day,
            },
            mail_of_address: AttemptRule {
                free: 4,
                first_delay: hour,
                longest_delay: hour,
                forgotten_after: hour,
            },
            mail_of_client: AttemptRule {
                free: 100,
                ..of_client
            },
            registration_of_client: AttemptRule {
                free: 1000,
                ..of_client
            },
            failures_worth_a_notice: 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_after_the_free_attempts_and_double_up_to_the_longest() {
        let rule = ThrottlePolicy::default().password_of_account;
        let seconds = |attempt| rule.delay_after(attempt).map(|delay| delay.num_seconds());
        assert_eq!(seconds(9), None);
        assert_eq!(seconds(10), Some(15));
        assert_eq!(seconds(11), Some(30));
        assert_eq!(seconds(14), Some(240));
        assert_eq!(seconds(23), Some(86_400));
        assert_eq!(seconds(u32::MAX), Some(86_400));
    }

    #[test]
    fn the_default_is_what_the_documentation_says() {
        let policy = ThrottlePolicy::default();
        let told = |rule: AttemptRule| {
            let times = [rule.first_delay, rule.longest_delay, rule.forgotten_after];
            (rule.free, times.map(|time| time.num_seconds()))
        };
        let (hour, day) = (3600, 86_400);
        assert_eq!(told(policy.password_of_account), (10, [15, day, day]));
        assert_eq!(told(policy.code_of_account), (5, [15, day, day]));
        assert_eq!(told(policy.mail_of_address), (4, [hour; 3]));
        assert_eq!(told(policy.password_of_client), (500, [1, 60, hour]));
        assert_eq!(told(policy.registration_of_client), (1000, [1, 60, hour]));
        assert_eq!(told(policy.mail_of_client), (100, [1, 60, hour]));
        assert_eq!(policy.failures_worth_a_notice, 3);
    }

    #[test]
    fn no_number_of_attempts_and_no_delay_is_too_large() {
        let rule = AttemptRule {
            free: 1,
            first_delay: TimeDelta::days(100_000),
            longest_delay: TimeDelta::MAX,
            forgotten_after: TimeDelta::zero(),
        };
        assert_eq!(rule.delay_after(1), Some(TimeDelta::days(100_000)));
        assert_eq!(rule.delay_after(31), Some(TimeDelta::MAX));
        assert_eq!(rule.delay_after(32), Some(TimeDelta::MAX));
    }

    #[test]
    fn at_least_one_attempt_is_free_of_waiting() {
        let rule = AttemptRule {
            free: 0,
            ..ThrottlePolicy::default().password_of_account
        };
        assert_eq!(rule.delay_after(0), None);
        assert_eq!(rule.delay_after(1), Some(TimeDelta::seconds(15)));
    }
}

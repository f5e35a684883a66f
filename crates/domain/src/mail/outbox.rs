//! A mail in the outbox, and how its delivery is tried.

use chrono::TimeDelta;

use super::{MailFailure, MailKind};
use crate::{
    audit::Origin,
    clock::Timestamp,
    text::kept_line,
    users::{AuthVersion, EmailAddress, UserId},
};

crate::id::id! {
    /// Names a mail.
    MailId
}

/// How often a mail is tried; with [`Mail::pause`] that is about a day.
const MOST_TRIES: u32 = 40;
/// How often a mail may go out where nobody knows whether it did.
const MOST_UNKNOWN: u32 = 2;
const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// How much is kept of why a try failed, in characters.
const LONGEST_ERROR: usize = 300;
/// How long a claim holds: longer than any mailer may take.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A mail that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names the mail.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Whose account it is about. Nobody's where somebody asked for an address
    /// without an account: such a mail is discarded when it is delivered, so
    /// that asking takes the same work for everybody.
    pub user_id: Option<UserId>,
    /// The user's `auth_version` when it was asked for; a token is made only while
    /// it is still the same. `None`: whatever it is when the token is made.
    pub auth_version: Option<AuthVersion>,
    /// To whom it goes.
    pub to: EmailAddress,
    /// The other address, for the kinds that are about two.
    pub other_address: Option<EmailAddress>,
    /// When what it is about happened.
    pub created_at: Timestamp,
    /// From where that was done.
    pub origin: Origin,
}

/// How far the delivery of a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailState {
    /// It is tried, or will be.
    Pending,
    /// It was given up: somebody has to look.
    Abandoned,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Pending, Self::Abandoned];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Abandoned => "abandoned",
        }
    }

    /// From its word.
    pub fn parse_stored(word: &str) -> Option<Self> {
        Self::parse(word).ok()
    }
}

crate::text_form::word!(MailState by as_str, "must be pending or abandoned");

/// What is known of the tries so far. A mail that was sent is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Pending or abandoned.
    pub state: MailState,
    /// How often it was claimed.
    pub tries: u32,
    /// After how many of those nobody knows whether it went out. A claim counts
    /// until it is settled, so a process that dies leaves it counted.
    pub unknown: u32,
    /// When it is tried next; while it is claimed, when the claim ends.
    pub due_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl Attempt {
    /// Of a mail that was just put into the outbox.
    pub fn first(now: Timestamp) -> Self {
        Self {
            state: MailState::Pending,
            tries: 0,
            unknown: 0,
            due_at: now,
            last_error: None,
        }
    }
}

/// A mail that is claimed: nobody else tries it before the claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: Mail,
    /// Its tries, this one counted in `tries` and in `unknown`; `due_at` is
    /// when the claim ends.
    pub attempt: Attempt,
}

/// How a claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is removed: sent, or nobody's any more.
    Remove,
    /// It stays in the outbox, with these tries.
    Keep(Attempt),
}

impl ClaimedMail {
    /// When a claim that is made now ends.
    pub fn lease_until(now: Timestamp) -> Timestamp {
        now + LEASE
    }

    /// Whether it may have gone out so often already that another try could be
    /// one too many.
    pub fn is_exhausted(&self) -> bool {
        self.attempt.unknown > MOST_UNKNOWN
    }

    /// What becomes of it after a failure. `spread` is 0 to 255 and spreads
    /// the next tries of many mails.
    pub fn after(&self, failure: &MailFailure, now: Timestamp, spread: u8) -> Attempt {
        let certainly_not = !matches!(failure, MailFailure::Unknown(_));
        let unknown = self.attempt.unknown - u32::from(certainly_not && self.attempt.unknown > 0);
        let is_over = matches!(failure, MailFailure::Refused(_))
            || self.attempt.tries >= MOST_TRIES
            || unknown >= MOST_UNKNOWN;
        Attempt {
            state: if is_over {
                MailState::Abandoned
            } else {
                MailState::Pending
            },
            unknown,
            due_at: now + self.mail.pause(now, spread),
            // A server's own words: one line, of what every store can keep.
            last_error: kept_line(&failure.to_string(), LONGEST_ERROR),
            ..self.attempt.clone()
        }
    }
}

impl Mail {
    /// How long to wait before the next try: half its age, so that the pauses
    /// grow by half each and an outage is over for mail soon after it is over;
    /// a second to an hour, a fifth more or less.
    fn pause(&self, now: Timestamp, spread: u8) -> TimeDelta {
        let half = (now - self.created_at) / 2;
        let pause = half.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        let percent = 80 + i32::from(spread) * 40 / 255;
        pause * percent / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn claimed(tries: u32, unknown: u32) -> ClaimedMail {
        let mail = Mail {
            id: MailId::from_uuid(uuid::Uuid::from_u128(1)),
            kind: MailKind::PasswordChanged,
            user_id: None,
            auth_version: None,
            to: EmailAddress::parse("ann@example.org").expect("an address"),
            other_address: None,
            created_at: at(0),
            origin: Origin::default(),
        };
        let attempt = Attempt {
            tries,
            unknown,
            ..Attempt::first(at(0))
        };
        ClaimedMail { mail, attempt }
    }

    #[test]
    fn pauses_grow_with_age_from_a_second_to_an_hour_and_are_spread() {
        let failure = MailFailure::NotSent("451".to_owned());
        let pause = |now: i64, spread| {
            let next = claimed(1, 1).after(&failure, at(now), spread);
            assert_eq!(next.state, MailState::Pending);
            next.due_at - at(now)
        };
        assert_eq!(pause(0, 255), TimeDelta::milliseconds(1200));
        assert_eq!(pause(0, 0), TimeDelta::milliseconds(800));
        assert_eq!(pause(600, 255), TimeDelta::seconds(360));
        assert_eq!(pause(600, 0), TimeDelta::seconds(240));
        assert_eq!(pause(80_000, 255), TimeDelta::minutes(72));
        assert_eq!(pause(600, 128), TimeDelta::seconds(300));
        let told = claimed(1, 1).after(&failure, at(9), 9);
        assert_eq!(told.last_error.as_deref(), Some("not sent: 451"));
        assert_eq!((told.tries, told.unknown), (1, 0));
    }

    #[test]
    fn a_refusal_or_the_last_try_is_the_end() {
        let state = |tries, unknown, failure: MailFailure| {
            claimed(tries, unknown).after(&failure, at(9), 9).state
        };
        let why = "why".to_owned();
        let refused = MailFailure::Refused(why.clone());
        assert_eq!(state(1, 1, refused), MailState::Abandoned);
        let not_sent = MailFailure::NotSent(why);
        assert_eq!(state(39, 1, not_sent.clone()), MailState::Pending);
        assert_eq!(state(40, 1, not_sent), MailState::Abandoned);
    }

    #[test]
    fn what_may_have_gone_out_twice_is_not_tried_again() {
        let unknown = MailFailure::Unknown("no answer".to_owned());
        let first = claimed(1, 1).after(&unknown, at(9), 9);
        assert_eq!((first.state, first.unknown), (MailState::Pending, 1));
        let second = claimed(2, 2).after(&unknown, at(9), 9);
        assert_eq!((second.state, second.unknown), (MailState::Abandoned, 2));
        let not_sent = MailFailure::NotSent("451".to_owned());
        let certain = claimed(2, 2).after(&not_sent, at(9), 9);
        assert_eq!((certain.state, certain.unknown), (MailState::Pending, 1));
        // A count that is off does not turn over.
        assert_eq!(claimed(1, 0).after(&not_sent, at(9), 9).unknown, 0);
        assert_eq!(ClaimedMail::lease_until(at(0)), at(120));
        assert!(!claimed(2, 2).is_exhausted());
        assert!(claimed(3, 3).is_exhausted());
    }

    #[test]
    fn what_is_kept_of_a_failure_is_one_line_that_every_store_can_keep() {
        let said = format!("451\r\n\0{}", "é".repeat(400));
        let next = claimed(1, 1).after(&MailFailure::NotSent(said), at(9), 9);
        let kept = next.last_error.expect("a reason");
        assert!(kept.starts_with("not sent: 451é"), "{kept}");
        assert_eq!(kept.chars().count(), LONGEST_ERROR);
    }

    #[test]
    fn states_are_read_back_from_their_words() {
        for state in [MailState::Pending, MailState::Abandoned] {
            assert_eq!(MailState::parse_stored(state.as_str()), Some(state));
        }
        assert_eq!(MailState::parse_stored("sent"), None);
    }
}

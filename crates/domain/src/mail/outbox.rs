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
mod tests;

//! What happened, to whom, by whom: stored with the change itself.

use std::{fmt, net::IpAddr, str::FromStr};

use async_trait::async_trait;

use crate::{
    clock::{Entropy, Timestamp},
    error::Result,
    page::{Cursor, ListFingerprint, Page, PageRequest, SortKey},
    sessions::SessionId,
    users::UserId,
    violation::{Broken, ViolationCode},
};

crate::id::id! {
    /// Names an audit event.
    AuditEventId
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $case:ident = $word:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EventKind { $($(#[$doc])* $case),+ }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word),+ }
            }
        }
    };
}

kinds! {
    /// Somebody made an account for themselves.
    UserRegistered = "user.registered",
    /// An administrator made an account.
    UserCreated = "user.created",
    /// Members were changed; `fields` names them.
    UserUpdated = "user.updated",
    /// An administrator suspended the account.
    UserSuspended = "user.suspended",
    /// An administrator lifted the suspension.
    UserReinstated = "user.reinstated",
    /// An administrator changed the role.
    UserRoleChanged = "user.role_changed",
    /// An administrator deleted the account.
    UserDeleted = "user.deleted",
    /// An administrator took a deletion back.
    UserRestored = "user.restored",
    /// A deleted account was removed for good.
    UserPurged = "user.purged",
    /// Somebody closed their own account.
    UserClosed = "user.closed",
    /// Another address was given, which has yet to be confirmed.
    EmailChangeRequested = "email.change_requested",
    /// The address was replaced.
    EmailChanged = "email.changed",
    /// The address counts as verified now.
    EmailVerified = "email.verified",
    /// Somebody changed their own password.
    PasswordChanged = "password.changed",
    /// A way to reset the password was asked for, or handed out.
    PasswordResetRequested = "password.reset_requested",
    /// The password was reset by such a token.
    PasswordReset = "password.reset",
    /// Somebody signed in.
    SessionStarted = "session.started",
    /// A sign-in failed.
    SessionFailed = "session.failed",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// All sessions of a user were ended.
    SessionAllEnded = "session.all_ended",
    /// A spent refresh token came again: its session was ended.
    SessionReuseDetected = "session.reuse_detected",
    /// Somebody set up a second factor.
    MfaEnabled = "mfa.enabled",
    /// Somebody gave up their second factor.
    MfaDisabled = "mfa.disabled",
    /// An administrator took a second factor away.
    MfaReset = "mfa.reset",
    /// A recovery code stood in for the second factor.
    MfaRecoveryUsed = "mfa.recovery_used",
    /// Somebody made an API key.
    ApiKeyCreated = "api_key.created",
    /// An API key was revoked.
    ApiKeyRevoked = "api_key.revoked",
    /// A mail could not be sent and is not tried again.
    MailAbandoned = "mail.abandoned",
}

crate::text_form::word!(EventKind by as_str, "must be an event kind");

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody who has not signed in.
    Anonymous,
    /// A user who has signed in, here or, with `trust`, elsewhere.
    User(UserId),
    /// A job or a command line, by its name.
    Operator(String),
}

impl Actor {
    const ANONYMOUS: &str = "anonymous";
    const OPERATOR: &str = "operator:";
    const MAX_NAME: usize = 100;

    /// A job or a command line, its name made fit to be read back: one line,
    /// cut to 100 characters, `unnamed` where nothing is left.
    pub fn operator(name: &str) -> Self {
        let kept = crate::text::kept_line(name, Self::MAX_NAME);
        Self::Operator(kept.unwrap_or_else(|| "unnamed".to_owned()))
    }

    /// The text on the wire and in the database: the user's id,
    /// `operator:NAME`, or `None` for somebody anonymous.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Anonymous => None,
            Self::User(id) => Some(id.to_string()),
            Self::Operator(name) => Some(format!("{}{name}", Self::OPERATOR)),
        }
    }

    /// From its text.
    ///
    /// # Errors
    /// `invalid_format` for anything else.
    pub fn parse(text: Option<&str>) -> Result<Self, Broken> {
        let Some(text) = text else {
            return Ok(Self::Anonymous);
        };
        if let Some(name) = text.strip_prefix(Self::OPERATOR) {
            return crate::text::line(name, Self::MAX_NAME).map(Self::Operator);
        }
        UserId::parse(text).map(Self::User).ok_or_else(|| {
            Broken::new(
                ViolationCode::InvalidFormat,
                "must be a user's id or operator:NAME",
            )
        })
    }
}

/// As [`Actor::to_text`], and `anonymous` for somebody anonymous.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_text().as_deref().unwrap_or(Self::ANONYMOUS))
    }
}

impl FromStr for Actor {
    type Err = Broken;

    fn from_str(text: &str) -> Result<Self, Broken> {
        Self::parse((text != Self::ANONYMOUS).then_some(text))
    }
}

/// From where a command came. Travels with every command and lands in its
/// events and sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// What the client says it is; see [`Origin::user_agent`].
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

impl Origin {
    /// A user agent as it is kept: without invisible characters, cut to 255.
    pub fn user_agent(sent: &str) -> Option<String> {
        let kept: String = sent
            .chars()
            .filter(|c| !crate::text::is_invisible(*c))
            .take(255)
            .collect();
        (!kept.is_empty()).then_some(kept)
    }
}

/// One thing that happened. Names members, never their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Names the event.
    pub id: AuditEventId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: Actor,
    /// Whom it happened to. `None` where a sign-in named an unknown account, and
    /// where an operator gave up a mail that was nobody's.
    pub subject: Option<UserId>,
    /// Which session it was about, or was done in.
    pub session_id: Option<SessionId>,
    /// From where it was done.
    pub origin: Origin,
    /// The members that were changed.
    pub fields: Vec<String>,
}

impl AuditEvent {
    /// An event that happens now.
    ///
    /// # Errors
    /// Where the entropy source fails.
    pub fn new(
        now: Timestamp,
        entropy: &dyn Entropy,
        kind: EventKind,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<Self> {
        Ok(Self {
            id: AuditEventId::generate(now, entropy)?,
            at: now,
            kind,
            actor: actor.clone(),
            subject: None,
            session_id: None,
            origin: origin.clone(),
            fields: Vec::new(),
        })
    }

    /// About this user.
    #[must_use]
    pub fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// About this session.
    #[must_use]
    pub fn in_session(mut self, session: SessionId) -> Self {
        self.session_id = Some(session);
        self
    }

    /// These members were changed.
    #[must_use]
    pub fn naming(mut self, fields: impl IntoIterator<Item = &'static str>) -> Self {
        self.fields = fields.into_iter().map(str::to_owned).collect();
        self
    }
}

/// Which events a list holds: newest first, `id` breaks ties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only by this actor.
    pub actor: Option<Actor>,
    /// Only to this user.
    pub subject: Option<UserId>,
    /// Only of this kind.
    pub kind: Option<EventKind>,
    /// Only at this moment or later.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub to: Option<Timestamp>,
}

impl AuditQuery {
    /// Binds cursors to this very list.
    pub fn fingerprint(&self) -> ListFingerprint {
        ListFingerprint::of(self)
    }

    /// The place after an event in this list.
    pub fn cursor_after(&self, event: &AuditEvent) -> Cursor {
        let key = SortKey::Time(Some(event.at));
        Cursor::after(self.fingerprint(), key, event.id.as_uuid())
    }

    /// Reads a cursor of this very list.
    ///
    /// # Errors
    /// `invalid_format` for any other.
    pub fn parse_cursor(&self, text: &str) -> Result<Cursor, Broken> {
        let cursor = Cursor::parse(text, self.fingerprint())?;
        match cursor.key {
            SortKey::Time(Some(_)) => Ok(cursor),
            _ => Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be the next_cursor of a page",
            )),
        }
    }

    /// Whether an event belongs into this list: what every store must agree with.
    pub fn matches(&self, event: &AuditEvent) -> bool {
        self.actor
            .as_ref()
            .is_none_or(|actor| *actor == event.actor)
            && self.subject.is_none_or(|id| event.subject == Some(id))
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

/// Reads audit events. They are written by the unit of work alone.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// A page of the events that match, as [`AuditQuery::matches`] has it,
    /// newest first.
    ///
    /// # Obligations
    /// - Every kind and every member comes back:
    ///   `every_kind_of_event_survives_a_round_trip`,
    ///   `every_member_of_an_event_survives_a_round_trip`.
    /// - Newest first, ties by id, downwards too:
    ///   `events_are_listed_newest_first`.
    /// - Filters agree with [`AuditQuery::matches`]:
    ///   `every_filter_of_events_agrees_with_the_domain`.
    /// - A cursor goes on after its place while events come:
    ///   `cursors_of_events_hold_while_events_come`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn list(&self, query: &AuditQuery, page: &PageRequest) -> Result<Page<AuditEvent>>;
}

#[cfg(test)]
mod tests;

//! The one error type of the domain.
//!
//! Its eight kinds say what the caller can do; each case has a stable
//! [`code`](Error::code) that clients may rely on. A new case is added only
//! where a client would act differently.

use std::{borrow::Cow, time::Duration};

use crate::{sessions::MfaChallenge, violation::Violations};

/// The result of everything that can fail in the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The source of an internal or storage error: logged once at the boundary,
/// never shown to a client.
pub type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What went wrong, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input is well-formed but breaks a rule: correct it and try again.
    #[error("{0}")]
    Invalid(Invalid),
    /// Nobody, or nobody valid, is calling: sign in.
    #[error("{0}")]
    Unauthenticated(Unauthenticated),
    /// The caller is known and may not do this.
    #[error("{0}")]
    Forbidden(Forbidden),
    /// What was named does not exist, as far as the caller may know.
    #[error("{0}")]
    NotFound(NotFound),
    /// The state of things is against it.
    #[error("{0}")]
    Conflict(Conflict),
    /// Too often: wait.
    #[error("too many requests")]
    TooMany {
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// A part that is needed does not answer: repeat later; nothing was done.
    #[error("{}", .0.reason)]
    Unavailable(Unavailable),
    /// A fault of the program or of stored data. Nothing the caller can do.
    #[error("internal error: {}", .0.context)]
    Internal(Internal),
}

/// Why input was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// One or more members break a rule; all of them are listed.
    #[error("the input breaks {} rule(s)", .0.len())]
    Violations(Violations),
    /// A mailed or handed-out token is unknown, used or expired.
    #[error("the token is unknown, used or expired")]
    Token,
}

/// Why a caller is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// No credentials were sent.
    #[error("no credentials were sent")]
    Missing,
    /// The access token is not valid (any more): refresh once, then sign in.
    #[error("the access token is not valid")]
    AccessToken,
    /// The refresh token is not valid (any more): sign in again.
    #[error("the refresh token is not valid")]
    RefreshToken,
    /// The challenge of the second factor is unknown, used or expired: sign in
    /// again.
    #[error("the sign-in took too long or was finished already")]
    MfaChallenge,
    /// Unknown identifier, wrong password, or an account that may not sign in:
    /// deliberately one case.
    #[error("the identifier or the password is wrong")]
    Credentials,
}

/// Why a known caller may not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Forbidden {
    /// The caller's role, or the scope of the key, does not allow it.
    #[error("this needs an administrator")]
    NotAllowed,
    /// The current password that had to be repeated is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Nobody can register here; an administrator creates accounts.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The password is right, the address has yet to be verified.
    #[error("the e-mail address is not verified")]
    EmailNotVerified,
    /// The operation needs a session of the account itself: neither a key nor
    /// somebody vouched for ([`SignedIn::trust`](crate::caller::SignedIn::trust))
    /// will do.
    #[error("this needs a session, not a key")]
    SessionRequired,
    /// The password is right, and a second factor is needed: this is what to
    /// go on with.
    #[error("a second factor is needed")]
    MfaRequired(Box<MfaChallenge>),
    /// The code of the second factor is wrong.
    #[error("the code is wrong")]
    WrongCode,
    /// A second factor cannot be set up here.
    #[error("a second factor cannot be set up here")]
    MfaUnavailable,
}

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFound {
    /// No such user, or none that the caller may see.
    #[error("no such user")]
    User,
    /// No such session, or none that the caller may see.
    #[error("no such session")]
    Session,
    /// No such API key, or none that the caller may see.
    #[error("no such API key")]
    ApiKey,
    /// No such mail in the outbox.
    #[error("no such mail")]
    Mail,
}

/// What the state of things is against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// Identifiers that belong to somebody else; never empty.
    #[error("already taken: {}", Identifier::list(.0))]
    Taken(Vec<Identifier>),
    /// The last administrator who can sign in would be lost.
    #[error("the last administrator cannot be taken away")]
    LastAdmin,
    /// The user is deleted; restore it first.
    #[error("the user is deleted")]
    UserDeleted,
    /// The user is not deleted.
    #[error("the user is not deleted")]
    NotDeleted,
    /// Somebody else changed the same thing at the same time.
    #[error("changed by somebody else at the same time")]
    Stale,
    /// The version that the caller demanded is not the current one.
    #[error("the version is not the current one")]
    VersionMismatch,
    /// There is a second factor already.
    #[error("a second factor is set up already")]
    MfaAlreadyEnabled,
    /// There is no second factor to be confirmed or changed.
    #[error("no second factor is set up")]
    MfaNotEnabled,
}

/// A member of the user that is unique among the living.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `phone_number`
    PhoneNumber,
    /// `external_id`
    ExternalId,
}

impl Identifier {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 4] = [
        Self::Username,
        Self::Email,
        Self::PhoneNumber,
        Self::ExternalId,
    ];

    /// The member's name on the wire.
    pub fn field(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::ExternalId => "external_id",
        }
    }

    /// The stable code of the conflict.
    pub fn taken_code(self) -> &'static str {
        match self {
            Self::Username => "username_taken",
            Self::Email => "email_taken",
            Self::PhoneNumber => "phone_number_taken",
            Self::ExternalId => "external_id_taken",
        }
    }

    fn list(all: &[Self]) -> String {
        let names: Vec<_> = all.iter().map(|one| one.field()).collect();
        names.join(", ")
    }
}

crate::text_form::word!(Identifier by field, "must be a member that is unique");

/// A part that is needed and does not answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unavailable {
    /// Which part.
    pub reason: UnavailableReason,
    /// When a repetition makes sense.
    pub retry_after: Duration,
    /// What the adapter saw, for the log.
    pub source: Option<Source>,
}

/// Which part does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnavailableReason {
    /// The database.
    Storage,
    /// This process has more work than it can do in bounded time.
    Overload,
}

impl std::fmt::Display for UnavailableReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Storage => "the storage is not available",
            Self::Overload => "overloaded",
        })
    }
}

/// A fault of the program or of stored data.
#[derive(Debug)]
#[non_exhaustive]
pub struct Internal {
    /// What was being done, without personal data.
    pub context: Cow<'static, str>,
    /// What the adapter saw, for the log.
    pub source: Option<Source>,
}

impl Error {
    /// An internal fault; `context` says what was being done, without personal data.
    pub fn internal(context: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal(Internal {
            context: context.into(),
            source: None,
        })
    }

    /// An internal fault with the error that an adapter saw.
    pub fn internal_from(context: impl Into<Cow<'static, str>>, source: impl Into<Source>) -> Self {
        Self::Internal(Internal {
            context: context.into(),
            source: Some(source.into()),
        })
    }

    /// The storage does not answer.
    pub fn storage_unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(Unavailable {
            reason: UnavailableReason::Storage,
            retry_after: Duration::from_secs(1),
            source: Some(source.into()),
        })
    }

    /// More work than can be done in bounded time.
    pub fn overloaded(retry_after: Duration) -> Self {
        Self::Unavailable(Unavailable {
            reason: UnavailableReason::Overload,
            retry_after,
            source: None,
        })
    }

    /// The stable code that clients may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(Invalid::Violations(_)) => "validation_failed",
            Self::Invalid(Invalid::Token) => "token_invalid",
            Self::Unauthenticated(case) => match case {
                Unauthenticated::Missing => "not_authenticated",
                Unauthenticated::AccessToken => "invalid_token",
                Unauthenticated::RefreshToken => "invalid_refresh_token",
                Unauthenticated::MfaChallenge => "invalid_mfa_token",
                Unauthenticated::Credentials => "invalid_credentials",
            },
            Self::Forbidden(case) => match case {
                Forbidden::NotAllowed => "forbidden",
                Forbidden::WrongPassword => "wrong_password",
                Forbidden::RegistrationClosed => "registration_closed",
                Forbidden::EmailNotVerified => "email_not_verified",
                Forbidden::SessionRequired => "session_required",
                Forbidden::MfaRequired(_) => "mfa_required",
                Forbidden::WrongCode => "wrong_code",
                Forbidden::MfaUnavailable => "mfa_unavailable",
            },
            Self::NotFound(NotFound::User) => "user_not_found",
            Self::NotFound(NotFound::Session) => "session_not_found",
            Self::NotFound(NotFound::ApiKey) => "api_key_not_found",
            Self::NotFound(NotFound::Mail) => "mail_not_found",
            Self::Conflict(case) => match case {
                Conflict::Taken(all) => all
                    .first()
                    .map_or("edit_conflict", |first| first.taken_code()),
                Conflict::LastAdmin => "last_admin",
                Conflict::UserDeleted => "user_deleted",
                Conflict::NotDeleted => "not_deleted",
                Conflict::Stale => "edit_conflict",
                Conflict::VersionMismatch => "version_mismatch",
                Conflict::MfaAlreadyEnabled => "mfa_already_enabled",
                Conflict::MfaNotEnabled => "mfa_not_enabled",
            },
            Self::TooMany { .. } => "too_many_requests",
            Self::Unavailable(case) => match case.reason {
                UnavailableReason::Storage => "storage_unavailable",
                UnavailableReason::Overload => "overloaded",
            },
            Self::Internal(_) => "internal",
        }
    }

    /// What an adapter saw, where it saw something: for the log only.
    ///
    /// [`source`](std::error::Error::source) gives nothing, on purpose: whoever
    /// prints a chain of errors to a client would print a database's words, and
    /// what stands in its rows.
    pub fn source_for_log(&self) -> Option<&Source> {
        match self {
            Self::Unavailable(case) => case.source.as_ref(),
            Self::Internal(case) => case.source.as_ref(),
            _ => None,
        }
    }

    /// Whether this is the lost race of an optimistic update.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict(Conflict::Stale))
    }
}

macro_rules! from_case {
    ($($case:ident),+) => {$(
        impl From<$case> for Error {
            fn from(case: $case) -> Self {
                Self::$case(case)
            }
        }
    )+};
}

from_case!(Invalid, Unauthenticated, Forbidden, NotFound, Conflict);

impl From<Violations> for Error {
    fn from(all: Violations) -> Self {
        Self::Invalid(Invalid::Violations(all))
    }
}

#[cfg(test)]
mod tests;

//! Everything that can go wrong on the way to and from a use case.

use std::time::Duration;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use secrecy::ExposeSecret;
use serde_json::Value;
use userhub_domain::{
    Error,
    error::{Conflict, Forbidden, Invalid, Unauthenticated},
    sessions::MfaChallenge,
    violation::{Violation, ViolationCode, Violations},
};

use super::{
    catalogue::{self, Entry},
    problem::{FieldError, Problem},
};

/// What is taken for a second factor.
const MFA_METHODS: [&str; 2] = ["totp", "recovery_code"];

/// What a handler or an extractor fails with.
#[derive(Debug)]
pub enum ApiError {
    /// What a use case said.
    Domain(Error),
    /// What never reached a use case.
    Refused(Refusal),
    /// The same, in the words of RFC 6749 besides: for the token endpoint.
    OAuth(Box<ApiError>),
}

/// Why a request never reached a use case, or its answer never came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It breaks a rule of HTTP.
    BadRequest,
    /// The body cannot be read; the sentence says why and holds nothing of it.
    MalformedBody(&'static str),
    /// No such path.
    RouteNotFound,
    /// The path exists for other methods, which are listed.
    MethodNotAllowed(String),
    /// The body came too slowly.
    BodyTimedOut,
    /// The body has more bytes than this.
    BodyTooLarge(usize),
    /// The body has another type than these, or says none.
    UnsupportedMediaType(&'static str),
    /// No answer in bounded time.
    TimedOut,
    /// The handler panicked, or a part of the server failed.
    Failed,
    /// The application has no `Data<AppState>`; the sentence says what to do.
    StateMissing(&'static str),
}

impl ApiError {
    /// The same for the token endpoint: with `error` and `error_description`,
    /// and bad credentials as 400 `invalid_grant` (RFC 6749, section 5.2).
    #[must_use]
    pub fn for_token_endpoint(self) -> Self {
        Self::OAuth(Box::new(self))
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Domain(error) => error.code(),
            Self::OAuth(error) => error.code(),
            Self::Refused(refusal) => match refusal {
                Refusal::BadRequest => "bad_request",
                Refusal::MalformedBody(_) => "malformed_body",
                Refusal::RouteNotFound => "not_found",
                Refusal::MethodNotAllowed(_) => "method_not_allowed",
                Refusal::BodyTimedOut => "body_timeout",
                Refusal::BodyTooLarge(_) => "body_too_large",
                Refusal::UnsupportedMediaType(_) => "unsupported_media_type",
                Refusal::TimedOut => "overloaded",
                Refusal::Failed | Refusal::StateMissing(_) => "internal",
            },
        }
    }

    /// The error as a problem; `request_id` is what the client can quote.
    pub fn to_problem(&self, request_id: &str) -> Problem {
        let entry = self.entry();
        let mut problem = Problem::new(entry, self.status().as_u16(), request_id);
        problem.detail = self.detail(entry);
        if self.is_internal() && !request_id.is_empty() {
            problem.detail.push_str(" under the id of this request");
        }
        problem.errors = self.field_errors();
        if let Some(challenge) = self.mfa_challenge() {
            problem.members.extend(members_of(challenge));
        }
        if let Self::OAuth(_) = self {
            let members = &mut problem.members;
            members.insert("error".to_owned(), self.oauth_code().into());
            members.insert(
                "error_description".to_owned(),
                problem.detail.clone().into(),
            );
        }
        problem
    }

    /// Headers that belong to the error.
    pub(crate) fn headers(&self) -> Vec<(header::HeaderName, String)> {
        match self {
            Self::OAuth(error) => match self.status() {
                StatusCode::BAD_REQUEST => Vec::new(),
                _ => error.headers(),
            },
            Self::Domain(Error::Unauthenticated(case)) => {
                let challenge = match case {
                    Unauthenticated::AccessToken => r#"Bearer error="invalid_token""#,
                    _ => "Bearer",
                };
                vec![(header::WWW_AUTHENTICATE, challenge.to_owned())]
            }
            Self::Domain(Error::TooMany { retry_after }) => vec![retry(*retry_after)],
            Self::Domain(Error::Unavailable(case)) => vec![retry(case.retry_after)],
            Self::Refused(Refusal::TimedOut) => vec![retry(Duration::from_secs(1))],
            Self::Refused(Refusal::MethodNotAllowed(allowed)) => {
                vec![(header::ALLOW, allowed.clone())]
            }
            // What is left of the body is not worth reading.
            Self::Refused(Refusal::BodyTimedOut | Refusal::BodyTooLarge(_)) => {
                vec![(header::CONNECTION, "close".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    /// Writes to the log what a client must not see. Called once, where an
    /// answer is made of the error.
    pub(crate) fn log(&self) {
        match self {
            Self::OAuth(error) => error.log(),
            Self::Domain(error @ Error::Internal(_)) => match error.source_for_log() {
                Some(source) => tracing::error!(%error, %source, "internal error"),
                None => tracing::error!(%error, "internal error"),
            },
            Self::Domain(error @ Error::Unavailable(_)) => match error.source_for_log() {
                Some(source) => tracing::warn!(%error, %source, "unavailable"),
                None => tracing::warn!(%error, "unavailable"),
            },
            Self::Refused(Refusal::Failed) => tracing::error!("a handler panicked or failed"),
            Self::Refused(Refusal::StateMissing(what_to_do)) => {
                tracing::error!(
                    what_to_do,
                    "no `Data<AppState>` where UserHub's parts look for it"
                );
            }
            Self::Refused(Refusal::TimedOut) => tracing::warn!("the request timed out"),
            _ => {}
        }
    }

    fn status(&self) -> StatusCode {
        let is_grant = matches!(
            self,
            Self::OAuth(error) if matches!(**error, Self::Domain(
                Error::Unauthenticated(Unauthenticated::Credentials | Unauthenticated::RefreshToken)
                | Error::Invalid(_)
            ))
        );
        if is_grant {
            return StatusCode::BAD_REQUEST;
        }
        StatusCode::from_u16(self.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn is_internal(&self) -> bool {
        match self {
            Self::OAuth(error) => error.is_internal(),
            Self::Domain(error) => matches!(error, Error::Internal(_)),
            Self::Refused(refusal) => {
                matches!(refusal, Refusal::Failed | Refusal::StateMissing(_))
            }
        }
    }

    fn entry(&self) -> &'static Entry {
        const INTERNAL: Entry = Entry {
            code: "internal",
            status: 500,
            title: "Something went wrong",
            explanation: "",
        };
        catalogue::find(self.code()).unwrap_or(&INTERNAL)
    }

    fn detail(&self, entry: &Entry) -> String {
        match self {
            Self::OAuth(error) => error.detail(entry),
            _ if self.is_internal() => "an unexpected error; it is logged".to_owned(),
            Self::Domain(error) => error.to_string(),
            Self::Refused(refusal) => match refusal {
                Refusal::MalformedBody(why) => (*why).to_owned(),
                Refusal::BodyTooLarge(limit) => {
                    format!("the body must have at most {limit} bytes")
                }
                Refusal::UnsupportedMediaType(types) => {
                    format!("the body must be sent as {types}")
                }
                Refusal::MethodNotAllowed(allowed) => {
                    format!("this path knows {allowed}")
                }
                _ => entry.title.to_owned(),
            },
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::OAuth(error) => error.field_errors(),
            Self::Domain(Error::Invalid(Invalid::Violations(all))) => {
                all.iter().map(FieldError::from).collect()
            }
            Self::Domain(Error::Conflict(Conflict::Taken(all))) => {
                all.iter().copied().map(FieldError::from).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a sign-in goes on with, where a second factor is needed.
    fn mfa_challenge(&self) -> Option<&MfaChallenge> {
        match self {
            Self::OAuth(error) => error.mfa_challenge(),
            Self::Domain(Error::Forbidden(Forbidden::MfaRequired(challenge))) => Some(challenge),
            _ => None,
        }
    }

    /// The code of RFC 6749, section 5.2; `mfa_required` is what others add to
    /// it for the same case.
    fn oauth_code(&self) -> &'static str {
        let Self::OAuth(error) = self else {
            return "invalid_request";
        };
        match &**error {
            Self::Domain(Error::Forbidden(Forbidden::MfaRequired(_))) => "mfa_required",
            Self::Domain(Error::Unauthenticated(_) | Error::Forbidden(_)) => "invalid_grant",
            Self::Domain(Error::Invalid(Invalid::Violations(all))) if is_another_grant(all) => {
                "unsupported_grant_type"
            }
            Self::Domain(Error::TooMany { .. } | Error::Unavailable(_))
            | Self::Refused(Refusal::TimedOut) => "temporarily_unavailable",
            error if error.is_internal() => "server_error",
            _ => "invalid_request",
        }
    }
}

/// What a problem has besides where a second factor is needed.
fn members_of(challenge: &MfaChallenge) -> [(String, Value); 3] {
    let token = challenge.token.reveal();
    [
        ("mfa_token".to_owned(), token.expose_secret().into()),
        ("mfa_methods".to_owned(), MFA_METHODS.into()),
        (
            "expires_in".to_owned(),
            challenge.expires_in.num_seconds().into(),
        ),
    ]
}

/// Whether the only thing wrong with `grant_type` is that it is another one.
fn is_another_grant(all: &Violations) -> bool {
    all.iter().any(|violation| {
        violation.field == "grant_type" && violation.code == ViolationCode::InvalidFormat
    })
}

/// Whole seconds, at least one.
fn retry(after: Duration) -> (header::HeaderName, String) {
    let seconds = after.as_millis().div_ceil(1000).max(1);
    (header::RETRY_AFTER, seconds.to_string())
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// The problem without an id; [`observe`](super::observe) puts it in. What
    /// a client must not see is logged here, so that it is where nobody observes.
    fn error_response(&self) -> HttpResponse {
        self.log();
        self.to_problem("").into_response(&self.headers())
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Violations> for ApiError {
    fn from(all: Violations) -> Self {
        Self::Domain(all.into())
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        Violations::from(violation).into()
    }
}

macro_rules! from_case {
    ($($case:ident),+) => {$(
        impl From<userhub_domain::error::$case> for ApiError {
            fn from(case: userhub_domain::error::$case) -> Self {
                Self::Domain(case.into())
            }
        }
    )+};
}

from_case!(Invalid, Unauthenticated, Forbidden, NotFound, Conflict);

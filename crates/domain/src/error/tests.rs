use super::*;
use crate::{
    secret::{RawToken, TokenPurpose},
    violation::{Broken, ViolationCode},
};

fn challenge() -> MfaChallenge {
    MfaChallenge {
        token: RawToken::from_bytes(TokenPurpose::MfaChallenge, [7; 32]),
        expires_in: chrono::TimeDelta::minutes(5),
    }
}

/// One error of each kind of case, with its code and the text for people.
fn every_case() -> Vec<(Error, &'static str, &'static str)> {
    let mut two = Violations::from(Broken::new(ViolationCode::TooShort, "a").at("b"));
    two.push(Broken::new(ViolationCode::TooLong, "a").at("c"));
    let taken = Conflict::Taken(vec![Identifier::Email, Identifier::ExternalId]);
    let second = Duration::from_secs(1);
    vec![
        (
            two.into(),
            "validation_failed",
            "the input breaks 2 rule(s)",
        ),
        (
            Invalid::Token.into(),
            "token_invalid",
            "the token is unknown, used or expired",
        ),
        (
            Unauthenticated::Missing.into(),
            "not_authenticated",
            "no credentials were sent",
        ),
        (
            Unauthenticated::AccessToken.into(),
            "invalid_token",
            "the access token is not valid",
        ),
        (
            Unauthenticated::RefreshToken.into(),
            "invalid_refresh_token",
            "the refresh token is not valid",
        ),
        (
            Unauthenticated::MfaChallenge.into(),
            "invalid_mfa_token",
            "the sign-in took too long or was finished already",
        ),
        (
            Unauthenticated::Credentials.into(),
            "invalid_credentials",
            "the identifier or the password is wrong",
        ),
        (
            Forbidden::NotAllowed.into(),
            "forbidden",
            "this needs an administrator",
        ),
        (
            Forbidden::WrongPassword.into(),
            "wrong_password",
            "the current password is wrong",
        ),
        (
            Forbidden::RegistrationClosed.into(),
            "registration_closed",
            "registration is closed",
        ),
        (
            Forbidden::EmailNotVerified.into(),
            "email_not_verified",
            "the e-mail address is not verified",
        ),
        (
            Forbidden::SessionRequired.into(),
            "session_required",
            "this needs a session, not a key",
        ),
        (
            Forbidden::MfaRequired(Box::new(challenge())).into(),
            "mfa_required",
            "a second factor is needed",
        ),
        (
            Forbidden::WrongCode.into(),
            "wrong_code",
            "the code is wrong",
        ),
        (
            Forbidden::MfaUnavailable.into(),
            "mfa_unavailable",
            "a second factor cannot be set up here",
        ),
        (NotFound::User.into(), "user_not_found", "no such user"),
        (
            NotFound::ApiKey.into(),
            "api_key_not_found",
            "no such API key",
        ),
        (NotFound::Mail.into(), "mail_not_found", "no such mail"),
        (
            NotFound::Session.into(),
            "session_not_found",
            "no such session",
        ),
        (
            taken.into(),
            "email_taken",
            "already taken: email, external_id",
        ),
        (
            Conflict::LastAdmin.into(),
            "last_admin",
            "the last administrator cannot be taken away",
        ),
        (
            Conflict::UserDeleted.into(),
            "user_deleted",
            "the user is deleted",
        ),
        (
            Conflict::NotDeleted.into(),
            "not_deleted",
            "the user is not deleted",
        ),
        (
            Conflict::Stale.into(),
            "edit_conflict",
            "changed by somebody else at the same time",
        ),
        (
            Conflict::VersionMismatch.into(),
            "version_mismatch",
            "the version is not the current one",
        ),
        (
            Conflict::MfaAlreadyEnabled.into(),
            "mfa_already_enabled",
            "a second factor is set up already",
        ),
        (
            Conflict::MfaNotEnabled.into(),
            "mfa_not_enabled",
            "no second factor is set up",
        ),
        (
            Error::TooMany {
                retry_after: second,
            },
            "too_many_requests",
            "too many requests",
        ),
        (
            Error::storage_unavailable("seen"),
            "storage_unavailable",
            "the storage is not available",
        ),
        (Error::overloaded(second), "overloaded", "overloaded"),
        (
            Error::internal("counting"),
            "internal",
            "internal error: counting",
        ),
        (
            Error::internal_from("counting", "seen"),
            "internal",
            "internal error: counting",
        ),
    ]
}

#[test]
fn every_case_has_its_code_and_says_what_is_wrong() {
    for (error, code, text) in every_case() {
        assert_eq!(error.code(), code);
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn every_identifier_has_a_code_of_its_own() {
    for identifier in Identifier::ALL {
        let error = Error::from(Conflict::Taken(vec![identifier]));
        assert_eq!(error.code(), identifier.taken_code());
        assert_eq!(error.code(), format!("{}_taken", identifier.field()));
    }
    let nothing = Error::from(Conflict::Taken(Vec::new()));
    assert_eq!(nothing.code(), "edit_conflict");
}

#[test]
fn only_a_lost_race_is_stale() {
    for (error, code, _) in every_case() {
        assert_eq!(error.is_stale(), code == "edit_conflict", "{code}");
    }
}

#[test]
fn what_an_adapter_saw_is_for_the_log_alone() {
    let seen = |error: &Error| error.source_for_log().map(ToString::to_string);
    for error in [
        Error::internal_from("counting", "seen"),
        Error::storage_unavailable("seen"),
    ] {
        assert_eq!(seen(&error).as_deref(), Some("seen"));
        assert!(!error.to_string().contains("seen"));
    }
    for (error, code, _) in every_case() {
        assert!(std::error::Error::source(&error).is_none(), "{code}");
    }
    assert_eq!(seen(&Error::internal("counting")), None);
    assert_eq!(seen(&Error::overloaded(Duration::from_secs(1))), None);
    assert_eq!(seen(&NotFound::User.into()), None);
}

#[test]
fn a_challenge_is_equal_to_itself_and_shows_no_token() {
    let one = challenge();
    assert_eq!(one, one.clone());
    let mut other = one.clone();
    other.expires_in = chrono::TimeDelta::minutes(4);
    assert_ne!(one, other);
    other.expires_in = one.expires_in;
    other.token = RawToken::from_bytes(TokenPurpose::MfaChallenge, [8; 32]);
    assert_ne!(one, other);
    let error = Error::from(Forbidden::MfaRequired(Box::new(one)));
    assert!(!format!("{error:?} {error}").contains("uhm_"));
}

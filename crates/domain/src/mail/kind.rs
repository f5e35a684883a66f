//! What a mail is about.

use crate::{policy::Lifetimes, secret::TokenPurpose};

macro_rules! kinds {
    ($($(#[$doc:meta])* $case:ident = $word:literal),+ $(,)?) => {
        /// What a mail is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum MailKind { $($(#[$doc])* $case),+ }

        impl MailKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word in the database, and the name of its templates.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word),+ }
            }
        }
    };
}

kinds! {
    /// Asks the owner of a new account to confirm the address. Brings a token.
    VerifyEmail = "verify_email",
    /// Asks the owner of another address to confirm that it is theirs; goes to
    /// the new address. Brings a token.
    ConfirmEmailChange = "confirm_email_change",
    /// Lets somebody choose a new password. Brings a token.
    ResetPassword = "reset_password",
    /// Somebody registered with an address that has an account already.
    AccountExists = "account_exists",
    /// Another address was given; goes to the current one.
    EmailChangeRequested = "email_change_requested",
    /// The address was replaced; goes to the one before.
    EmailChanged = "email_changed",
    /// The password was changed or reset.
    PasswordChanged = "password_changed",
    /// Somebody signed in after several failures.
    SignInAfterFailures = "sign_in_after_failures",
    /// A second factor was set up.
    MfaEnabled = "mfa_enabled",
    /// The second factor was given up, or taken away by an administrator.
    MfaDisabled = "mfa_disabled",
    /// A recovery code stood in for the second factor.
    RecoveryCodeUsed = "recovery_code_used",
    /// Other recovery codes were made.
    RecoveryCodesRenewed = "recovery_codes_renewed",
}

impl MailKind {
    /// What the token is for, and how long it lasts, where the mail brings one.
    pub fn token(self, lifetimes: &Lifetimes) -> Option<(TokenPurpose, chrono::TimeDelta)> {
        match self {
            Self::VerifyEmail => Some((
                TokenPurpose::EmailVerification,
                lifetimes.email_verification,
            )),
            Self::ConfirmEmailChange => {
                Some((TokenPurpose::EmailChange, lifetimes.email_verification))
            }
            Self::ResetPassword => Some((TokenPurpose::PasswordReset, lifetimes.password_reset)),
            _ => None,
        }
    }
}

crate::text_form::word!(MailKind by as_str, "must be a kind of mail");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::violation::ViolationCode;

    #[test]
    fn kinds_are_read_back_from_their_words_which_differ() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Ok(*kind));
        }
        let mut words: Vec<_> = MailKind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), MailKind::ALL.len());
        let refused = MailKind::parse("newsletter").unwrap_err();
        assert_eq!(refused.code, ViolationCode::InvalidFormat);
    }

    #[test]
    fn three_kinds_bring_a_token_each_for_a_purpose_and_a_time() {
        let lifetimes = Lifetimes {
            password_reset: chrono::TimeDelta::minutes(7),
            email_verification: chrono::TimeDelta::minutes(8),
            ..Lifetimes::default()
        };
        for kind in MailKind::ALL {
            let found = kind.token(&lifetimes);
            let expected = match kind {
                MailKind::VerifyEmail => Some((TokenPurpose::EmailVerification, 8)),
                MailKind::ConfirmEmailChange => Some((TokenPurpose::EmailChange, 8)),
                MailKind::ResetPassword => Some((TokenPurpose::PasswordReset, 7)),
                _ => None,
            };
            let found = found.map(|(purpose, life)| (purpose, life.num_minutes()));
            assert_eq!(found, expected, "{kind:?}");
        }
    }
}

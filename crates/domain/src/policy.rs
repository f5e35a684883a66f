//! The rules that a deployment chooses.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    throttle::ThrottlePolicy,
    users::{PasswordRules, ReservedUsernames},
};

/// Everything that a deployment chooses. The default is what the documentation
/// says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who may register, and with what.
    pub registration: RegistrationPolicy,
    /// What a new password must be.
    pub passwords: PasswordRules,
    /// Names that people cannot choose.
    pub reserved_usernames: ReservedUsernames,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How guessing is slowed down.
    pub throttle: ThrottlePolicy,
}

/// Who may register, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// Whether people can register themselves.
    pub open: bool,
    /// Whether an address must be verified before its owner can sign in.
    pub verification: Verification,
    /// Whether registering tells if an address has an account already; nothing:
    /// it does not where addresses must be verified.
    pub hide_existence: Option<bool>,
    /// What an account must have besides a username or an e-mail address.
    pub required: BTreeSet<RequiredMember>,
}

impl RegistrationPolicy {
    /// Whether nobody is told which addresses have an account.
    pub fn hides_existence(&self) -> bool {
        self.hide_existence
            .unwrap_or(self.verification == Verification::Required)
    }

    /// What people who register must give: the required members, and an
    /// address where it must be verified.
    pub fn required_to_register(&self) -> BTreeSet<RequiredMember> {
        let mut all = self.required.clone();
        if self.verification == Verification::Required {
            all.insert(RequiredMember::Email);
        }
        all
    }
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        Self {
            open: true,
            verification: Verification::Off,
            hide_existence: None,
            required: BTreeSet::new(),
        }
    }
}

/// Whether addresses must be verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// They are taken as they are.
    #[default]
    Off,
    /// Before its owner can sign in.
    Required,
}

/// A member that a deployment can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequiredMember {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `first_name`
    FirstName,
    /// `last_name`
    LastName,
    /// `phone_number`
    PhoneNumber,
}

impl RequiredMember {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Username,
        Self::Email,
        Self::FirstName,
        Self::LastName,
        Self::PhoneNumber,
    ];

    /// The member's name on the wire.
    pub fn field(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::PhoneNumber => "phone_number",
        }
    }
}

/// How long things last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token.
    pub access: TimeDelta,
    /// A session without a refresh.
    pub refresh: TimeDelta,
    /// A session in all.
    pub session: TimeDelta,
    /// How long the answer to a refresh can be asked for again.
    pub refresh_grace: TimeDelta,
    /// A token to reset a password.
    pub password_reset: TimeDelta,
    /// A token to confirm an address.
    pub email_verification: TimeDelta,
    /// The time between the password and the second factor.
    pub mfa_challenge: TimeDelta,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access: TimeDelta::minutes(15),
            refresh: TimeDelta::days(7),
            session: TimeDelta::days(30),
            refresh_grace: TimeDelta::seconds(10),
            password_reset: TimeDelta::hours(1),
            email_verification: TimeDelta::hours(24),
            mfa_challenge: TimeDelta::minutes(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(verification: Verification, hide: Option<bool>) -> RegistrationPolicy {
        RegistrationPolicy {
            verification,
            hide_existence: hide,
            ..RegistrationPolicy::default()
        }
    }

    #[test]
    fn existence_is_hidden_where_addresses_are_verified_unless_it_is_said_otherwise() {
        for verification in [Verification::Off, Verification::Required] {
            let required = verification == Verification::Required;
            assert_eq!(policy(verification, None).hides_existence(), required);
            for said in [true, false] {
                assert_eq!(policy(verification, Some(said)).hides_existence(), said);
            }
        }
    }

    #[test]
    fn who_must_verify_an_address_must_give_one() {
        let mut chosen = policy(Verification::Required, None);
        chosen.required.insert(RequiredMember::LastName);
        let all: Vec<_> = chosen.required_to_register().into_iter().collect();
        assert_eq!(all, [RequiredMember::Email, RequiredMember::LastName]);
        chosen.verification = Verification::Off;
        let all: Vec<_> = chosen.required_to_register().into_iter().collect();
        assert_eq!(all, [RequiredMember::LastName]);
    }

    #[test]
    fn the_default_is_what_the_documentation_says() {
        let default = Policy::default();
        assert!(default.registration.open && default.throttle.enabled);
        assert_eq!(default.registration.verification, Verification::Off);
        let times = default.lifetimes;
        let minutes = [
            times.access,
            times.refresh,
            times.session,
            times.password_reset,
            times.email_verification,
            times.mfa_challenge,
        ]
        .map(|time| time.num_minutes());
        assert_eq!(minutes, [15, 7 * 1440, 30 * 1440, 60, 1440, 5]);
        assert_eq!(times.refresh_grace, TimeDelta::seconds(10));
        let fields = RequiredMember::ALL.map(RequiredMember::field);
        let expected = [
            "username",
            "email",
            "first_name",
            "last_name",
            "phone_number",
        ];
        assert_eq!(fields, expected);
    }
}

//! The rules that a deployment chooses.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    throttle::ThrottlePolicy,
    users::{PasswordRules, ReservedUsernames},
};

/// Everything that a deployment chooses. Each member of the structs below says
/// what its default is; [`Policy::default`] has them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who may register, and with what.
    pub registration: RegistrationPolicy,
    /// What a new password must be: 8 characters or more, and hard to guess.
    pub passwords: PasswordRules,
    /// Usernames that people cannot choose: 32 usual words such as `admin`,
    /// `root` and `support`.
    pub reserved_usernames: ReservedUsernames,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How guesses, mails and registrations are slowed down.
    pub throttle: ThrottlePolicy,
}

impl Policy {
    /// The longest time that counts: 1000 years. A longer one counts as this, so
    /// `TimeDelta::MAX` may stand for "without end"; a negative one counts as
    /// zero. An access token lasts a second at least.
    pub const LONGEST: TimeDelta = TimeDelta::days(365_000);

    pub(crate) fn bounded(self) -> Self {
        Self {
            lifetimes: self.lifetimes.bounded(),
            throttle: self.throttle.bounded(),
            ..self
        }
    }
}

/// A time within reason; see [`Policy::LONGEST`].
pub(crate) fn bounded(time: TimeDelta) -> TimeDelta {
    time.clamp(TimeDelta::zero(), Policy::LONGEST)
}

/// Who may register, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// Whether people can register themselves; true by default.
    pub open: bool,
    /// Whether an address must be verified before its owner can sign in;
    /// [`Verification::Off`] by default.
    pub verification: Verification,
    /// Whether registering hides that an address has an account already.
    /// `None`, the default: it does where addresses must be verified.
    pub hide_existence: Option<bool>,
    /// What an account must have besides a username or an e-mail address;
    /// nothing more by default.
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
    /// Addresses are taken as they are.
    #[default]
    Off,
    /// An address must be verified before its owner can sign in.
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

crate::text_form::word!(RequiredMember by field, "must be a member that can be required");

/// How long things last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long an access token lasts; 15 minutes by default.
    pub access: TimeDelta,
    /// How long a session lasts unless it is refreshed; 7 days by default.
    pub refresh: TimeDelta,
    /// How long a session lasts in any case; 30 days by default.
    pub session: TimeDelta,
    /// For how long a spent refresh token gets the same successor again, for
    /// somebody who has lost the answer; 10 seconds by default.
    pub refresh_grace: TimeDelta,
    /// How long a token that resets a password lasts; 1 hour by default.
    pub password_reset: TimeDelta,
    /// How long a token that confirms an address lasts; 24 hours by default.
    pub email_verification: TimeDelta,
    /// How long somebody has for the second factor after the password; 5
    /// minutes by default.
    pub mfa_challenge: TimeDelta,
}

impl Lifetimes {
    fn bounded(self) -> Self {
        Self {
            // A token that ends when it begins cannot be signed.
            access: bounded(self.access).max(TimeDelta::seconds(1)),
            refresh: bounded(self.refresh),
            session: bounded(self.session),
            refresh_grace: bounded(self.refresh_grace),
            password_reset: bounded(self.password_reset),
            email_verification: bounded(self.email_verification),
            mfa_challenge: bounded(self.mfa_challenge),
        }
    }
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

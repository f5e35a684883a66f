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

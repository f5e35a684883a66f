//! What input must be here: the policy together with the estimator.

use std::sync::Arc;

use secrecy::SecretString;

use crate::{
    policy::Policy,
    users::{NewPassword, PasswordHash, PasswordHasher, PasswordStrength, Username},
    violation::{Broken, Violation, ViolationCode, Violations},
};

/// What turns input into commands. Commands are made by their `parse` alone,
/// so no rule can be left out.
#[derive(Clone)]
pub struct Rules {
    policy: Arc<Policy>,
    strength: Arc<dyn PasswordStrength>,
    hasher: Arc<dyn PasswordHasher>,
}

impl Rules {
    /// From a policy, an estimator, and the hasher that knows which hashes of
    /// other systems it can check.
    pub fn new(
        policy: Arc<Policy>,
        strength: Arc<dyn PasswordStrength>,
        hasher: Arc<dyn PasswordHasher>,
    ) -> Self {
        Self {
            policy,
            strength,
            hasher,
        }
    }

    /// What the deployment chose.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// A password that somebody chooses.
    ///
    /// # Errors
    /// As [`NewPassword::parse`].
    pub fn new_password(
        &self,
        text: &SecretString,
        own_words: &[&str],
    ) -> Result<NewPassword, Broken> {
        let rules = &self.policy.passwords;
        NewPassword::parse(text, rules, self.strength.as_ref(), own_words)
    }

    /// A hash that another system made.
    pub(crate) fn foreign_hash(&self, text: &SecretString) -> Result<PasswordHash, Broken> {
        self.hasher.recognise(text)
    }

    /// A username, chosen by its owner or given by an administrator.
    pub(crate) fn username(&self, text: &str, chosen_by: ChosenBy) -> Result<Username, Broken> {
        match chosen_by {
            ChosenBy::Owner => self.policy.reserved_usernames.parse(text),
            ChosenBy::Admin => Username::parse(text),
        }
    }

    /// Notes every required member that would be missing.
    pub(crate) fn check_required(
        &self,
        chosen_by: ChosenBy,
        is_missing: impl Fn(&'static str) -> bool,
        violations: &mut Violations,
    ) {
        let registration = &self.policy.registration;
        let required = match chosen_by {
            ChosenBy::Owner => registration.required_to_register(),
            ChosenBy::Admin => registration.required.clone(),
        };
        for member in &required {
            if is_missing(member.field()) {
                violations.push(missing(member.field()));
            }
        }
    }
}

/// Who chooses a name: people cannot have reserved words, administrators can
/// give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    Owner,
    Admin,
}

/// A member that must be there.
pub(crate) fn missing(field: &'static str) -> Violation {
    Broken::new(ViolationCode::Required, "must be given").at(field)
}

//! An administrator makes an account.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::Administration;
use crate::{
    accounts::Secret,
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    rules::{ChosenBy, Rules},
    users::{ExternalId, Metadata, NewUser, ProfileInput, Role, User},
    violation::{Broken, ViolationCode, Violations},
};

/// A new account as it was sent.
#[derive(Debug, Default)]
pub struct CreateUserInput {
    /// Username, e-mail and the like.
    pub profile: ProfileInput,
    /// `password`
    pub password: Option<SecretString>,
    /// `password_hash`, in place of `password`: made by another system.
    pub password_hash: Option<SecretString>,
    /// `role`
    pub role: Option<String>,
    /// `email_verified`
    pub email_verified: Option<bool>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `metadata`
    pub metadata: Option<BTreeMap<String, String>>,
}

/// A new account that keeps the rules.
#[derive(Debug)]
pub struct CreateUserCommand {
    user: NewUser,
    secret: Secret,
}

impl CreateUserCommand {
    /// Checks everything.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: CreateUserInput, rules: &Rules) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let mut user = NewUser::parse(input.profile, rules, ChosenBy::Admin, &mut violations);
        user.role = violations
            .take_optional("role", input.role, |word| Role::parse(&word))
            .unwrap_or_default();
        user.email_verified = input.email_verified.unwrap_or_default();
        user.external_id = violations.take_optional("external_id", input.external_id, |text| {
            ExternalId::parse(&text)
        });
        user.metadata = violations
            .take_optional("metadata", input.metadata, Metadata::parse)
            .unwrap_or_default();
        let secret = parse_secret(
            (input.password, input.password_hash),
            rules,
            &user,
            &mut violations,
        );
        match secret {
            Some(secret) if violations.is_empty() => Ok(Self { user, secret }),
            _ => Err(violations),
        }
    }
}

/// A password, or the hash of one: exactly one of them.
fn parse_secret(
    (password, hash): (Option<SecretString>, Option<SecretString>),
    rules: &Rules,
    user: &NewUser,
    violations: &mut Violations,
) -> Option<Secret> {
    if password.is_some() && hash.is_some() {
        let broken = Broken::new(ViolationCode::NotAllowed, "stands in place of password");
        violations.push(broken.at("password_hash"));
    }
    if let Some(hash) = hash {
        let hash = violations.take_required("password_hash", Some(hash), |text| {
            rules.foreign_hash(&text)
        });
        return hash.map(Secret::Hash);
    }
    let password = violations.take_required("password", password, |text| {
        rules.new_password(&text, &user.own_words())
    });
    password.map(Secret::Password)
}

impl Administration {
    /// Makes an account. A hash that another system made is replaced at the
    /// first sign-in.
    ///
    /// Writes `user.created`. Mails
    /// [`VerifyEmail`](crate::mail::MailKind::VerifyEmail) where addresses must be
    /// verified and this one is not.
    ///
    /// # Errors
    /// `…_taken`, with every identifier that is taken; `overloaded`; those of
    /// store and hasher.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: &Origin,
        command: CreateUserCommand,
    ) -> Result<User> {
        let made_from = (command.user, command.secret);
        let kind = EventKind::UserCreated;
        self.context
            .create_user(admin.actor(), origin, kind, made_from, false)
            .await
    }
}

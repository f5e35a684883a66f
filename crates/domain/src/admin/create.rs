//! An administrator makes an account.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    rules::{ChosenBy, Rules},
    users::{ExternalId, Metadata, NewPassword, NewUser, ProfileInput, Role, User},
    violation::Violations,
};

/// A new account as it was sent.
#[derive(Debug, Default)]
pub struct CreateUserInput {
    /// Username, e-mail and the like.
    pub profile: ProfileInput,
    /// `password`
    pub password: Option<SecretString>,
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
    password: NewPassword,
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
        let password = violations.take_required("password", input.password, |text| {
            rules.new_password(&text, &user.own_words())
        });
        match password {
            Some(password) if violations.is_empty() => Ok(Self { user, password }),
            _ => Err(violations),
        }
    }
}

impl Administration {
    /// Makes an account. Writes `user.created`.
    ///
    /// # Errors
    /// `…_taken`, naming every identifier that is; `overloaded`; those of the
    /// store.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: &Origin,
        command: CreateUserCommand,
    ) -> Result<User> {
        let made_from = (command.user, command.password);
        self.context
            .create_user(admin.actor(), origin, EventKind::UserCreated, made_from)
            .await
    }
}

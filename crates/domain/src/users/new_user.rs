//! What a user is made from.

use super::{
    EmailAddress, ExternalId, Metadata, PersonName, PhoneNumber, Role, User, UserId, UserRecord,
    Username, Version,
};
use crate::{
    clock::Timestamp,
    rules::{ChosenBy, Rules, missing},
    violation::Violations,
};

/// The profile of a new account as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileInput {
    /// `username`
    pub username: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `first_name`
    pub first_name: Option<String>,
    /// `last_name`
    pub last_name: Option<String>,
    /// `phone_number`
    pub phone_number: Option<String>,
}

/// A user that does not exist yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewUser {
    pub(crate) username: Option<Username>,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) email_verified: bool,
    pub(crate) first_name: Option<PersonName>,
    pub(crate) last_name: Option<PersonName>,
    pub(crate) phone_number: Option<PhoneNumber>,
    pub(crate) role: Role,
    pub(crate) external_id: Option<ExternalId>,
    pub(crate) metadata: Metadata,
}

impl NewUser {
    /// Reads a profile, noting every violation.
    pub(crate) fn parse(
        input: ProfileInput,
        rules: &Rules,
        chosen_by: ChosenBy,
        violations: &mut Violations,
    ) -> Self {
        if input.username.is_none() && input.email.is_none() {
            violations.push(missing("username"));
            violations.push(missing("email"));
        }
        let is_missing = |field| match field {
            "username" => input.username.is_none(),
            "email" => input.email.is_none(),
            "first_name" => input.first_name.is_none(),
            "last_name" => input.last_name.is_none(),
            _ => input.phone_number.is_none(),
        };
        rules.check_required(chosen_by, is_missing, violations);
        Self {
            username: violations.take_optional("username", input.username, |text| {
                rules.username(&text, chosen_by)
            }),
            email: violations
                .take_optional("email", input.email, |text| EmailAddress::parse(&text)),
            first_name: violations.take_optional("first_name", input.first_name, |text| {
                PersonName::parse(&text)
            }),
            last_name: violations.take_optional("last_name", input.last_name, |text| {
                PersonName::parse(&text)
            }),
            phone_number: violations.take_optional("phone_number", input.phone_number, |text| {
                PhoneNumber::parse(&text)
            }),
            ..Self::default()
        }
    }

    /// The words that would make a password of this user easy to guess.
    pub(crate) fn own_words(&self) -> Vec<&str> {
        let names = [self.first_name.as_ref(), self.last_name.as_ref()];
        super::user::own_words(self.username.as_ref(), self.email.as_ref(), names)
    }

    /// The user it becomes.
    pub(crate) fn into_user(self, id: UserId, now: Timestamp) -> User {
        User::from_record(UserRecord {
            id,
            email_verified: self.email_verified && self.email.is_some(),
            username: self.username,
            email: self.email,
            first_name: self.first_name,
            last_name: self.last_name,
            phone_number: self.phone_number,
            role: self.role,
            suspended: false,
            mfa_enabled: false,
            external_id: self.external_id,
            metadata: self.metadata,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
            last_login_at: None,
            deleted_at: None,
        })
    }
}

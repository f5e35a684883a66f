//! Changing members of an account: people the profile of their own,
//! administrators everything of everybody's.

use super::Accounts;
use crate::{
    api_keys::Scope,
    audit::Origin,
    caller::SignedIn,
    error::Result,
    rules::{ChosenBy, Rules, missing},
    users::{
        AdminChanges, Change, EmailAddress, ExternalId, MetadataPatch, PersonName, PhoneNumber,
        ProfileChanges, Role, User, UserId, Version,
    },
    violation::{Broken, ViolationCode, Violations},
};

/// A merge patch of the profile as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateProfileInput {
    /// `username`
    pub username: Change<String>,
    /// `first_name`
    pub first_name: Change<String>,
    /// `last_name`
    pub last_name: Change<String>,
    /// `phone_number`
    pub phone_number: Change<String>,
}

/// A change of one's own profile that keeps the rules.
#[derive(Debug, Clone)]
pub struct UpdateProfileCommand(ProfileChanges);

impl UpdateProfileCommand {
    /// Checks everything.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: UpdateProfileInput, rules: &Rules) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let changes = parse_profile(input, rules, ChosenBy::Owner, &mut violations);
        violations.into_result()?;
        Ok(Self(changes))
    }
}

/// A merge patch of a user as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateUserInput {
    /// What people may change themselves.
    pub profile: UpdateProfileInput,
    /// `email`
    pub email: Change<String>,
    /// `email_verified`
    pub email_verified: Change<bool>,
    /// `role`
    pub role: Change<String>,
    /// `is_active`
    pub is_active: Change<bool>,
    /// `external_id`
    pub external_id: Change<String>,
    /// `metadata`, itself a merge patch.
    pub metadata: Change<MetadataPatch>,
}

impl UpdateUserInput {
    /// Members that only administrators may send.
    fn admin_members(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.email.is_given(), "email"),
            (self.email_verified.is_given(), "email_verified"),
            (self.role.is_given(), "role"),
            (self.is_active.is_given(), "is_active"),
            (self.external_id.is_given(), "external_id"),
            (self.metadata.is_given(), "metadata"),
        ]
        .into_iter()
        .filter_map(|(given, name)| given.then_some(name))
    }
}

/// A change of a user that keeps the rules for the one who makes it.
#[derive(Debug, Clone)]
pub struct UpdateUserCommand {
    pub(crate) profile: ProfileChanges,
    pub(crate) admin: AdminChanges,
    /// Whether it was judged by the rules for administrators; then only they
    /// may make it.
    by_admin: bool,
}

impl UpdateUserCommand {
    /// Checks everything, with the rules for this caller.
    ///
    /// # Errors
    /// Every violation at once; `not_allowed` for members that only
    /// administrators may send.
    pub fn parse(
        input: UpdateUserInput,
        rules: &Rules,
        caller: &SignedIn,
    ) -> Result<Self, Violations> {
        if caller.require_admin().is_ok() {
            return Self::parse_for_admin(input, rules);
        }
        let mut violations = Violations::new();
        for member in input.admin_members() {
            let broken = Broken::new(ViolationCode::NotAllowed, "only administrators change this");
            violations.push(broken.at(member));
        }
        Self::checked(input, rules, ChosenBy::Owner, violations)
    }

    /// Checks everything, with the rules for administrators. Nobody else can
    /// make this change.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse_for_admin(input: UpdateUserInput, rules: &Rules) -> Result<Self, Violations> {
        Self::checked(input, rules, ChosenBy::Admin, Violations::new())
    }

    fn checked(
        input: UpdateUserInput,
        rules: &Rules,
        chosen_by: ChosenBy,
        mut violations: Violations,
    ) -> Result<Self, Violations> {
        let profile = parse_profile(input.profile.clone(), rules, chosen_by, &mut violations);
        let admin = parse_admin(input, rules, &mut violations);
        violations.into_result()?;
        Ok(Self {
            profile,
            admin,
            by_admin: chosen_by == ChosenBy::Admin,
        })
    }
}

impl Accounts {
    /// Changes the caller's own profile.
    ///
    /// Writes `user.updated`, or nothing where nothing changes. Sends no mail.
    ///
    /// # Errors
    /// `forbidden` for a key that may not write; `validation_failed` where neither
    /// username nor e-mail address would be left; `version_mismatch` where
    /// `expected` is not the current version; `…_taken`; `edit_conflict`;
    /// `user_not_found` and `user_deleted` where the account is gone by now, or
    /// where [`SignedIn::trust`] was given somebody who is; those of the store.
    pub async fn update_profile(
        &self,
        caller: &SignedIn,
        origin: &Origin,
        command: &UpdateProfileCommand,
        expected: Option<Version>,
    ) -> Result<User> {
        caller.require(Scope::Write)?;
        let changes = (&command.0, &AdminChanges::default());
        self.context
            .change_user(&caller.actor(), origin, (caller.id(), expected), changes)
            .await
    }

    /// Changes a user: oneself, or as an administrator anybody. A suspension
    /// ends every session.
    ///
    /// Writes, as it applies, `user.updated`, `user.role_changed`,
    /// `user.suspended`, `user.reinstated`, `email.changed` and `email.verified`;
    /// nothing where nothing changes. Where the address becomes another one it
    /// mails [`EmailChanged`](crate::mail::MailKind::EmailChanged) to the one
    /// before, and [`VerifyEmail`](crate::mail::MailKind::VerifyEmail) to the new
    /// one where addresses must be verified and this one is not.
    ///
    /// # Errors
    /// `forbidden` for a key that may not write, and for everybody but
    /// administrators where the command was parsed for one; `session_required`
    /// for a key that changes its owner's address; `user_not_found`, also for
    /// somebody else's account; `user_deleted`; `validation_failed` where neither
    /// username nor e-mail address would be left, or the metadata would grow too
    /// large; `last_admin`; `version_mismatch` where `expected` is not the current
    /// version; `…_taken`; `edit_conflict`; those of the store.
    pub async fn update(
        &self,
        caller: &SignedIn,
        origin: &Origin,
        (id, expected): (UserId, Option<Version>),
        command: &UpdateUserCommand,
    ) -> Result<User> {
        caller.require(Scope::Write)?;
        self.require_visible(caller, id)?;
        let which = (id, expected);
        if command.by_admin {
            let admin = caller.require_admin()?;
            return self
                .context
                .change_by_admin(&admin, origin, which, command)
                .await;
        }
        // Whoever is no administrator has been refused every other member.
        let changes = (&command.profile, &AdminChanges::default());
        self.context
            .change_user(&caller.actor(), origin, which, changes)
            .await
    }
}

fn parse_profile(
    input: UpdateProfileInput,
    rules: &Rules,
    chosen_by: ChosenBy,
    violations: &mut Violations,
) -> ProfileChanges {
    let is_missing = |field| match field {
        "username" => input.username == Change::Clear,
        "first_name" => input.first_name == Change::Clear,
        "last_name" => input.last_name == Change::Clear,
        "phone_number" => input.phone_number == Change::Clear,
        _ => false,
    };
    rules.check_required(chosen_by, is_missing, violations);
    ProfileChanges {
        username: take(violations, "username", input.username, |text| {
            rules.username(&text, chosen_by)
        }),
        first_name: take(violations, "first_name", input.first_name, |text| {
            PersonName::parse(&text)
        }),
        last_name: take(violations, "last_name", input.last_name, |text| {
            PersonName::parse(&text)
        }),
        phone_number: take(violations, "phone_number", input.phone_number, |text| {
            PhoneNumber::parse(&text)
        }),
    }
}

fn parse_admin(input: UpdateUserInput, rules: &Rules, violations: &mut Violations) -> AdminChanges {
    let clears_email = input.email == Change::Clear;
    let is_missing = |field| field == "email" && clears_email;
    rules.check_required(ChosenBy::Admin, is_missing, violations);
    let role = not_null(violations, "role", input.role);
    AdminChanges {
        email: take(violations, "email", input.email, |text| {
            EmailAddress::parse(&text)
        }),
        email_verified: not_null(violations, "email_verified", input.email_verified),
        role: violations.take_optional("role", role, |word| Role::parse(&word)),
        is_active: not_null(violations, "is_active", input.is_active),
        external_id: take(violations, "external_id", input.external_id, |text| {
            ExternalId::parse(&text)
        }),
        metadata: input.metadata,
    }
}

fn take<T>(
    violations: &mut Violations,
    field: &'static str,
    change: Change<String>,
    parse: impl FnOnce(String) -> Result<T, Broken>,
) -> Change<T> {
    violations
        .take(field, change.try_map(parse))
        .unwrap_or_default()
}

/// A member that has no empty state.
fn not_null<T>(violations: &mut Violations, field: &'static str, change: Change<T>) -> Option<T> {
    match change {
        Change::Keep => None,
        Change::Set(value) => Some(value),
        Change::Clear => {
            violations.push(missing(field));
            None
        }
    }
}

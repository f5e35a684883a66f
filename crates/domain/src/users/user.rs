//! The user and what can happen to it.

use std::ops::Deref;

use super::{
    Change, EmailAddress, ExternalId, Metadata, MetadataPatch, PersonName, PhoneNumber, Role,
    Status, UserId, Username,
};
use crate::{
    clock::Timestamp,
    error::{Conflict, Result},
    violation::{Broken, ViolationCode, Violations},
};

/// Counts the changes of a user, from 1. It is the `ETag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// Of a user that was just made.
    pub const FIRST: Self = Self(1);

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Counts how often all sessions and handed-out tokens of an account were made
/// void. Each of them copies it and is void once it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthVersion(pub i64);

impl AuthVersion {
    /// Of a user that was just made.
    pub const FIRST: Self = Self(1);

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

crate::text_form::counter!(Version, AuthVersion);

/// Everything that is known of a user, except what opens the account.
///
/// A plain record: this is what stores read and write. [`User`] guards how it
/// changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Names the user for good.
    pub id: UserId,
    /// At least one of `username` and `email` is there.
    pub username: Option<Username>,
    /// At least one of `username` and `email` is there.
    pub email: Option<EmailAddress>,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// Phone number.
    pub phone_number: Option<PhoneNumber>,
    /// An ordinary user or an administrator.
    pub role: Role,
    /// Whether an administrator has suspended the account.
    pub suspended: bool,
    /// Whether signing in asks for a second factor. Written with the factor
    /// itself; moves neither `version` nor `updated_at`.
    pub mfa_enabled: bool,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
    /// What an application keeps beside the user.
    pub metadata: Metadata,
    /// Counts the changes.
    pub version: Version,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was last changed; at first the same as `created_at`.
    pub updated_at: Timestamp,
    /// When somebody last signed in; moves neither `version` nor `updated_at`.
    pub last_login_at: Option<Timestamp>,
    /// When it was deleted, if it is.
    pub deleted_at: Option<Timestamp>,
}

impl UserRecord {
    /// Active, suspended or deleted; deleted wins.
    pub fn status(&self) -> Status {
        match (self.deleted_at, self.suspended) {
            (Some(_), _) => Status::Deleted,
            (None, true) => Status::Suspended,
            (None, false) => Status::Active,
        }
    }

    /// Whether the account can be used.
    pub fn is_active(&self) -> bool {
        self.status() == Status::Active
    }

    /// Whether this is an administrator who can sign in.
    pub fn is_working_admin(&self) -> bool {
        self.role == Role::Admin && self.is_active()
    }

    /// The text that is searched: username, e-mail and names, folded.
    pub fn search_text(&self) -> String {
        crate::text::searchable([
            self.username.as_ref().map(Username::as_str),
            self.email.as_ref().map(EmailAddress::as_str),
            self.first_name.as_ref().map(PersonName::as_str),
            self.last_name.as_ref().map(PersonName::as_str),
        ])
    }

    /// The words that make a password of this user easy to guess.
    pub fn own_words(&self) -> Vec<&str> {
        let names = [self.first_name.as_ref(), self.last_name.as_ref()];
        own_words(self.username.as_ref(), self.email.as_ref(), names)
    }
}

/// The words that make a password of such a user easy to guess.
pub(crate) fn own_words<'a>(
    username: Option<&'a Username>,
    email: Option<&'a EmailAddress>,
    names: [Option<&'a PersonName>; 2],
) -> Vec<&'a str> {
    let [first_name, last_name] = names;
    [
        username.map(Username::as_str),
        email.map(EmailAddress::as_str),
        email.map(EmailAddress::local_part),
        first_name.map(PersonName::as_str),
        last_name.map(PersonName::as_str),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A user. Its members are read as those of [`UserRecord`]. It changes only by
/// its methods, each of which raises `version` and sets `updated_at` when it
/// changes anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(UserRecord);

impl Deref for User {
    type Target = UserRecord;

    fn deref(&self) -> &UserRecord {
        &self.0
    }
}

/// What a PATCH changes. Members that a person may not change on their own
/// account are in [`AdminChanges`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChanges {
    /// `username`
    pub username: Change<Username>,
    /// `first_name`
    pub first_name: Change<PersonName>,
    /// `last_name`
    pub last_name: Change<PersonName>,
    /// `phone_number`
    pub phone_number: Change<PhoneNumber>,
}

/// What only an administrator changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminChanges {
    /// `email`; a new address counts as unverified unless `email_verified` says
    /// otherwise.
    pub email: Change<EmailAddress>,
    /// `email_verified`
    pub email_verified: Option<bool>,
    /// `role`
    pub role: Option<Role>,
    /// `is_active`: false suspends, true reinstates.
    pub is_active: Option<bool>,
    /// `external_id`
    pub external_id: Change<ExternalId>,
    /// `metadata`; null clears it.
    pub metadata: Change<MetadataPatch>,
}

/// The names of members that a change really changed.
pub type ChangedFields = Vec<&'static str>;

impl User {
    /// Takes a record as it is: for stores, and for users that are new.
    pub fn from_record(record: UserRecord) -> Self {
        Self(record)
    }

    /// The record.
    pub fn record(&self) -> &UserRecord {
        &self.0
    }

    /// Applies a PATCH; says which members changed. Nothing changes on an error.
    ///
    /// # Errors
    /// `user_deleted` for a deleted user; `validation_failed` where neither
    /// username nor e-mail would be left, or the metadata would grow too large.
    pub fn apply(
        &mut self,
        profile: &ProfileChanges,
        admin: &AdminChanges,
        now: Timestamp,
    ) -> Result<ChangedFields> {
        self.require_living()?;
        let mut next = self.0.clone();
        let mut changed = apply_profile(&mut next, profile);
        changed.extend(apply_admin(&mut next, admin)?);
        if next.username.is_none() && next.email.is_none() {
            return Err(Violations::from(
                Broken::new(
                    ViolationCode::Required,
                    "a user needs a username or an e-mail address",
                )
                .at("username"),
            )
            .into());
        }
        if !changed.is_empty() {
            self.0 = next;
            self.touch(now);
        }
        Ok(changed)
    }

    /// Gives the user another address at once; says whether anything changed.
    ///
    /// # Errors
    /// `user_deleted` for a deleted user.
    pub fn change_email(&mut self, email: EmailAddress, now: Timestamp) -> Result<bool> {
        let changes = AdminChanges {
            email: Change::Set(email),
            ..AdminChanges::default()
        };
        let changed = self.apply(&ProfileChanges::default(), &changes, now)?;
        Ok(!changed.is_empty())
    }

    /// Puts a verified address in the place of the current one; says whether
    /// anything changed.
    ///
    /// # Errors
    /// `user_deleted` for a deleted user.
    pub fn confirm_email(&mut self, email: EmailAddress, now: Timestamp) -> Result<bool> {
        let changes = AdminChanges {
            email: Change::Set(email),
            email_verified: Some(true),
            ..AdminChanges::default()
        };
        let changed = self.apply(&ProfileChanges::default(), &changes, now)?;
        Ok(!changed.is_empty())
    }

    /// Soft-deletes; false where it is deleted already.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        if self.0.deleted_at.is_some() {
            return false;
        }
        self.touch(now);
        self.0.deleted_at = Some(now);
        true
    }

    /// Takes a deletion back; a suspended user comes back suspended.
    ///
    /// # Errors
    /// `not_deleted` for the living.
    pub fn restore(&mut self, now: Timestamp) -> Result<()> {
        if self.0.deleted_at.is_none() {
            return Err(Conflict::NotDeleted.into());
        }
        self.touch(now);
        self.0.deleted_at = None;
        Ok(())
    }

    /// Refuses a deleted user.
    ///
    /// # Errors
    /// `user_deleted`.
    pub fn require_living(&self) -> Result<()> {
        if self.0.deleted_at.is_some() {
            return Err(Conflict::UserDeleted.into());
        }
        Ok(())
    }

    fn touch(&mut self, now: Timestamp) {
        self.0.version = self.0.version.next();
        self.0.updated_at = now;
    }
}

fn apply_profile(next: &mut UserRecord, changes: &ProfileChanges) -> ChangedFields {
    [
        (changes.username.apply(&mut next.username), "username"),
        (changes.first_name.apply(&mut next.first_name), "first_name"),
        (changes.last_name.apply(&mut next.last_name), "last_name"),
        (
            changes.phone_number.apply(&mut next.phone_number),
            "phone_number",
        ),
    ]
    .into_iter()
    .filter_map(|(changed, name)| changed.then_some(name))
    .collect()
}

fn apply_admin(next: &mut UserRecord, changes: &AdminChanges) -> Result<ChangedFields> {
    let mut changed = ChangedFields::new();
    let was_verified = next.email_verified;
    let old_address = next.email.as_ref().map(EmailAddress::canonical);
    if changes.email.apply(&mut next.email) {
        changed.push("email");
        // Only another spelling of the same address keeps what was verified.
        if next.email.as_ref().map(EmailAddress::canonical) != old_address {
            next.email_verified = false;
        }
    }
    if let Some(verified) = changes.email_verified {
        next.email_verified = verified && next.email.is_some();
    }
    if next.email_verified != was_verified {
        changed.push("email_verified");
    }
    if let Some(role) = changes.role.filter(|role| *role != next.role) {
        next.role = role;
        changed.push("role");
    }
    if let Some(active) = changes.is_active.filter(|active| *active == next.suspended) {
        next.suspended = !active;
        changed.push("is_active");
    }
    if changes.external_id.apply(&mut next.external_id) {
        changed.push("external_id");
    }
    let metadata = match &changes.metadata {
        Change::Keep => next.metadata.clone(),
        Change::Clear => Metadata::default(),
        Change::Set(patch) => next
            .metadata
            .patched(patch.clone())
            .map_err(|broken| Violations::from(broken.at("metadata")))?,
    };
    if metadata != next.metadata {
        next.metadata = metadata;
        changed.push("metadata");
    }
    Ok(changed)
}

#[cfg(test)]
mod tests;

//! Users to begin with.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use userhub_domain::{
    clock::{Clock, Timestamp},
    users::{
        EmailAddress, ExternalId, Metadata, PersonName, PhoneNumber, Role, User, UserId,
        UserRecord, Username, Version,
    },
};
use uuid::Uuid;

use crate::FixedClock;

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// An active user named `user-1`, `user-2` and so on, with an address of that
/// name at example.org.
pub fn a_user() -> User {
    UserBuilder::new().build()
}

/// An active administrator.
pub fn an_admin() -> User {
    UserBuilder::new().admin().build()
}

/// Makes a user; every one has an id, a name and an address of its own until
/// it is told otherwise. Panics on values that no user can have.
#[derive(Debug, Clone)]
pub struct UserBuilder(UserRecord);

impl UserBuilder {
    /// An active user that was made when a new [`FixedClock`] starts.
    pub fn new() -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let now = FixedClock::new().now();
        Self(UserRecord {
            id: UserId::from_uuid(Uuid::from_u128(
                0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(number),
            )),
            username: Username::parse(&format!("user-{number}")).ok(),
            email: EmailAddress::parse(&format!("user-{number}@example.org")).ok(),
            email_verified: false,
            first_name: None,
            last_name: None,
            phone_number: None,
            role: Role::User,
            suspended: false,
            mfa_enabled: false,
            external_id: None,
            metadata: Metadata::default(),
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
            last_login_at: None,
            deleted_at: None,
        })
    }

    /// With this id.
    #[must_use]
    pub fn id(mut self, id: UserId) -> Self {
        self.0.id = id;
        self
    }

    /// With this username.
    #[must_use]
    pub fn username(mut self, text: &str) -> Self {
        self.0.username = Some(expect(text, Username::parse));
        self
    }

    /// Without a username.
    #[must_use]
    pub fn no_username(mut self) -> Self {
        self.0.username = None;
        self
    }

    /// With this address, unverified.
    #[must_use]
    pub fn email(mut self, text: &str) -> Self {
        self.0.email = Some(expect(text, EmailAddress::parse));
        self
    }

    /// Without an address.
    #[must_use]
    pub fn no_email(mut self) -> Self {
        self.0.email = None;
        self.0.email_verified = false;
        self
    }

    /// With a verified address.
    #[must_use]
    pub fn verified(mut self) -> Self {
        self.0.email_verified = true;
        self
    }

    /// With this first name.
    #[must_use]
    pub fn first_name(mut self, text: &str) -> Self {
        self.0.first_name = Some(expect(text, PersonName::parse));
        self
    }

    /// With this last name.
    #[must_use]
    pub fn last_name(mut self, text: &str) -> Self {
        self.0.last_name = Some(expect(text, PersonName::parse));
        self
    }

    /// With this phone number.
    #[must_use]
    pub fn phone_number(mut self, text: &str) -> Self {
        self.0.phone_number = Some(expect(text, PhoneNumber::parse));
        self
    }

    /// With this id in another system.
    #[must_use]
    pub fn external_id(mut self, text: &str) -> Self {
        self.0.external_id = Some(expect(text, ExternalId::parse));
        self
    }

    /// With this metadata.
    #[must_use]
    pub fn metadata<const N: usize>(mut self, entries: [(&str, &str); N]) -> Self {
        let entries = entries.map(|(key, value)| (key.to_owned(), value.to_owned()));
        self.0.metadata = expect("metadata", |_| Metadata::parse(entries.into()));
        self
    }

    /// An administrator.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.0.role = Role::Admin;
        self
    }

    /// Suspended.
    #[must_use]
    pub fn suspended(mut self) -> Self {
        self.0.suspended = true;
        self
    }

    /// Made at this moment, and not changed since.
    #[must_use]
    pub fn created_at(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self.0.updated_at = at;
        self
    }

    /// Signed in at this moment.
    #[must_use]
    pub fn last_login_at(mut self, at: Timestamp) -> Self {
        self.0.last_login_at = Some(at);
        self
    }

    /// Deleted a day after it was made.
    #[must_use]
    pub fn deleted(self) -> Self {
        let at = self.0.created_at + TimeDelta::days(1);
        self.deleted_at(at)
    }

    /// Deleted at this moment.
    #[must_use]
    pub fn deleted_at(mut self, at: Timestamp) -> Self {
        self.0.deleted_at = Some(at);
        self.0.updated_at = at;
        self.0.version = Version::FIRST.next();
        self
    }

    /// Any other change of the record.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut UserRecord)) -> Self {
        change(&mut self.0);
        self
    }

    /// The user.
    pub fn build(self) -> User {
        User::from_record(self.0)
    }
}

impl Default for UserBuilder {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::panic, reason = "a mistake in a test")]
fn expect<T, E: std::fmt::Display>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
    match parse(text) {
        Ok(value) => value,
        Err(broken) => panic!("{text:?} {broken}"),
    }
}

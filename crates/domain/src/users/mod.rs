//! The user: what it is made of, how it changes, where it is stored.

mod change;
mod email;
mod id;
mod metadata;
mod new_user;
mod password;
mod profile;
mod query;
mod repository;
mod role;
mod strength;
mod user;
mod username;

pub use change::Change;
pub use email::EmailAddress;
pub use id::UserId;
pub use metadata::{Metadata, MetadataPatch};
pub(crate) use new_user::NewUser;
pub use new_user::ProfileInput;
pub use password::{
    MAX_BYTES as MAX_PASSWORD_BYTES, NewPassword, PasswordAttempt, PasswordHash, PasswordHasher,
    PasswordRules, PasswordStrength, Strength, Verification,
};
pub use profile::{ExternalId, PersonName, PhoneNumber};
pub use query::{Direction, SearchText, UserQuery, UserSort};
pub use repository::{Credentials, SessionsAfter, UserKey, UserReader, UserWriter};
pub use role::{Role, Status};
pub use strength::LengthStrength;
pub use user::{
    AdminChanges, AuthVersion, ChangedFields, ProfileChanges, User, UserRecord, Version,
};
pub use username::{ReservedUsernames, Username};

#[cfg(feature = "mocks")]
pub use {
    password::{MockPasswordHasher, MockPasswordStrength},
    repository::{MockUserReader, MockUserWriter},
};

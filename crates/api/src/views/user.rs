//! Users as they are answered.

use std::collections::BTreeMap;

use serde::Serialize;
use userhub_domain::{
    page::{Cursor, Page},
    users::{Role, Status, User},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User, example = json!({
    "id": "0193e0a8-5d3c-7c31-9d0a-0d5c6f8a1b2c", "username": "alice",
    "email": "alice@example.org", "email_verified": false,
    "first_name": "Alice", "last_name": null, "phone_number": "+15551234567",
    "role": "user", "status": "active", "is_active": true, "mfa_enabled": false,
    "external_id": null, "metadata": {}, "version": 1,
    "created_at": "2025-01-15T09:30:00.000000Z", "updated_at": "2025-01-15T09:30:00.000000Z",
    "last_login_at": null, "deleted_at": null
}))]
pub struct UserView {
    /// Names the user for good.
    pub id: Uuid,
    /// Unique whatever its case; a user has a username, an e-mail address, or both.
    #[schema(required)]
    pub username: Option<String>,
    /// Unique whatever its case.
    #[schema(required)]
    pub email: Option<String>,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// First name.
    #[schema(required)]
    pub first_name: Option<String>,
    /// Last name.
    #[schema(required)]
    pub last_name: Option<String>,
    /// Phone number in E.164 form.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// What the user may do.
    pub role: RoleName,
    /// Whether the account can be used.
    pub status: StatusName,
    /// Whether `status` is `active`.
    pub is_active: bool,
    /// Whether signing in takes a second factor.
    pub mfa_enabled: bool,
    /// The id in another system.
    #[schema(required)]
    pub external_id: Option<String>,
    /// What an application keeps beside the user.
    pub metadata: BTreeMap<String, String>,
    /// Counts the changes; also the `ETag`.
    pub version: i64,
    /// When the account was made.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Time,
    /// When it was last changed.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Time,
    /// When somebody last signed in.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    pub last_login_at: Option<Time>,
    /// When it was deleted, if it is.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    pub deleted_at: Option<Time>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            id: user.id.as_uuid(),
            username: user.username.as_ref().map(|name| text(name.as_str())),
            email: user.email.as_ref().map(|email| text(email.as_str())),
            email_verified: user.email_verified,
            first_name: user.first_name.as_ref().map(|name| text(name.as_str())),
            last_name: user.last_name.as_ref().map(|name| text(name.as_str())),
            phone_number: user
                .phone_number
                .as_ref()
                .map(|number| text(number.as_str())),
            role: user.role.into(),
            status: user.status().into(),
            is_active: user.is_active(),
            mfa_enabled: user.mfa_enabled,
            external_id: user.external_id.as_ref().map(|id| text(id.as_str())),
            metadata: user.metadata.entries().clone(),
            version: user.version.0,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
            last_login_at: user.last_login_at.map(Time::from),
            deleted_at: user.deleted_at.map(Time::from),
        }
    }
}

/// Where a user is, for `Location`.
pub fn user_path(user: &User) -> String {
    format!("/api/v1/users/{}", user.id)
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub enum RoleName {
    /// Looks after the own account.
    User,
    /// Looks after everybody's.
    Admin,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::User => Self::User,
            Role::Admin => Self::Admin,
        }
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Status)]
pub enum StatusName {
    /// In use.
    Active,
    /// Kept, but nobody can sign in.
    Suspended,
    /// Deleted; an administrator can restore it.
    Deleted,
}

impl From<Status> for StatusName {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Deleted => Self::Deleted,
        }
    }
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPage {
    /// The users, in order.
    pub items: Vec<UserView>,
    /// What to send as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How many users match in all; null unless `count=true`.
    #[schema(required)]
    pub total: Option<u64>,
}

impl From<&Page<User>> for UserPage {
    fn from(page: &Page<User>) -> Self {
        Self {
            items: page.items.iter().map(UserView::from).collect(),
            next_cursor: page.next.as_ref().map(Cursor::encode),
            total: page.total,
        }
    }
}

//! Users, the deleted too.

use sea_orm::entity::prelude::*;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) username: Option<String>,
    pub(crate) username_canonical: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_canonical: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) role: String,
    pub(crate) suspended: bool,
    pub(crate) mfa_enabled: bool,
    pub(crate) external_id: Option<String>,
    pub(crate) metadata: String,
    pub(crate) search_text: String,
    pub(crate) password_hash: String,
    pub(crate) auth_version: i64,
    pub(crate) version: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
    pub(crate) last_login_at: Option<DateTimeUtc>,
    pub(crate) deleted_at: Option<DateTimeUtc>,
}

/// The row holds personal data and a password hash.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "users::Model({})", self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Mails that are to be sent.

use sea_orm::entity::prelude::*;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) auth_version: Option<i64>,
    pub(crate) to_address: String,
    pub(crate) other_address: Option<String>,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) state: String,
    pub(crate) tries: i64,
    pub(crate) unknown: i64,
    pub(crate) due_at: DateTimeUtc,
    pub(crate) last_error: Option<String>,
}

/// The row holds personal data.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "outbox::Model({})", self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

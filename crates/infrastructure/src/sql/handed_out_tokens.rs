//! Tokens that are handed out, to be used once.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Set,
    sea_query::{LockBehavior, LockType, OnConflict},
};
use userhub_domain::{
    Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenReader, HandedOutTokenWriter},
    secret::{TokenHash, TokenPurpose},
    users::{AuthVersion, UserId},
};
use uuid::Uuid;

use super::{
    entity::handed_out_tokens::{ActiveModel, Column, Entity},
    store::SqlStore,
    stored::row,
    unit_of_work::SqlUnitOfWork,
};

const TABLE: &str = "handed_out_tokens";

#[derive(FromQueryResult)]
struct TokenRow {
    user_id: Uuid,
    auth_version: i64,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[async_trait]
impl HandedOutTokenReader for SqlStore {
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>> {
        let statement = Entity::find()
            .select_only()
            .columns([
                Column::UserId,
                Column::AuthVersion,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .filter(Column::Hash.eq(hash.as_bytes().to_vec()))
            .filter(Column::Purpose.eq(purpose.as_str()))
            .build(self.shared.backend);
        let Some(found) = self.row(TABLE, statement).await? else {
            return Ok(None);
        };
        let found: TokenRow = row(TABLE, "", &found)?;
        Ok(Some(HandedOutToken {
            hash,
            purpose,
            user_id: UserId::from_uuid(found.user_id),
            auth_version: AuthVersion(found.auth_version),
            created_at: found.created_at,
            expires_at: found.expires_at,
        }))
    }
}

#[async_trait]
impl HandedOutTokenWriter for SqlUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<()> {
        let row = ActiveModel {
            hash: Set(token.hash.as_bytes().to_vec()),
            purpose: Set(token.purpose.as_str().to_owned()),
            user_id: Set(token.user_id.as_uuid()),
            auth_version: Set(token.auth_version.0),
            created_at: Set(token.created_at),
            expires_at: Set(token.expires_at),
        };
        // One statement: of two at the same time, one token remains.
        let replaced = OnConflict::columns([Column::UserId, Column::Purpose])
            .update_columns([
                Column::Hash,
                Column::AuthVersion,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .to_owned();
        let statement = Entity::insert(row)
            .on_conflict(replaced)
            .build(self.backend());
        self.execute(TABLE, statement).await?;
        Ok(())
    }

    async fn consume(&self, hash: TokenHash) -> Result<bool> {
        let statement = Entity::delete_many()
            .filter(Column::Hash.eq(hash.as_bytes().to_vec()))
            .build(self.backend());
        Ok(self.execute(TABLE, statement).await? > 0)
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let over = Entity::find()
            .select_only()
            .column(Column::Hash)
            .filter(Column::ExpiresAt.lt(before))
            .order_by_asc(Column::Hash)
            .limit(u64::from(limit))
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let statement = Entity::delete_many()
            .filter(Column::Hash.in_subquery(over.into_query()))
            .build(self.backend());
        self.execute(TABLE, statement).await
    }
}

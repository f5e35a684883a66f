//! API keys, without what they are used with.

use std::time::Instant;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, RelationTrait, Select, Set,
    sea_query::{Expr, Query},
};
use userhub_domain::{
    Result,
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, ApiKeyReader, ApiKeyWriter, KeyHolder, Scopes},
    clock::Timestamp,
    secret::TokenHash,
    users::UserId,
};
use uuid::Uuid;

use super::{
    entity::api_keys::{ActiveModel, Column, Entity, Relation},
    store::SqlStore,
    stored::{Place, row},
    unit_of_work::SqlUnitOfWork,
    users::{COLUMNS as USER_COLUMNS, UserRow},
};

const TABLE: &str = "api_keys";

/// Stands before a key's columns where the owner's stand beside them.
const PREFIX: &str = "k_";

/// A key's columns and their names beside a user's.
const COLUMNS: [(Column, &str); 9] = [
    (Column::Id, "k_id"),
    (Column::UserId, "k_user_id"),
    (Column::Name, "k_name"),
    (Column::Prefix, "k_prefix"),
    (Column::Hash, "k_hash"),
    (Column::Scopes, "k_scopes"),
    (Column::CreatedAt, "k_created_at"),
    (Column::ExpiresAt, "k_expires_at"),
    (Column::LastUsedAt, "k_last_used_at"),
];

#[derive(FromQueryResult)]
struct KeyRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    prefix: String,
    hash: Vec<u8>,
    scopes: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    fn parse_stored(self) -> Result<ApiKey> {
        let at = Place {
            table: TABLE,
            id: &self.id,
        };
        Ok(ApiKey {
            id: ApiKeyId::from_uuid(self.id),
            user_id: UserId::from_uuid(self.user_id),
            name: at.parse("name", &self.name, ApiKeyName::parse)?,
            prefix: self.prefix,
            hash: TokenHash::parse_stored(&self.hash).ok_or_else(|| at.nonsense("hash"))?,
            scopes: Scopes::parse_stored(&self.scopes).ok_or_else(|| at.nonsense("scopes"))?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
        })
    }
}

#[derive(FromQueryResult)]
struct OwnerRow {
    user_id: Uuid,
}

fn select() -> Select<Entity> {
    COLUMNS
        .iter()
        .fold(Entity::find().select_only(), |select, (column, name)| {
            select.column_as(*column, *name)
        })
}

fn key(found: &QueryResult) -> Result<ApiKey> {
    row::<KeyRow>(TABLE, PREFIX, found)?.parse_stored()
}

#[async_trait]
impl ApiKeyReader for SqlStore {
    async fn find_holder(&self, hash: TokenHash) -> Result<Option<KeyHolder>> {
        if let Some(known) = self.shared.key_holders.find(&hash) {
            return Ok(Some(known));
        }
        let read_from = Instant::now();
        let statement = select()
            .columns(USER_COLUMNS)
            .join(JoinType::InnerJoin, Relation::User.def())
            .filter(Column::Hash.eq(hash.as_bytes().to_vec()))
            .build(self.shared.backend);
        let Some(found) = self.row(TABLE, statement).await? else {
            return Ok(None);
        };
        let holder = KeyHolder {
            key: key(&found)?,
            user: row::<UserRow>(TABLE, "", &found)?.parse_stored()?,
        };
        self.shared.key_holders.insert(&holder, read_from);
        Ok(Some(holder))
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let statement = select()
            .filter(Column::UserId.eq(user.as_uuid()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .build(self.shared.backend);
        self.rows(TABLE, statement).await?.iter().map(key).collect()
    }
}

#[async_trait]
impl ApiKeyWriter for SqlUnitOfWork {
    async fn insert(&self, key: &ApiKey) -> Result<()> {
        // A reset that is under way would not find it.
        self.lock_user(key.user_id).await?;
        let row = ActiveModel {
            id: Set(key.id.as_uuid()),
            user_id: Set(key.user_id.as_uuid()),
            name: Set(key.name.as_str().to_owned()),
            prefix: Set(key.prefix.clone()),
            hash: Set(key.hash.as_bytes().to_vec()),
            scopes: Set(key.scopes.to_text()),
            created_at: Set(key.created_at),
            expires_at: Set(key.expires_at),
            last_used_at: Set(key.last_used_at),
        };
        self.run(TABLE, Entity::insert(row).build(self.backend()))
            .await?;
        Ok(())
    }

    async fn revoke(&self, id: ApiKeyId, user: UserId) -> Result<bool> {
        self.touch(user);
        let statement = Entity::delete_many()
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn revoke_all(&self, user: UserId) -> Result<u64> {
        self.touch(user);
        let statement = Entity::delete_many()
            .filter(Column::UserId.eq(user.as_uuid()))
            .build(self.backend());
        self.run(TABLE, statement).await
    }

    async fn record_use(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        let earlier = Condition::any()
            .add(Column::LastUsedAt.is_null())
            .add(Column::LastUsedAt.lt(at));
        let mut update = Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(at))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(earlier);
        QueryTrait::query(&mut update).returning(Query::returning().column(Column::UserId));
        let written = self.row(TABLE, update.build(self.backend())).await?;
        if let Some(found) = written {
            let owner: OwnerRow = row(TABLE, "", &found)?;
            self.touch(UserId::from_uuid(owner.user_id));
        }
        Ok(())
    }
}

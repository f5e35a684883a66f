//! Reads sessions, together with their users. Writing is in
//! `session_writer.rs`.

use std::time::Instant;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, QueryTrait, RelationTrait, Select,
    sea_query::{Expr, Query},
};
use userhub_domain::{
    Result,
    audit::Origin,
    clock::Timestamp,
    secret::TokenHash,
    sessions::{
        AuthenticationMethods, Principal, RefreshLineage, Session, SessionId, SessionReader,
        SpentToken,
    },
    users::{AuthVersion, UserId},
};
use uuid::Uuid;

use super::{
    entity::{
        sessions::{Column, Entity, Relation},
        spent_refresh_tokens::{self as spent, Column as SpentColumn},
        users::{self, Column as UserColumn},
    },
    store::SqlStore,
    stored::{Place, row},
    users::{COLUMNS as USER_COLUMNS, UserRow},
};

pub(super) const TABLE: &str = "sessions";

/// Stands before a session's columns where the user's stand beside them.
const PREFIX: &str = "s_";

/// A session's columns and their names beside a user's.
const COLUMNS: [(Column, &str); 12] = [
    (Column::Id, "s_id"),
    (Column::UserId, "s_user_id"),
    (Column::AuthVersion, "s_auth_version"),
    (Column::RefreshHash, "s_refresh_hash"),
    (Column::CreatedAt, "s_created_at"),
    (Column::LastUsedAt, "s_last_used_at"),
    (Column::ExpiresAt, "s_expires_at"),
    (Column::EndsAt, "s_ends_at"),
    (Column::Address, "s_address"),
    (Column::UserAgent, "s_user_agent"),
    (Column::RequestId, "s_request_id"),
    (Column::Methods, "s_methods"),
];

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    auth_version: i64,
    refresh_hash: Vec<u8>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    methods: String,
}

impl SessionRow {
    fn parse_stored(self) -> Result<Session> {
        let at = Place {
            table: TABLE,
            id: &self.id,
        };
        Ok(Session {
            id: SessionId::from_uuid(self.id),
            user_id: UserId::from_uuid(self.user_id),
            auth_version: AuthVersion(self.auth_version),
            refresh_hash: TokenHash::parse_stored(&self.refresh_hash)
                .ok_or_else(|| at.nonsense("refresh_hash"))?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
            ends_at: self.ends_at,
            origin: Origin {
                address: at.parse_optional("address", self.address.as_ref(), str::parse)?,
                user_agent: self.user_agent,
                request_id: self.request_id,
            },
            methods: AuthenticationMethods::parse_stored(&self.methods)
                .ok_or_else(|| at.nonsense("methods"))?,
        })
    }
}

#[derive(FromQueryResult)]
struct AuthVersionRow {
    auth_version: i64,
}

#[derive(FromQueryResult)]
struct SpentRow {
    salt: Option<Vec<u8>>,
    spent_at: Option<DateTime<Utc>>,
}

fn select_sessions() -> Select<Entity> {
    COLUMNS
        .iter()
        .fold(Entity::find().select_only(), |select, (column, name)| {
            select.column_as(*column, *name)
        })
}

fn select_principals() -> Select<Entity> {
    select_sessions()
        .columns(USER_COLUMNS)
        .column(UserColumn::AuthVersion)
        .join(JoinType::InnerJoin, Relation::User.def())
}

fn session(found: &QueryResult) -> Result<Session> {
    row::<SessionRow>(TABLE, PREFIX, found)?.parse_stored()
}

fn principal(found: &QueryResult) -> Result<Principal> {
    let current: AuthVersionRow = row(TABLE, "", found)?;
    Ok(Principal {
        session: session(found)?,
        user: row::<UserRow>(TABLE, "", found)?.parse_stored()?,
        auth_version: AuthVersion(current.auth_version),
    })
}

fn spent_token(hash: TokenHash, found: &QueryResult) -> Result<Option<SpentToken>> {
    let stored: SpentRow = row(TABLE, "t_", found)?;
    let (Some(salt), Some(spent_at)) = (stored.salt, stored.spent_at) else {
        return Ok(None);
    };
    let salt = salt.try_into().map_err(|_| {
        super::stored::nonsense("spent_refresh_tokens", "salt", format!("{hash:?}"))
    })?;
    Ok(Some(SpentToken {
        hash,
        salt,
        spent_at,
    }))
}

#[async_trait]
impl SessionReader for SqlStore {
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>> {
        if let Some(known) = self.shared.principals.find(&id) {
            return Ok(Some(known));
        }
        let read_from = Instant::now();
        let statement = select_principals()
            .filter(Column::Id.eq(id.as_uuid()))
            .build(self.shared.backend);
        let Some(found) = self.row(TABLE, statement).await? else {
            return Ok(None);
        };
        let found = principal(&found)?;
        self.shared.principals.insert(&found, read_from);
        Ok(Some(found))
    }

    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>> {
        let bytes = || hash.as_bytes().to_vec();
        // One statement, so that a rotation at the same time is seen either
        // not at all or wholly.
        let this_token = Expr::col((spent::Entity, SpentColumn::SessionId))
            .equals((Entity, Column::Id))
            .and(SpentColumn::Hash.eq(bytes()));
        // A hash is of one session at most. `IN` would make Postgres read every
        // session.
        let spent_in = Query::select()
            .column(SpentColumn::SessionId)
            .from(spent::Entity)
            .and_where(SpentColumn::Hash.eq(bytes()))
            .take();
        let spent_in = Expr::SubQuery(None, Box::new(spent_in.into()));
        let mut select = select_principals()
            .column_as(SpentColumn::Salt, "t_salt")
            .column_as(SpentColumn::SpentAt, "t_spent_at")
            .filter(
                Condition::any()
                    .add(Column::RefreshHash.eq(bytes()))
                    .add(Expr::col((Entity, Column::Id)).eq(spent_in)),
            );
        QueryTrait::query(&mut select).join(JoinType::LeftJoin, spent::Entity, this_token);
        let Some(found) = self.row(TABLE, select.build(self.shared.backend)).await? else {
            return Ok(None);
        };
        Ok(Some(RefreshLineage {
            principal: principal(&found)?,
            spent: spent_token(hash, &found)?,
        }))
    }

    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let statement = select_sessions()
            .join(JoinType::InnerJoin, Relation::User.def())
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::ExpiresAt.gt(now))
            .filter(
                Expr::col((Entity, Column::AuthVersion))
                    .equals((users::Entity, UserColumn::AuthVersion)),
            )
            .filter(UserColumn::Suspended.eq(false))
            .filter(UserColumn::DeletedAt.is_null())
            .order_by_desc(Column::LastUsedAt)
            .order_by_desc(Column::Id)
            .build(self.shared.backend);
        self.rows(TABLE, statement)
            .await?
            .iter()
            .map(session)
            .collect()
    }
}

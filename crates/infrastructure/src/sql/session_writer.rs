//! Writes sessions.

use async_trait::async_trait;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, Set,
    sea_query::{Expr, LockBehavior, LockType},
};
use userhub_domain::{
    Result,
    clock::Timestamp,
    sessions::{Rotation, Session, SessionId, SessionWriter},
    users::{AuthVersion, UserId},
};

use super::{
    entity::{
        sessions::{ActiveModel, Column, Entity, Relation},
        spent_refresh_tokens as spent, users,
    },
    sessions::TABLE,
    unit_of_work::SqlUnitOfWork,
};

#[async_trait]
impl SessionWriter for SqlUnitOfWork {
    async fn insert(&self, session: &Session) -> Result<()> {
        let row = ActiveModel {
            id: Set(session.id.as_uuid()),
            user_id: Set(session.user_id.as_uuid()),
            auth_version: Set(session.auth_version.0),
            refresh_hash: Set(session.refresh_hash.as_bytes().to_vec()),
            created_at: Set(session.created_at),
            last_used_at: Set(session.last_used_at),
            expires_at: Set(session.expires_at),
            ends_at: Set(session.ends_at),
            address: Set(session.origin.address.map(|it| it.to_string())),
            user_agent: Set(session.origin.user_agent.clone()),
            request_id: Set(session.origin.request_id.clone()),
            methods: Set(session.methods.as_str().to_owned()),
        };
        self.run(TABLE, Entity::insert(row).build(self.backend()))
            .await?;
        Ok(())
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool> {
        self.touch(rotation.user_id);
        let spent = &rotation.spent;
        let step = Entity::update_many()
            .set(ActiveModel {
                refresh_hash: Set(rotation.next_hash.as_bytes().to_vec()),
                last_used_at: Set(spent.spent_at),
                expires_at: Set(rotation.expires_at),
                ..ActiveModel::default()
            })
            .filter(Column::Id.eq(rotation.session_id.as_uuid()))
            .filter(Column::UserId.eq(rotation.user_id.as_uuid()))
            .filter(Column::RefreshHash.eq(spent.hash.as_bytes().to_vec()))
            .build(self.backend());
        if self.run(TABLE, step).await? == 0 {
            return Ok(false);
        }
        let row = spent::ActiveModel {
            hash: Set(spent.hash.as_bytes().to_vec()),
            session_id: Set(rotation.session_id.as_uuid()),
            salt: Set(spent.salt.to_vec()),
            spent_at: Set(spent.spent_at),
        };
        let insert = spent::Entity::insert(row).build(self.backend());
        self.run("spent_refresh_tokens", insert).await?;
        Ok(true)
    }

    async fn end(&self, id: SessionId, user: UserId) -> Result<bool> {
        self.touch(user);
        // Its spent tokens go with it.
        let statement = Entity::delete_many()
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()> {
        self.touch(user);
        let statement = Entity::update_many()
            .col_expr(Column::AuthVersion, Expr::value(auth_version.0))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .build(self.backend());
        self.run(TABLE, statement).await?;
        Ok(())
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let other_number = Expr::col((Entity, Column::AuthVersion))
            .not_equals((users::Entity, users::Column::AuthVersion));
        let mut over = Entity::find()
            .select_only()
            .column(Column::Id)
            .join(JoinType::InnerJoin, Relation::User.def())
            .filter(
                Condition::any()
                    .add(Column::ExpiresAt.lt(before))
                    .add(other_number),
            )
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        // Several instances clean up at once; SQLite has no such clause.
        QueryTrait::query(&mut over).lock_with_tables_behavior(
            LockType::Update,
            [Entity],
            LockBehavior::SkipLocked,
        );
        let statement = Entity::delete_many()
            .filter(Column::Id.in_subquery(over.into_query()))
            .build(self.backend());
        self.run(TABLE, statement).await
    }
}

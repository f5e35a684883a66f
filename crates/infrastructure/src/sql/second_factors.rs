//! Second factors: the apps of users and their recovery codes. Whatever writes
//! more than one row takes its turn at the user's row first.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Set,
    sea_query::{Expr, LockType, OnConflict},
};
use userhub_domain::{
    Result,
    clock::Timestamp,
    second_factor::{
        RecoveryCodeHash, SealedSeed, SecondFactorReader, SecondFactorWriter, TotpFactor,
    },
    users::UserId,
};

use super::{
    entity::{
        recovery_codes as codes,
        totp_factors::{ActiveModel, Column, Entity},
        users,
    },
    store::SqlStore,
    stored::row,
    unit_of_work::SqlUnitOfWork,
};

const TABLE: &str = "totp_factors";
const CODES: &str = "recovery_codes";

#[derive(FromQueryResult)]
struct FactorRow {
    seed: Vec<u8>,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    last_step: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[async_trait]
impl SecondFactorReader for SqlStore {
    async fn find(&self, user: UserId) -> Result<Option<TotpFactor>> {
        let statement = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .build(self.shared.backend);
        let Some(found) = self.row(TABLE, statement).await? else {
            return Ok(None);
        };
        let stored: FactorRow = row(TABLE, "", &found)?;
        Ok(Some(TotpFactor {
            user_id: user,
            seed: SealedSeed::new(stored.seed),
            created_at: stored.created_at,
            confirmed_at: stored.confirmed_at,
            last_step: stored.last_step,
        }))
    }

    async fn count_recovery_codes(&self, user: UserId) -> Result<u32> {
        let statement = codes::Entity::find()
            .select_only()
            .column_as(codes::Column::Hash.count(), "count")
            .filter(codes::Column::UserId.eq(user.as_uuid()))
            .build(self.shared.backend);
        let Some(found) = self.row(CODES, statement).await? else {
            return Ok(0);
        };
        let count = row::<CountRow>(CODES, "", &found)?.count;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

impl SqlUnitOfWork {
    /// Waits for every other change of this user. SQLite has one writer.
    pub(super) async fn lock_user(&self, user: UserId) -> Result<()> {
        self.touch(user);
        let statement = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::Id.eq(user.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .build(self.backend());
        self.row("users", statement).await?;
        Ok(())
    }

    async fn show_on_user(&self, user: UserId, enabled: bool) -> Result<()> {
        self.touch(user);
        let statement = users::Entity::update_many()
            .col_expr(users::Column::MfaEnabled, Expr::value(enabled))
            .filter(users::Column::Id.eq(user.as_uuid()))
            .build(self.backend());
        self.run("users", statement).await?;
        Ok(())
    }

    async fn remove_recovery_codes(&self, user: UserId) -> Result<()> {
        let statement = codes::Entity::delete_many()
            .filter(codes::Column::UserId.eq(user.as_uuid()))
            .build(self.backend());
        self.run(CODES, statement).await?;
        Ok(())
    }
}

#[async_trait]
impl SecondFactorWriter for SqlUnitOfWork {
    async fn enrol(&self, factor: &TotpFactor) -> Result<bool> {
        self.touch(factor.user_id);
        let row = ActiveModel {
            user_id: Set(factor.user_id.as_uuid()),
            seed: Set(factor.seed.as_bytes().to_vec()),
            created_at: Set(factor.created_at),
            confirmed_at: Set(factor.confirmed_at),
            last_step: Set(factor.last_step),
        };
        let replaced = OnConflict::column(Column::UserId)
            .update_columns([
                Column::Seed,
                Column::CreatedAt,
                Column::ConfirmedAt,
                Column::LastStep,
            ])
            .action_and_where(Expr::col((Entity, Column::ConfirmedAt)).is_null())
            .to_owned();
        let statement = Entity::insert(row)
            .on_conflict(replaced)
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn confirm(
        &self,
        user: UserId,
        seed: &SealedSeed,
        step: i64,
        at: Timestamp,
    ) -> Result<bool> {
        self.lock_user(user).await?;
        let statement = Entity::update_many()
            .col_expr(Column::ConfirmedAt, Expr::value(at))
            .col_expr(Column::LastStep, Expr::value(step))
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::Seed.eq(seed.as_bytes().to_vec()))
            .filter(Column::ConfirmedAt.is_null())
            .build(self.backend());
        if self.run(TABLE, statement).await? == 0 {
            return Ok(false);
        }
        self.show_on_user(user, true).await?;
        Ok(true)
    }

    async fn spend_step(&self, user: UserId, step: i64) -> Result<bool> {
        self.touch(user);
        let statement = Entity::update_many()
            .col_expr(Column::LastStep, Expr::value(step))
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::ConfirmedAt.is_not_null())
            .filter(Column::LastStep.lt(step))
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn replace_recovery_codes(&self, user: UserId, codes: &[RecoveryCodeHash]) -> Result<()> {
        self.lock_user(user).await?;
        self.remove_recovery_codes(user).await?;
        if codes.is_empty() {
            return Ok(());
        }
        let rows = codes.iter().map(|code| codes::ActiveModel {
            user_id: Set(user.as_uuid()),
            hash: Set(code.as_bytes().to_vec()),
        });
        let statement = codes::Entity::insert_many(rows).build(self.backend());
        self.run(CODES, statement).await?;
        Ok(())
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCodeHash) -> Result<bool> {
        self.touch(user);
        let statement = codes::Entity::delete_many()
            .filter(codes::Column::UserId.eq(user.as_uuid()))
            .filter(codes::Column::Hash.eq(code.as_bytes().to_vec()))
            .build(self.backend());
        Ok(self.run(CODES, statement).await? > 0)
    }

    async fn remove(&self, user: UserId) -> Result<bool> {
        self.show_on_user(user, false).await?;
        self.remove_recovery_codes(user).await?;
        let of_user = || Entity::delete_many().filter(Column::UserId.eq(user.as_uuid()));
        let confirmed = of_user()
            .filter(Column::ConfirmedAt.is_not_null())
            .build(self.backend());
        if self.run(TABLE, confirmed).await? > 0 {
            return Ok(true);
        }
        self.run(TABLE, of_user().build(self.backend())).await?;
        Ok(false)
    }
}

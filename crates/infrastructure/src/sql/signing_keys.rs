//! The public halves of the keys that instances sign access tokens with.

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use userhub_domain::{Result, clock::Timestamp};

use super::{
    entity::signing_keys::{ActiveModel, Column, Entity, Model},
    store::SqlStore,
    stored::row,
};

const TABLE: &str = "signing_keys";

/// The public half of a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// `kid`
    pub kid: String,
    /// `alg`
    pub algorithm: String,
    /// The JSON Web Key (RFC 7517), public members only.
    pub jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its last token expires.
    pub expires_at: Timestamp,
}

impl SqlStore {
    /// Publishes a key, or extends one that is published already: its expiry
    /// only ever moves to later.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer.
    pub async fn publish_key(&self, key: &StoredKey) -> Result<()> {
        let row = ActiveModel {
            kid: Set(key.kid.clone()),
            algorithm: Set(key.algorithm.clone()),
            jwk: Set(key.jwk.clone()),
            created_at: Set(key.created_at),
            expires_at: Set(key.expires_at),
        };
        let extended = OnConflict::column(Column::Kid)
            .update_column(Column::ExpiresAt)
            .action_and_where(
                Expr::col((Entity, Column::ExpiresAt)).lt(Expr::value(key.expires_at)),
            )
            .to_owned();
        let statement = Entity::insert(row)
            .on_conflict(extended)
            .build(self.shared.backend);
        self.execute_alone(TABLE, statement).await?;
        Ok(())
    }

    /// The keys whose tokens have not all expired, the newest first.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer.
    pub async fn list_keys(&self, now: Timestamp) -> Result<Vec<StoredKey>> {
        let statement = Entity::find()
            .filter(Column::ExpiresAt.gt(now))
            .order_by_desc(Column::CreatedAt)
            .order_by_asc(Column::Kid)
            .build(self.shared.backend);
        let rows = self.rows(TABLE, statement).await?;
        rows.iter()
            .map(|found| {
                let key: Model = row(TABLE, "", found)?;
                Ok(StoredKey {
                    kid: key.kid,
                    algorithm: key.algorithm,
                    jwk: key.jwk,
                    created_at: key.created_at,
                    expires_at: key.expires_at,
                })
            })
            .collect()
    }

    /// Removes the keys whose tokens have all expired; says how many.
    ///
    /// # Errors
    /// `storage_unavailable` where the database does not answer.
    pub async fn remove_expired_keys(&self, now: Timestamp) -> Result<u64> {
        let statement = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .build(self.shared.backend);
        self.execute_alone(TABLE, statement).await
    }
}

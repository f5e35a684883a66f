//! Tokens that are handed out, to be used once.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Set,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenReader, HandedOutTokenWriter},
    secret::{TokenHash, TokenPurpose},
    users::{AuthVersion, EmailAddress, UserId},
};
use uuid::Uuid;

use super::{
    entity::handed_out_tokens::{ActiveModel, Column, Entity},
    store::SqlStore,
    stored::{Place, row},
    unit_of_work::SqlUnitOfWork,
};

const TABLE: &str = "handed_out_tokens";

#[derive(FromQueryResult)]
struct TokenRow {
    user_id: Uuid,
    auth_version: i64,
    address: Option<String>,
    new_address: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TokenRow {
    fn parse_stored(self, hash: TokenHash, purpose: TokenPurpose) -> Result<HandedOutToken> {
        // The digest would name the row better, but is nobody's to see.
        let owner = format!("a {} of {}", purpose.as_str(), self.user_id);
        let at = Place {
            table: TABLE,
            id: &owner,
        };
        let address = |column, text: &Option<String>| {
            at.parse_optional(column, text.as_ref(), EmailAddress::parse)
        };
        Ok(HandedOutToken {
            hash,
            purpose,
            user_id: UserId::from_uuid(self.user_id),
            auth_version: AuthVersion(self.auth_version),
            address: address("address", &self.address)?,
            new_address: address("new_address", &self.new_address)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

/// The word in the table. Challenges have none, so that the unique index lets
/// a user have several.
fn word(purpose: TokenPurpose) -> Option<&'static str> {
    match purpose {
        TokenPurpose::MfaChallenge => None,
        other => Some(other.as_str()),
    }
}

fn stored(token: &HandedOutToken) -> ActiveModel {
    let text = |address: &Option<EmailAddress>| address.as_ref().map(|it| it.as_str().to_owned());
    ActiveModel {
        hash: Set(token.hash.as_bytes().to_vec()),
        purpose: Set(word(token.purpose).map(str::to_owned)),
        user_id: Set(token.user_id.as_uuid()),
        auth_version: Set(token.auth_version.0),
        address: Set(text(&token.address)),
        new_address: Set(text(&token.new_address)),
        created_at: Set(token.created_at),
        expires_at: Set(token.expires_at),
    }
}

#[async_trait]
impl HandedOutTokenReader for SqlStore {
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>> {
        let of_purpose = match word(purpose) {
            Some(word) => Column::Purpose.eq(word),
            None => Column::Purpose.is_null(),
        };
        let statement = Entity::find()
            .select_only()
            .columns([
                Column::UserId,
                Column::AuthVersion,
                Column::Address,
                Column::NewAddress,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .filter(Column::Hash.eq(hash.as_bytes().to_vec()))
            .filter(of_purpose)
            .build(self.shared.backend);
        let found = self.row(TABLE, statement).await?;
        found
            .map(|found| row::<TokenRow>(TABLE, "", &found)?.parse_stored(hash, purpose))
            .transpose()
    }
}

#[async_trait]
impl HandedOutTokenWriter for SqlUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<bool> {
        if token.purpose == TokenPurpose::MfaChallenge {
            // No index knows them to be of one purpose.
            let others = Entity::delete_many()
                .filter(Column::UserId.eq(token.user_id.as_uuid()))
                .filter(Column::Purpose.is_null())
                .build(self.backend());
            self.run(TABLE, others).await?;
        }
        // One statement: of two at the same time, the one asked for later remains.
        let replaced = OnConflict::columns([Column::UserId, Column::Purpose])
            .update_columns([
                Column::Hash,
                Column::AuthVersion,
                Column::Address,
                Column::NewAddress,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(token.created_at))
            .to_owned();
        let statement = Entity::insert(stored(token))
            .on_conflict(replaced)
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn void_mailed(&self, user: UserId) -> Result<()> {
        let statement = Entity::delete_many()
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::Address.is_not_null())
            .build(self.backend());
        self.run(TABLE, statement).await?;
        Ok(())
    }

    async fn add_challenge(&self, token: &HandedOutToken) -> Result<()> {
        if token.purpose != TokenPurpose::MfaChallenge {
            let error = Error::internal("only challenges stand side by side");
            return Err(self.fail(error).await);
        }
        let statement = Entity::insert(stored(token)).build(self.backend());
        self.run(TABLE, statement).await?;
        Ok(())
    }

    async fn consume(&self, hash: TokenHash) -> Result<bool> {
        let statement = Entity::delete_many()
            .filter(Column::Hash.eq(hash.as_bytes().to_vec()))
            .build(self.backend());
        Ok(self.run(TABLE, statement).await? > 0)
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
        self.run(TABLE, statement).await
    }
}

//! Reads users. Lists are in `user_list.rs`, writing in `user_writer.rs`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use userhub_domain::{
    Result,
    clock::Timestamp,
    error::Identifier,
    page::{Page, PageRequest},
    users::{
        AuthVersion, Credentials, EmailAddress, ExternalId, Metadata, PasswordHash, PersonName,
        PhoneNumber, Role, User, UserId, UserKey, UserQuery, UserReader, UserRecord, Username,
        Version,
    },
};
use uuid::Uuid;

use super::{
    entity::users::{Column, Entity},
    store::SqlStore,
    stored::{Place, row},
};

pub(super) const TABLE: &str = "users";

/// What a [`UserRow`] is read from: neither the hash nor the copies of
/// columns that only the database looks at.
pub(super) const COLUMNS: [Column; 17] = [
    Column::Id,
    Column::Username,
    Column::Email,
    Column::EmailVerified,
    Column::FirstName,
    Column::LastName,
    Column::PhoneNumber,
    Column::Role,
    Column::Suspended,
    Column::MfaEnabled,
    Column::ExternalId,
    Column::Metadata,
    Column::Version,
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::LastLoginAt,
    Column::DeletedAt,
];

/// A user as it is stored.
#[derive(FromQueryResult)]
pub(super) struct UserRow {
    id: Uuid,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    phone_number: Option<String>,
    role: String,
    suspended: bool,
    mfa_enabled: bool,
    external_id: Option<String>,
    metadata: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_login_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
}

impl UserRow {
    pub(super) fn parse_stored(self) -> Result<User> {
        let at = Place {
            table: TABLE,
            id: &self.id,
        };
        Ok(User::from_record(UserRecord {
            id: UserId::from_uuid(self.id),
            username: at.parse_optional("username", self.username.as_ref(), Username::parse)?,
            email: at.parse_optional("email", self.email.as_ref(), EmailAddress::parse)?,
            email_verified: self.email_verified,
            first_name: at.parse_optional(
                "first_name",
                self.first_name.as_ref(),
                PersonName::parse,
            )?,
            last_name: at.parse_optional(
                "last_name",
                self.last_name.as_ref(),
                PersonName::parse,
            )?,
            phone_number: at.parse_optional(
                "phone_number",
                self.phone_number.as_ref(),
                PhoneNumber::parse,
            )?,
            role: at.parse("role", &self.role, Role::parse)?,
            suspended: self.suspended,
            mfa_enabled: self.mfa_enabled,
            external_id: at.parse_optional(
                "external_id",
                self.external_id.as_ref(),
                ExternalId::parse,
            )?,
            metadata: at.parse("metadata", &self.metadata, parse_metadata)?,
            version: Version(self.version),
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_login_at: self.last_login_at,
            deleted_at: self.deleted_at,
        }))
    }
}

fn parse_metadata(text: &str) -> Result<Metadata, ()> {
    // Most users have none.
    if text == "{}" {
        return Ok(Metadata::default());
    }
    let entries: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| ())?;
    Metadata::parse(entries).map_err(|_| ())
}

#[derive(FromQueryResult)]
struct CredentialsRow {
    password_hash: String,
    auth_version: i64,
}

#[derive(FromQueryResult)]
struct IdentifiersRow {
    username_canonical: Option<String>,
    email_canonical: Option<String>,
    phone_number: Option<String>,
    external_id: Option<String>,
}

fn select(key: &UserKey) -> Select<Entity> {
    let select = Entity::find().select_only().columns(COLUMNS);
    match key {
        UserKey::Id(id) => select.filter(Column::Id.eq(id.as_uuid())),
        UserKey::Username(name) => select
            .filter(Column::UsernameCanonical.eq(name.canonical()))
            .filter(Column::DeletedAt.is_null()),
        UserKey::Email(email) => select
            .filter(Column::EmailCanonical.eq(email.canonical()))
            .filter(Column::DeletedAt.is_null()),
    }
}

#[async_trait]
impl UserReader for SqlStore {
    async fn find(&self, key: &UserKey) -> Result<Option<User>> {
        let statement = select(key).build(self.shared.backend);
        let found = self.row(TABLE, statement).await?;
        found
            .map(|found| row::<UserRow>(TABLE, "", &found)?.parse_stored())
            .transpose()
    }

    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>> {
        let statement = select(key)
            .columns([Column::PasswordHash, Column::AuthVersion])
            .build(self.shared.backend);
        let Some(found) = self.row(TABLE, statement).await? else {
            return Ok(None);
        };
        let user = row::<UserRow>(TABLE, "", &found)?.parse_stored()?;
        let credentials = row::<CredentialsRow>(TABLE, "", &found)?;
        Ok(Some((
            user,
            Credentials {
                password_hash: PasswordHash::new(credentials.password_hash),
                auth_version: AuthVersion(credentials.auth_version),
            },
        )))
    }

    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>> {
        self.list_users(query, page).await
    }

    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>> {
        let username = user.username.as_ref().map(Username::canonical);
        let email = user.email.as_ref().map(EmailAddress::canonical);
        let phone_number = user.phone_number.as_ref().map(PhoneNumber::as_str);
        let external_id = user.external_id.as_ref().map(ExternalId::as_str);
        let same = Condition::any()
            .add_option(
                username
                    .as_deref()
                    .map(|it| Column::UsernameCanonical.eq(it)),
            )
            .add_option(email.as_deref().map(|it| Column::EmailCanonical.eq(it)))
            .add_option(phone_number.map(|it| Column::PhoneNumber.eq(it)))
            .add_option(external_id.map(|it| Column::ExternalId.eq(it)));
        let statement = Entity::find()
            .select_only()
            .columns([
                Column::UsernameCanonical,
                Column::EmailCanonical,
                Column::PhoneNumber,
                Column::ExternalId,
            ])
            .filter(Column::DeletedAt.is_null())
            .filter(Column::Id.ne(user.id.as_uuid()))
            .filter(same)
            .build(self.shared.backend);
        let mut others = Vec::new();
        for found in self.rows(TABLE, statement).await? {
            others.push(row::<IdentifiersRow>(TABLE, "", &found)?);
        }
        let is_taken = |one: Identifier| {
            others.iter().any(|other| match one {
                Identifier::Username => same_text(username.as_deref(), &other.username_canonical),
                Identifier::Email => same_text(email.as_deref(), &other.email_canonical),
                Identifier::PhoneNumber => same_text(phone_number, &other.phone_number),
                Identifier::ExternalId => same_text(external_id, &other.external_id),
            })
        };
        Ok(Identifier::ALL
            .into_iter()
            .filter(|one| is_taken(*one))
            .collect())
    }

    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>> {
        let statement = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::DeletedAt.lt(at))
            .order_by_asc(Column::DeletedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .build(self.shared.backend);
        let rows = self.rows(TABLE, statement).await?;
        rows.iter()
            .map(|found| Ok(UserId::from_uuid(row::<IdRow>(TABLE, "", found)?.id)))
            .collect()
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

fn same_text(mine: Option<&str>, other: &Option<String>) -> bool {
    mine.is_some() && mine == other.as_deref()
}

//! Reads users and sessions: each method reads one snapshot.

use std::cmp::Reverse;

use async_trait::async_trait;
use redb::ReadTransaction;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    error::Identifier,
    page::{Cursor, Page, PageRequest, PageStart, SortKey},
    secret::TokenHash,
    sessions::{Principal, RefreshLineage, Session, SessionId, SessionReader},
    users::{
        Credentials, Direction, EmailAddress, User, UserId, UserKey, UserQuery, UserReader,
        Username,
    },
};

use crate::{
    RedbStore,
    rows::{SessionRow, UserRow},
    tables::{self, Readable},
};

/// The key of an identifier in its table: canonical where there is such a form.
pub(crate) fn identifier_key(user: &User, identifier: Identifier) -> Option<Vec<u8>> {
    let value = match identifier {
        Identifier::Username => user.username.as_ref().map(Username::canonical),
        Identifier::Email => user.email.as_ref().map(EmailAddress::canonical),
        Identifier::PhoneNumber => user.phone_number.as_ref().map(ToString::to_string),
        Identifier::ExternalId => user.external_id.as_ref().map(ToString::to_string),
    };
    value.map(|value| key_of(identifier, &value))
}

fn key_of(identifier: Identifier, value: &str) -> Vec<u8> {
    format!("{}:{value}", identifier.field()).into_bytes()
}

/// Which identifiers of a user belong to another living one.
pub(crate) fn taken(identifiers: &impl Readable, user: &User) -> Result<Vec<Identifier>> {
    let mut all = Vec::new();
    for identifier in Identifier::ALL {
        let Some(key) = identifier_key(user, identifier) else {
            continue;
        };
        let owner = tables::bytes(identifiers, &key)?;
        if owner.is_some_and(|owner| owner != user.id.as_uuid().as_bytes()) {
            all.push(identifier);
        }
    }
    Ok(all)
}

fn user_row(snapshot: &ReadTransaction, key: &UserKey) -> Result<Option<UserRow>> {
    let identifier = match key {
        UserKey::Id(id) => {
            let users = tables::read(snapshot, tables::USERS)?;
            return tables::row(&users, id.as_uuid().as_bytes());
        }
        UserKey::Username(name) => key_of(Identifier::Username, &name.canonical()),
        UserKey::Email(address) => key_of(Identifier::Email, &address.canonical()),
    };
    let identifiers = tables::read(snapshot, tables::IDENTIFIERS)?;
    let Some(id) = tables::bytes(&identifiers, &identifier)? else {
        return Ok(None);
    };
    tables::row(&tables::read(snapshot, tables::USERS)?, &id)
}

fn principal(snapshot: &ReadTransaction, session: &SessionRow) -> Result<Principal> {
    let users = tables::read(snapshot, tables::USERS)?;
    let owner = UserId::parse(&session.user_id);
    let owner = owner.map(|id| tables::row::<UserRow>(&users, id.as_uuid().as_bytes()));
    let owner = owner.transpose()?.flatten();
    session.principal(&owner.ok_or_else(|| Error::internal("a session without its user"))?)
}

#[async_trait]
impl UserReader for RedbStore {
    async fn find(&self, key: &UserKey) -> Result<Option<User>> {
        let row = user_row(&self.snapshot()?, key)?;
        row.map(|row| row.user()).transpose()
    }

    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>> {
        let row = user_row(&self.snapshot()?, key)?;
        row.map(|row| Ok((row.user()?, row.credentials())))
            .transpose()
    }

    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>> {
        let snapshot = self.snapshot()?;
        let rows: Vec<UserRow> = tables::rows(&tables::read(&snapshot, tables::USERS)?)?;
        let mut users = Vec::new();
        for row in rows {
            let user = row.user()?;
            if query.matches(&user) {
                users.push(((query.sort_key(&user), user.id.as_uuid().as_u128()), user));
            }
        }
        Ok(paged(users, query.direction, page, |user| {
            query.cursor_after(user)
        }))
    }

    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>> {
        let snapshot = self.snapshot()?;
        taken(&tables::read(&snapshot, tables::IDENTIFIERS)?, user)
    }

    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>> {
        let snapshot = self.snapshot()?;
        let rows: Vec<UserRow> = tables::rows(&tables::read(&snapshot, tables::USERS)?)?;
        let mut deleted = Vec::new();
        for row in rows {
            let user = row.user()?;
            deleted.extend(
                user.deleted_at
                    .filter(|when| *when < at)
                    .map(|when| (when, user.id)),
            );
        }
        deleted.sort();
        deleted.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(deleted.into_iter().map(|(_, id)| id).collect())
    }
}

#[async_trait]
impl SessionReader for RedbStore {
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>> {
        let snapshot = self.snapshot()?;
        let sessions = tables::read(&snapshot, tables::SESSIONS)?;
        let row: Option<SessionRow> = tables::row(&sessions, id.as_uuid().as_bytes())?;
        row.map(|row| principal(&snapshot, &row)).transpose()
    }

    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>> {
        let snapshot = self.snapshot()?;
        let refresh_tokens = tables::read(&snapshot, tables::REFRESH_TOKENS)?;
        let Some(id) = tables::bytes(&refresh_tokens, hash.as_bytes())? else {
            return Ok(None);
        };
        let sessions = tables::read(&snapshot, tables::SESSIONS)?;
        let Some(row) = tables::row::<SessionRow>(&sessions, &id)? else {
            return Ok(None);
        };
        let spent = row.spent.iter().find(|one| one.hash == *hash.as_bytes());
        Ok(Some(RefreshLineage {
            principal: principal(&snapshot, &row)?,
            spent: spent.map(|one| one.spent()).transpose()?,
        }))
    }

    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let snapshot = self.snapshot()?;
        let rows: Vec<SessionRow> = tables::rows(&tables::read(&snapshot, tables::SESSIONS)?)?;
        let owner = user.to_string();
        let mut living = Vec::new();
        for row in rows.iter().filter(|row| row.user_id == owner) {
            let found = principal(&snapshot, row)?;
            if found.is_living(now) {
                living.push(found.session);
            }
        }
        living.sort_by_key(|session| Reverse((session.last_used_at, session.id)));
        Ok(living)
    }
}

/// Sorts, counts, skips to the start of the page and cuts it.
pub(crate) fn paged<T>(
    mut items: Vec<((SortKey, u128), T)>,
    direction: Direction,
    page: &PageRequest,
    cursor: impl FnOnce(&T) -> Cursor,
) -> Page<T> {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    if direction == Direction::Descending {
        items.reverse();
    }
    let total = page
        .count
        .then(|| u64::try_from(items.len()).unwrap_or(u64::MAX));
    let skipped = match &page.start {
        PageStart::Offset(offset) => usize::try_from(*offset).unwrap_or(usize::MAX),
        PageStart::After(cursor) => items.partition_point(|((key, id), _)| {
            let place = (key, *id);
            let after = (&cursor.key, cursor.id.as_u128());
            match direction {
                Direction::Ascending => place <= after,
                Direction::Descending => place >= after,
            }
        }),
    };
    let rest = items.into_iter().skip(skipped).map(|(_, item)| item);
    Page::from_rows(rest.collect(), page, total, cursor)
}

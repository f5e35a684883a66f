//! Reads what was committed last.

use std::cmp::Reverse;

use async_trait::async_trait;
use userhub_domain::{
    Result,
    audit::{AuditEvent, AuditQuery, AuditReader},
    clock::Timestamp,
    error::Identifier,
    handed_out::{HandedOutToken, HandedOutTokenReader},
    page::{Page, PageRequest, PageStart, SortKey},
    secret::{TokenHash, TokenPurpose},
    sessions::{Principal, RefreshLineage, Session, SessionId, SessionReader},
    users::{Credentials, Direction, User, UserId, UserKey, UserQuery, UserReader},
};

use super::{MemoryStore, state::StoredUser};

#[async_trait]
impl UserReader for MemoryStore {
    async fn find(&self, key: &UserKey) -> Result<Option<User>> {
        Ok(self.read()?.find(key).map(|stored| stored.user.clone()))
    }

    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>> {
        Ok(self.read()?.find(key).map(|stored| {
            let credentials = Credentials {
                password_hash: stored.password_hash.clone(),
                auth_version: stored.auth_version,
            };
            (stored.user.clone(), credentials)
        }))
    }

    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>> {
        let state = self.read()?;
        // The text is searched in the form that was stored, as in a column.
        let mut filter = query.clone();
        let text = filter.search.take();
        let finds = |stored: &&StoredUser| {
            let searched = text.as_ref();
            searched.is_none_or(|text| stored.search_text.contains(text.as_str()))
        };
        let users = state.users.values().filter(finds);
        let mut rows: Vec<(Place, User)> = users
            .map(|stored| &stored.user)
            .filter(|user| filter.matches(user))
            .map(|user| ((query.sort_key(user), user.id.as_uuid()), user.clone()))
            .collect();
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        if query.direction == Direction::Descending {
            rows.reverse();
        }
        let rows = from_start(rows, query.direction, page);
        Ok(rows.into_page(page, |user| query.cursor_after(user)))
    }

    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>> {
        Ok(self.read()?.taken(user))
    }

    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>> {
        let state = self.read()?;
        let mut deleted: Vec<(Timestamp, UserId)> = state
            .users
            .values()
            .filter_map(|stored| Some((stored.user.deleted_at?, stored.user.id)))
            .filter(|(deleted_at, _)| *deleted_at < at)
            .collect();
        deleted.sort();
        deleted.truncate(limit.try_into().unwrap_or(usize::MAX));
        Ok(deleted.into_iter().map(|(_, id)| id).collect())
    }
}

#[async_trait]
impl SessionReader for MemoryStore {
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>> {
        let state = self.read()?;
        let stored = state.sessions.get(&id);
        stored.map(|one| state.principal(&one.session)).transpose()
    }

    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>> {
        let state = self.read()?;
        for stored in state.sessions.values() {
            let spent = stored.spent.iter().find(|one| one.hash == hash);
            if spent.is_some() || stored.session.refresh_hash == hash {
                return Ok(Some(RefreshLineage {
                    principal: state.principal(&stored.session)?,
                    spent: spent.cloned(),
                }));
            }
        }
        Ok(None)
    }

    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let state = self.read()?;
        let mut living = Vec::new();
        for stored in state.sessions.values() {
            if stored.session.user_id == user && state.principal(&stored.session)?.is_living(now) {
                living.push(stored.session.clone());
            }
        }
        living.sort_by_key(|session| Reverse((session.last_used_at, session.id)));
        Ok(living)
    }
}

#[async_trait]
impl HandedOutTokenReader for MemoryStore {
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>> {
        let state = self.read()?;
        let token = state.tokens.get(&hash);
        Ok(token.filter(|one| one.purpose == purpose).cloned())
    }
}

#[async_trait]
impl AuditReader for MemoryStore {
    async fn list(&self, query: &AuditQuery, page: &PageRequest) -> Result<Page<AuditEvent>> {
        let state = self.read()?;
        let events = state.events.iter().filter(|event| query.matches(event));
        let mut rows: Vec<(Place, AuditEvent)> = events
            .map(|event| {
                let key = SortKey::Time(Some(event.at));
                ((key, event.id.as_uuid()), event.clone())
            })
            .collect();
        rows.sort_by(|(one, _), (other, _)| other.cmp(one));
        let rows = from_start(rows, Direction::Descending, page);
        Ok(rows.into_page(page, |event| query.cursor_after(event)))
    }
}

/// Where an item stands in an order.
type Place = (SortKey, uuid::Uuid);

struct Rows<T> {
    rest: Vec<T>,
    total: usize,
}

/// The ordered items from the start of the page on.
fn from_start<T>(rows: Vec<(Place, T)>, direction: Direction, page: &PageRequest) -> Rows<T> {
    let total = rows.len();
    let skipped = match &page.start {
        PageStart::Offset(offset) => (*offset).try_into().unwrap_or(usize::MAX),
        PageStart::After(cursor) => {
            let place = (cursor.key.clone(), cursor.id);
            rows.partition_point(|(row, _)| match direction {
                Direction::Ascending => *row <= place,
                Direction::Descending => *row >= place,
            })
        }
    };
    let rest = rows.into_iter().skip(skipped).map(|(_, item)| item);
    Rows {
        rest: rest.collect(),
        total,
    }
}

impl<T> Rows<T> {
    fn into_page(
        self,
        page: &PageRequest,
        cursor: impl FnOnce(&T) -> userhub_domain::page::Cursor,
    ) -> Page<T> {
        let total = page
            .count
            .then(|| self.total.try_into().unwrap_or(u64::MAX));
        Page::from_rows(self.rest, page, total, cursor)
    }
}

//! Writes sessions.

use async_trait::async_trait;
use redb::WriteTransaction;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    sessions::{Rotation, Session, SessionId, SessionWriter},
    users::{AuthVersion, UserId},
};

use crate::{
    rows::{SessionRow, SpentRow, micros},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::{load as load_user, require_user},
};

/// The session, where it is this user's.
fn owned(
    transaction: &WriteTransaction,
    id: SessionId,
    user: UserId,
) -> Result<Option<SessionRow>> {
    let sessions = tables::write(transaction, tables::SESSIONS)?;
    let row: Option<SessionRow> = tables::row(&sessions, id.as_uuid().as_bytes())?;
    Ok(row.filter(|row| row.user_id == user.to_string()))
}

fn save(transaction: &WriteTransaction, id: SessionId, row: &SessionRow) -> Result<()> {
    let key = *id.as_uuid().as_bytes();
    let mut sessions = tables::write(transaction, tables::SESSIONS)?;
    tables::put(&mut sessions, &key, row)?;
    let mut refresh_tokens = tables::write(transaction, tables::REFRESH_TOKENS)?;
    refresh_tokens
        .insert(row.refresh_hash.as_slice(), key.as_slice())
        .map_err(tables::unavailable)?;
    Ok(())
}

/// Removes a session with all its refresh tokens.
fn remove(transaction: &WriteTransaction, row: &SessionRow) -> Result<()> {
    let mut refresh_tokens = tables::write(transaction, tables::REFRESH_TOKENS)?;
    tables::remove(&mut refresh_tokens, &row.refresh_hash)?;
    for spent in &row.spent {
        tables::remove(&mut refresh_tokens, &spent.hash)?;
    }
    let id = SessionId::parse(&row.id).ok_or_else(|| Error::internal("a stored session"))?;
    let mut sessions = tables::write(transaction, tables::SESSIONS)?;
    tables::remove(&mut sessions, id.as_uuid().as_bytes())?;
    Ok(())
}

/// Removes every session of a user.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    let user = user.to_string();
    let sessions = tables::write(transaction, tables::SESSIONS)?;
    let rows: Vec<SessionRow> = tables::rows(&sessions)?;
    drop(sessions);
    rows.iter()
        .filter(|row| row.user_id == user)
        .try_for_each(|row| remove(transaction, row))
}

#[async_trait]
impl SessionWriter for RedbUnitOfWork {
    async fn insert(&self, session: &Session) -> Result<()> {
        self.write(|transaction| {
            require_user(transaction, session.user_id, "a session of nobody")?;
            save(transaction, session.id, &SessionRow::new(session))
        })
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool> {
        self.write(|transaction| {
            let row = owned(transaction, rotation.session_id, rotation.user_id)?;
            let unspent = row.filter(|row| row.refresh_hash == *rotation.spent.hash.as_bytes());
            let Some(mut row) = unspent else {
                return Ok(false);
            };
            row.refresh_hash = *rotation.next_hash.as_bytes();
            row.last_used_at = micros(rotation.spent.spent_at);
            row.expires_at = micros(rotation.expires_at);
            row.spent.push(SpentRow::new(&rotation.spent));
            save(transaction, rotation.session_id, &row)?;
            Ok(true)
        })
    }

    async fn end(&self, id: SessionId, user: UserId) -> Result<bool> {
        self.write(|transaction| {
            let row = owned(transaction, id, user)?;
            row.as_ref()
                .map_or(Ok(()), |row| remove(transaction, row))?;
            Ok(row.is_some())
        })
    }

    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()> {
        self.write(|transaction| {
            owned(transaction, id, user)?.map_or(Ok(()), |mut row| {
                row.auth_version = auth_version.0;
                save(transaction, id, &row)
            })
        })
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|transaction| {
            let sessions = tables::write(transaction, tables::SESSIONS)?;
            let rows: Vec<SessionRow> = tables::rows(&sessions)?;
            drop(sessions);
            let mut removed = 0;
            for row in rows {
                if removed == u64::from(limit) {
                    break;
                }
                let owner = UserId::parse(&row.user_id).map(|id| load_user(transaction, id));
                let owner = owner.transpose()?.flatten();
                let is_void = owner.is_none_or(|user| user.auth_version != row.auth_version);
                if is_void || row.expires_at < micros(before) {
                    remove(transaction, &row)?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
    }
}

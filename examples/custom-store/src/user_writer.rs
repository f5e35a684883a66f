//! Writes users.

use async_trait::async_trait;
use redb::{ReadableTable, WriteTransaction};
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    error::{Conflict, Identifier},
    users::{
        AuthVersion, Credentials, PasswordHash, SessionsAfter, User, UserId, UserRecord,
        UserWriter, Version,
    },
};

use crate::{
    readers::{identifier_key, taken},
    rows::{EventRow, SessionRow, TokenRow, UserRow, micros},
    tables,
    unit_of_work::RedbUnitOfWork,
};

pub(crate) fn load(transaction: &WriteTransaction, id: UserId) -> Result<Option<UserRow>> {
    let users = tables::write(transaction, tables::USERS)?;
    tables::row(&users, id.as_uuid().as_bytes())
}

fn save(transaction: &WriteTransaction, id: UserId, row: &UserRow) -> Result<()> {
    let mut users = tables::write(transaction, tables::USERS)?;
    tables::put(&mut users, id.as_uuid().as_bytes(), row)
}

/// Gives the identifiers of the old form back and takes those of the new one.
fn move_identifiers(transaction: &WriteTransaction, old: Option<&User>, new: &User) -> Result<()> {
    let mut identifiers = tables::write(transaction, tables::IDENTIFIERS)?;
    let living = |user: &&User| user.deleted_at.is_none();
    if let Some(old) = old.filter(living) {
        for key in Identifier::ALL
            .into_iter()
            .filter_map(|one| identifier_key(old, one))
        {
            tables::remove(&mut identifiers, &key)?;
        }
    }
    let Some(new) = Some(new).filter(living) else {
        return Ok(());
    };
    let taken = taken(&identifiers, new)?;
    if !taken.is_empty() {
        return Err(Conflict::Taken(taken).into());
    }
    for key in Identifier::ALL
        .into_iter()
        .filter_map(|one| identifier_key(new, one))
    {
        identifiers
            .insert(key.as_slice(), new.id.as_uuid().as_bytes().as_slice())
            .map_err(tables::unavailable)?;
    }
    Ok(())
}

fn update(
    transaction: &WriteTransaction,
    user: &User,
    expected: Version,
    sessions: SessionsAfter,
) -> Result<()> {
    let row = load(transaction, user.id)?.ok_or(Conflict::Stale)?;
    let before = row.user()?;
    if before.version != expected {
        return Err(Conflict::Stale.into());
    }
    move_identifiers(transaction, Some(&before), user)?;
    let after = User::from_record(UserRecord {
        last_login_at: before.last_login_at,
        ..user.record().clone()
    });
    let mut credentials = row.credentials();
    if sessions == SessionsAfter::End {
        credentials.auth_version = credentials.auth_version.next();
    }
    save(transaction, user.id, &UserRow::new(&after, &credentials))
}

fn require_another_admin(transaction: &WriteTransaction, id: UserId) -> Result<()> {
    let users = tables::write(transaction, tables::USERS)?;
    for row in tables::rows::<UserRow>(&users)? {
        let user = row.user()?;
        if user.id != id && user.is_working_admin() {
            return Ok(());
        }
    }
    Err(Conflict::LastAdmin.into())
}

#[async_trait]
impl UserWriter for RedbUnitOfWork {
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()> {
        self.write(|transaction| {
            if load(transaction, user.id)?.is_some() {
                return Err(Error::internal("the id of a new user is not new"));
            }
            move_identifiers(transaction, None, user)?;
            let credentials = Credentials {
                password_hash: password_hash.clone(),
                auth_version: AuthVersion::FIRST,
            };
            save(transaction, user.id, &UserRow::new(user, &credentials))
        })
    }

    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()> {
        self.write(|transaction| update(transaction, user, expected, sessions))
    }

    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()> {
        self.write(|transaction| {
            update(transaction, user, expected, sessions)?;
            require_another_admin(transaction, user.id)
        })
    }

    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        self.write(|transaction| {
            let mut row = load(transaction, id)?.ok_or(Conflict::Stale)?;
            if row.auth_version != expected.0 || row.user()?.deleted_at.is_some() {
                return Err(Conflict::Stale.into());
            }
            row.password_hash = password_hash.expose().to_owned();
            row.auth_version = expected.next().0;
            save(transaction, id, &row)?;
            Ok(expected.next())
        })
    }

    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
        self.write(|transaction| {
            let row = load(transaction, id)?.filter(|row| row.password_hash == old.expose());
            row.map_or(Ok(()), |mut row| {
                row.password_hash = new.expose().to_owned();
                save(transaction, id, &row)
            })
        })
    }

    async fn end_all_sessions(&self, id: UserId) -> Result<()> {
        self.write(|transaction| {
            load(transaction, id)?.map_or(Ok(()), |mut row| {
                row.auth_version = AuthVersion(row.auth_version).next().0;
                save(transaction, id, &row)
            })
        })
    }

    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool> {
        self.write(|transaction| {
            let Some(mut row) = load(transaction, id)? else {
                return Ok(false);
            };
            row.last_login_at = Some(micros(at));
            save(transaction, id, &row)?;
            Ok(true)
        })
    }

    async fn purge(&self, id: UserId) -> Result<bool> {
        self.write(|transaction| {
            let Some(row) = load(transaction, id)? else {
                return Ok(false);
            };
            if row.user()?.deleted_at.is_none() {
                return Ok(false);
            }
            let mut users = tables::write(transaction, tables::USERS)?;
            tables::remove(&mut users, id.as_uuid().as_bytes())?;
            forget(transaction, &id.to_string())?;
            Ok(true)
        })
    }
}

/// Removes what hangs on a user, and where he acted from.
fn forget(transaction: &WriteTransaction, id: &str) -> Result<()> {
    let sessions = tables::write(transaction, tables::SESSIONS)?;
    let of_user = |row: &SessionRow| row.user_id == id;
    let gone: Vec<SessionRow> = tables::rows(&sessions)?
        .into_iter()
        .filter(of_user)
        .collect();
    drop(sessions);
    for row in gone {
        crate::session_writer::remove(transaction, &row)?;
    }
    let mut tokens = tables::write(transaction, tables::TOKENS)?;
    for row in tables::rows::<TokenRow>(&tokens)? {
        if row.user_id == id {
            tables::remove(&mut tokens, &row.hash)?;
        }
    }
    let mut events = tables::write(transaction, tables::EVENTS)?;
    let all = events.iter().map_err(tables::unavailable)?;
    let keys: Vec<Vec<u8>> = all
        .map(|entry| Ok(entry.map_err(tables::unavailable)?.0.value().to_vec()))
        .collect::<Result<_>>()?;
    for key in keys {
        let row: Option<EventRow> = tables::row(&events, &key)?;
        let is_theirs =
            |row: &EventRow| row.subject.as_deref() == Some(id) || row.actor.as_deref() == Some(id);
        if let Some(mut row) = row.filter(is_theirs) {
            row.address = None;
            row.user_agent = None;
            tables::put(&mut events, &key, &row)?;
        }
    }
    Ok(())
}

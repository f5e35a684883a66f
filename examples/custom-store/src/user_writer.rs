//! Writes users.

use async_trait::async_trait;
use redb::WriteTransaction;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    error::{Conflict, Identifier},
    users::{
        AuthVersion, Credentials, EmailAddress, PasswordHash, SessionsAfter, User, UserId,
        UserRecord, UserWriter, Version,
    },
};

use crate::{
    api_keys, audit, handed_out_tokens, outbox,
    readers::{identifier_key, taken},
    rows::{UserRow, micros},
    second_factors, session_writer, tables,
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

/// What a foreign key does in a database.
pub(crate) fn require_user(
    transaction: &WriteTransaction,
    id: UserId,
    what: &'static str,
) -> Result<()> {
    let found = load(transaction, id)?;
    found.map(drop).ok_or_else(|| Error::internal(what))
}

/// Shows on a user whether there is a second factor; moves nothing else.
pub(crate) fn show_second_factor(
    transaction: &WriteTransaction,
    id: UserId,
    enabled: bool,
) -> Result<()> {
    load(transaction, id)?.map_or(Ok(()), |mut row| {
        row.mfa_enabled = enabled;
        save(transaction, id, &row)
    })
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
        mfa_enabled: before.mfa_enabled,
        ..user.record().clone()
    });
    let mut credentials = row.credentials();
    if sessions == SessionsAfter::End {
        credentials.auth_version = credentials.auth_version.next();
    }
    save(transaction, user.id, &UserRow::new(&after, &credentials))
}

fn verify_email(
    transaction: &WriteTransaction,
    id: UserId,
    email: &EmailAddress,
    at: Timestamp,
) -> Result<bool> {
    let Some(row) = load(transaction, id)? else {
        return Ok(false);
    };
    let user = row.user()?;
    let address = user.email.as_ref().map(EmailAddress::canonical);
    if user.deleted_at.is_some() || address != Some(email.canonical()) {
        return Ok(false);
    }
    if !user.email_verified {
        let verified = User::from_record(UserRecord {
            email_verified: true,
            version: user.version.next(),
            updated_at: at,
            ..user.record().clone()
        });
        save(
            transaction,
            id,
            &UserRow::new(&verified, &row.credentials()),
        )?;
    }
    Ok(true)
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

    async fn verify_email(&self, id: UserId, email: &EmailAddress, at: Timestamp) -> Result<bool> {
        self.write(|transaction| verify_email(transaction, id, email, at))
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
            drop(users);
            forget(transaction, id)?;
            Ok(true)
        })
    }
}

/// Removes what hangs on a user, and from where he acted.
fn forget(transaction: &WriteTransaction, id: UserId) -> Result<()> {
    session_writer::forget(transaction, id)?;
    handed_out_tokens::forget(transaction, id)?;
    second_factors::forget(transaction, id)?;
    api_keys::forget(transaction, id)?;
    outbox::forget(transaction, id)?;
    audit::forget(transaction, id)
}

//! Writes users.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    error::Conflict,
    users::{
        AuthVersion, EmailAddress, PasswordHash, SessionsAfter, User, UserId, UserRecord,
        UserWriter, Version,
    },
};

use super::{
    MemoryUnitOfWork,
    state::{State, StoredUser},
};

#[async_trait]
impl UserWriter for MemoryUnitOfWork {
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()> {
        self.write(|state| {
            if state.users.contains_key(&user.id) {
                return Err(Error::internal("the id of a new user is not new"));
            }
            state.require_free_identifiers(user)?;
            let stored = StoredUser::new(user, password_hash);
            state.users.insert(user.id, stored);
            Ok(())
        })
    }

    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()> {
        self.write(|state| update(state, user, expected, sessions))
    }

    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()> {
        self.write(|state| {
            update(state, user, expected, sessions)?;
            let is_other_admin =
                |one: &StoredUser| one.user.id != user.id && one.user.is_working_admin();
            if state.users.values().any(is_other_admin) {
                Ok(())
            } else {
                Err(Conflict::LastAdmin.into())
            }
        })
    }

    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        self.write(|state| {
            let stored = state
                .user_mut(id)
                .filter(|one| one.auth_version == expected && one.user.deleted_at.is_none())
                .ok_or(Conflict::Stale)?;
            stored.password_hash = password_hash.clone();
            stored.auth_version = expected.next();
            Ok(stored.auth_version)
        })
    }

    async fn verify_email(&self, id: UserId, email: &EmailAddress, at: Timestamp) -> Result<bool> {
        self.write(|state| {
            let wanted = email.canonical();
            let is_theirs = |one: &&mut StoredUser| {
                let address = one.user.email.as_ref().map(EmailAddress::canonical);
                one.user.deleted_at.is_none() && address.as_ref() == Some(&wanted)
            };
            let Some(stored) = state.user_mut(id).filter(is_theirs) else {
                return Ok(false);
            };
            if !stored.user.email_verified {
                stored.change(|record| {
                    record.email_verified = true;
                    record.version = record.version.next();
                    record.updated_at = at;
                });
            }
            Ok(true)
        })
    }

    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
        self.write(|state| {
            if let Some(stored) = state.user_mut(id).filter(|one| one.password_hash == *old) {
                stored.password_hash = new.clone();
            }
            Ok(())
        })
    }

    async fn end_all_sessions(&self, id: UserId) -> Result<()> {
        self.write(|state| {
            if let Some(stored) = state.user_mut(id) {
                stored.auth_version = stored.auth_version.next();
            }
            Ok(())
        })
    }

    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool> {
        self.write(|state| {
            let Some(stored) = state.user_mut(id) else {
                return Ok(false);
            };
            stored.change(|record| record.last_login_at = Some(at));
            Ok(true)
        })
    }

    async fn purge(&self, id: UserId) -> Result<bool> {
        self.write(|state| {
            let is_deleted = state
                .users
                .get(&id)
                .is_some_and(|one| one.user.deleted_at.is_some());
            if is_deleted {
                state.remove_user(id);
            }
            Ok(is_deleted)
        })
    }
}

fn update(
    state: &mut State,
    user: &User,
    expected: Version,
    sessions: SessionsAfter,
) -> Result<()> {
    let is_current = state
        .users
        .get(&user.id)
        .is_some_and(|one| one.user.version == expected);
    if !is_current {
        return Err(Conflict::Stale.into());
    }
    state.require_free_identifiers(user)?;
    let stored = state.user_mut(user.id).ok_or(Conflict::Stale)?;
    stored.write(User::from_record(UserRecord {
        last_login_at: stored.user.last_login_at,
        mfa_enabled: stored.user.mfa_enabled,
        ..user.record().clone()
    }));
    if sessions == SessionsAfter::End {
        stored.auth_version = stored.auth_version.next();
    }
    Ok(())
}

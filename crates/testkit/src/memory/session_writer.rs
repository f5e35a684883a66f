//! Writes sessions.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    sessions::{Rotation, Session, SessionId, SessionWriter},
    users::{AuthVersion, UserId},
};

use super::{
    MemoryUnitOfWork,
    state::{State, StoredSession},
};

#[async_trait]
impl SessionWriter for MemoryUnitOfWork {
    async fn insert(&self, session: &Session) -> Result<()> {
        self.write(|state| {
            state.require_user(session.user_id, "a session of nobody")?;
            let stored = StoredSession {
                session: session.clone(),
                spent: Vec::new(),
            };
            match state.sessions.insert(session.id, stored) {
                None => Ok(()),
                Some(_) => Err(Error::internal("the id of a new session is not new")),
            }
        })
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool> {
        self.write(|state| {
            let unspent = owned(state, rotation.session_id, rotation.user_id)
                .filter(|one| one.session.refresh_hash == rotation.spent.hash);
            let Some(stored) = unspent else {
                return Ok(false);
            };
            stored.session.refresh_hash = rotation.next_hash;
            stored.session.last_used_at = rotation.spent.spent_at;
            stored.session.expires_at = rotation.expires_at;
            stored.spent.push(rotation.spent.clone());
            Ok(true)
        })
    }

    async fn end(&self, id: SessionId, user: UserId) -> Result<bool> {
        self.write(|state| {
            let is_there = owned(state, id, user).is_some();
            if is_there {
                state.sessions.remove(&id);
            }
            Ok(is_there)
        })
    }

    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()> {
        self.write(|state| {
            if let Some(stored) = owned(state, id, user) {
                stored.session.auth_version = auth_version;
            }
            Ok(())
        })
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        self.write(|state| {
            let over: Vec<SessionId> = state
                .sessions
                .values()
                .map(|stored| &stored.session)
                .filter(|session| session.expires_at < before || is_void(state, session))
                .map(|session| session.id)
                .take(limit.try_into().unwrap_or(usize::MAX))
                .collect();
            state.sessions.retain(|id, _| !over.contains(id));
            Ok(over.len().try_into().unwrap_or(u64::MAX))
        })
    }
}

fn owned(state: &mut State, id: SessionId, user: UserId) -> Option<&mut StoredSession> {
    state
        .sessions
        .get_mut(&id)
        .filter(|one| one.session.user_id == user)
}

fn is_void(state: &State, session: &Session) -> bool {
    state
        .users
        .get(&session.user_id)
        .is_none_or(|one| one.auth_version != session.auth_version)
}

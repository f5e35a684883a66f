//! Writes sessions, wrongly.

use async_trait::async_trait;
use chrono::TimeDelta;
use userhub_domain::{
    Result,
    clock::Timestamp,
    sessions::{Rotation, Session, SessionId, SessionWriter},
    users::{AuthVersion, UserId},
};

use super::{BrokenUnitOfWork, Defect, readers::milliseconds};
use crate::memory::state::State;

impl BrokenUnitOfWork {
    fn owner(&self, id: SessionId) -> Option<UserId> {
        self.meddle(|state| state.sessions.get(&id).map(|one| one.session.user_id))
    }

    /// What is wrong after a step that was taken.
    fn spoil_rotated(&self, rotation: &Rotation) {
        let defect = self.store.defect;
        self.meddle(|state| {
            let current = state.users.get(&rotation.user_id);
            let current = current.map(|owner| owner.auth_version);
            let Some(stored) = state.sessions.get_mut(&rotation.session_id) else {
                return;
            };
            match (defect, current) {
                (Defect::OnlyLastSpentKnown, _) => {
                    let last = stored.spent.pop();
                    stored.spent = last.into_iter().collect();
                }
                (Defect::RotationForgetsMethods, _) => stored.session.methods = Default::default(),
                (Defect::RotationForgetsAgent, _) => stored.session.origin.user_agent = None,
                (Defect::RotationRevives, Some(current)) => stored.session.auth_version = current,
                _ => {}
            }
        });
    }

    /// Takes the step although it was lost.
    fn rotate_anyway(&self, rotation: &Rotation) -> Result<bool> {
        self.inner().write(|state| {
            if let Some(stored) = state.sessions.get_mut(&rotation.session_id) {
                stored.session.refresh_hash = rotation.next_hash;
                stored.spent.push(rotation.spent.clone());
            }
            Ok(true)
        })
    }
}

#[async_trait]
impl SessionWriter for BrokenUnitOfWork {
    async fn insert(&self, session: &Session) -> Result<()> {
        let mut session = session.clone();
        match self.store.defect {
            Defect::SessionForgetsAgent => session.origin.user_agent = None,
            Defect::SessionForgetsMethods => session.methods = Default::default(),
            Defect::TimesCutToMilliseconds => {
                session.created_at = milliseconds(session.created_at);
                session.last_used_at = milliseconds(session.last_used_at);
                session.expires_at = milliseconds(session.expires_at);
                session.ends_at = milliseconds(session.ends_at);
            }
            _ => {}
        }
        let done = SessionWriter::insert(self.inner(), &session).await;
        self.done(done)
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool> {
        let hash = |state: &State| {
            let session = state.sessions.get(&rotation.session_id);
            session.map(|one| one.session.refresh_hash)
        };
        let was_unspent = hash(&self.before) == Some(rotation.spent.hash);
        let expiry = self.meddle(|state| {
            let session = state.sessions.get(&rotation.session_id);
            session.map(|one| one.session.expires_at)
        });
        let mut rotation = rotation.clone();
        if self.is(Defect::TimesCutToMilliseconds) {
            rotation.spent.spent_at = milliseconds(rotation.spent.spent_at);
        }
        if let (true, Some(expiry)) = (self.is(Defect::RotationKeepsExpiry), expiry) {
            rotation.expires_at = expiry;
        }
        let done = match self.store.defect {
            Defect::RotateAlwaysTrue => self.rotate_anyway(&rotation),
            Defect::RotationBeforeItsTurn if was_unspent => self.rotate_anyway(&rotation),
            _ => self.inner().rotate(&rotation).await,
        };
        if let Ok(true) = done {
            self.spoil_rotated(&rotation);
        }
        self.done(done)
    }

    async fn end(&self, id: SessionId, user: UserId) -> Result<bool> {
        let user = match self.owner(id) {
            Some(owner) if self.is(Defect::EndIgnoresOwner) => owner,
            _ => user,
        };
        let done = self.inner().end(id, user).await;
        let always = self.is(Defect::EndAlwaysTrue);
        self.done(done.map(|ended| ended || always))
    }

    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()> {
        let user = match self.owner(id) {
            Some(owner) if self.is(Defect::CarryOverIgnoresOwner) => owner,
            _ => user,
        };
        let done = match self.store.defect {
            Defect::CarryOverDoesNothing => self.inner().write(|_| Ok(())),
            _ => self.inner().carry_over(id, user, auth_version).await,
        };
        if self.is(Defect::CarryOverIsAUse) {
            self.meddle(|state| {
                if let Some(stored) = state.sessions.get_mut(&id) {
                    stored.session.last_used_at = stored.session.created_at;
                }
            });
        }
        self.done(done)
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let (before, limit) = match self.store.defect {
            Defect::RemovalWithoutLimit => (before, u32::MAX),
            Defect::RemovalTakesTheLastMoment => (before + TimeDelta::microseconds(1), limit),
            _ => (before, limit),
        };
        if self.is(Defect::RemovalTakesTheSuspended) {
            self.meddle(|state| {
                let users = &state.users;
                state.sessions.retain(|_, one| {
                    let owner = users.get(&one.session.user_id);
                    owner.is_some_and(|owner| !owner.user.suspended)
                });
            });
        }
        let done = match self.store.defect {
            Defect::RemovalWithoutVoid => self.inner().write(|state| {
                let all = state.sessions.len();
                let limit = usize::try_from(limit).unwrap();
                let over = state.sessions.values().map(|one| &one.session);
                let over = over.filter(|session| session.expires_at < before);
                let over: Vec<_> = over.map(|session| session.id).take(limit).collect();
                state.sessions.retain(|id, _| !over.contains(id));
                Ok(u64::try_from(all - state.sessions.len()).unwrap())
            }),
            _ => SessionWriter::remove_expired(self.inner(), before, limit).await,
        };
        self.done(done)
    }
}

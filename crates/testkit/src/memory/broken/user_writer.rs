//! Writes users, wrongly.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    clock::Timestamp,
    error::{Conflict, Identifier},
    users::{
        AuthVersion, EmailAddress, PasswordHash, SessionsAfter, User, UserId, UserRecord,
        UserWriter, Version,
    },
};

use super::{BrokenUnitOfWork, Defect, readers::milliseconds};
use crate::memory::state::{State, StoredUser};

impl BrokenUnitOfWork {
    /// The user in the form that is stored.
    fn stored(&self, user: &User, is_new: bool) -> User {
        let mut record = user.record().clone();
        match self.store.defect {
            Defect::TimesCutToMilliseconds => {
                record.created_at = milliseconds(record.created_at);
                record.updated_at = milliseconds(record.updated_at);
                record.deleted_at = record.deleted_at.map(milliseconds);
            }
            Defect::MetadataLost if is_new => record.metadata = Default::default(),
            _ => {}
        }
        User::from_record(record)
    }

    /// What a store with this defect thinks is taken.
    fn taken(&self, state: &State, user: &User) -> Vec<Identifier> {
        let others = |one: &&StoredUser| one.user.id != user.id;
        let mut taken = state.taken(user);
        match self.store.defect {
            Defect::UniqueBeforeItsTurn => return self.before.taken(user),
            Defect::OnlyFirstTakenNamed => taken.truncate(1),
            Defect::UniqueByCase => taken.retain(|identifier| {
                state.living().filter(others).any(|one| match identifier {
                    Identifier::Username => one.user.username == user.username,
                    Identifier::Email => one.user.email == user.email,
                    _ => true,
                })
            }),
            Defect::ExternalIdsFolded => {
                let folded = |user: &User| {
                    user.external_id
                        .as_ref()
                        .map(|id| id.as_str().to_lowercase())
                };
                let mine = folded(user);
                let mut others = state.living().filter(others);
                if mine.is_some() && taken.is_empty() && others.any(|one| folded(&one.user) == mine)
                {
                    taken.push(Identifier::ExternalId);
                }
            }
            Defect::MissingCollide => {
                let mut others = state.living().filter(others);
                if user.external_id.is_none() && others.any(|one| one.user.external_id.is_none()) {
                    taken.push(Identifier::ExternalId);
                }
            }
            Defect::DeletedKeepIdentifiers => {
                let mut all = state.users.values().filter(others);
                if taken.is_empty()
                    && user.username.is_some()
                    && all.any(|one| one.user.username == user.username)
                {
                    taken.push(Identifier::Username);
                }
            }
            _ => {}
        }
        taken
    }

    fn judges_by_itself(&self) -> bool {
        matches!(
            self.store.defect,
            Defect::UniqueBeforeItsTurn
                | Defect::OnlyFirstTakenNamed
                | Defect::UniqueByCase
                | Defect::ExternalIdsFolded
                | Defect::MissingCollide
                | Defect::DeletedKeepIdentifiers
        )
    }

    fn insert_by_itself(&self, user: &User, password_hash: &PasswordHash) -> Result<()> {
        self.inner().write(|state| {
            let taken = self.taken(state, user);
            if user.deleted_at.is_none() && !taken.is_empty() {
                return Err(Conflict::Taken(taken).into());
            }
            let stored = StoredUser::new(user, password_hash);
            state.users.insert(user.id, stored);
            Ok(())
        })
    }

    /// The version that a store with this defect compares with.
    fn expected(&self, user: &User, expected: Version) -> Version {
        let stored = |state: &State| state.users.get(&user.id).map(|one| one.user.version);
        match self.store.defect {
            Defect::VersionNotCompared => self.meddle(|state| stored(state)).unwrap_or(expected),
            Defect::VersionBeforeItsTurn if stored(&self.before) == Some(expected) => {
                self.meddle(|state| stored(state)).unwrap_or(expected)
            }
            _ => expected,
        }
    }

    /// Puts a user there without asking anything.
    fn force(&self, user: &User, sessions: SessionsAfter) {
        self.meddle(|state| {
            if let Some(stored) = state.user_mut(user.id) {
                stored.write(user.clone());
                if sessions == SessionsAfter::End {
                    stored.auth_version = stored.auth_version.next();
                }
            }
        });
    }

    async fn write(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()> {
        let inner = self.inner();
        let expected = self.expected(user, expected);
        let before = self.meddle(|state| state.users.get(&user.id).map(|one| one.user.clone()));
        let is_current = before.as_ref().is_some_and(|one| one.version == expected);
        let user = &self.stored(user, false);
        match self.store.defect {
            Defect::TakenBeforeStale if before.is_some() => {
                inner.write(|state| state.require_free_identifiers(user))?;
                inner.update(user, expected, sessions).await
            }
            Defect::UpdateTakesAnything if is_current => {
                inner.write(|_| Ok(()))?;
                self.force(user, sessions);
                Ok(())
            }
            Defect::VerbsSeeTheCommitted
                if !self.store.committed().users.contains_key(&user.id) =>
            {
                inner.write(|_| Err(Conflict::Stale.into()))
            }
            Defect::UpdateAlwaysEnds => inner.update(user, expected, SessionsAfter::End).await,
            Defect::TakenFoundByReaderAlone => {
                let done = inner.update(user, expected, sessions).await;
                done.map_err(|error| match error {
                    userhub_domain::Error::Conflict(Conflict::Taken(_)) => {
                        Conflict::Taken(Vec::new()).into()
                    }
                    other => other,
                })
            }
            _ if self.judges_by_itself() && is_current => {
                inner.write(|state| {
                    let taken = self.taken(state, user);
                    if user.deleted_at.is_none() && !taken.is_empty() {
                        return Err(Conflict::Taken(taken).into());
                    }
                    Ok(())
                })?;
                let before = before.as_ref().unwrap_or(user);
                let kept = UserRecord {
                    last_login_at: before.last_login_at,
                    mfa_enabled: before.mfa_enabled,
                    ..user.record().clone()
                };
                self.force(&User::from_record(kept), sessions);
                Ok(())
            }
            _ => {
                inner.update(user, expected, sessions).await?;
                self.spoil(user, before);
                Ok(())
            }
        }
    }

    /// What is wrong after an update that went well.
    fn spoil(&self, user: &User, before: Option<User>) {
        let (Some(before), defect) = (before, self.store.defect) else {
            return;
        };
        self.meddle(|state| {
            let Some(stored) = state.user_mut(user.id) else {
                return;
            };
            let mut record = stored.user.record().clone();
            match defect {
                Defect::UpdateForgetsPhone => record.phone_number.clone_from(&before.phone_number),
                Defect::UpdateWritesLastLogin => record.last_login_at = user.last_login_at,
                Defect::UpdateWritesSecondFactor => record.mfa_enabled = user.mfa_enabled,
                _ => {}
            }
            stored.user = User::from_record(record);
            if defect == Defect::SearchTextStale {
                stored.search_text = before.search_text();
            }
        });
    }

    /// Whether a store with this defect would let the administrator go.
    fn is_guarded(&self, user: &User) -> Option<bool> {
        let other = |one: &StoredUser| one.user.id != user.id;
        match self.store.defect {
            Defect::NoAdminGuard => Some(true),
            Defect::GuardAlwaysRefuses => Some(false),
            Defect::GuardCountsTheSuspended => Some(self.meddle(|state| {
                let mut living = state.living();
                living.any(|one| other(one) && one.user.role == userhub_domain::users::Role::Admin)
            })),
            Defect::LastAdminBeforeStale => self.meddle(|state| {
                let mut all = state.users.values();
                let is_left = all.any(|one| other(one) && one.user.is_working_admin());
                (!is_left).then_some(false)
            }),
            Defect::GuardBeforeItsTurn => {
                let mut all = self.before.users.values();
                Some(all.any(|one| other(one) && one.user.is_working_admin()))
            }
            _ => None,
        }
    }
}

/// Dropped where a call is given up.
struct GivenUp<'a>(&'a BrokenUnitOfWork);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.publish();
    }
}

#[async_trait]
impl UserWriter for BrokenUnitOfWork {
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()> {
        let user = &self.stored(user, true);
        let given_up = GivenUp(self);
        if self.is(Defect::DroppedCallsStay) {
            tokio::task::yield_now().await;
        }
        std::mem::forget(given_up);
        let cut: String = password_hash.expose().chars().take(255).collect();
        let done = match self.store.defect {
            Defect::HashesCut => self.inner().insert(user, &PasswordHash::new(cut)).await,
            _ if self.judges_by_itself() => self.insert_by_itself(user, password_hash),
            _ => self.inner().insert(user, password_hash).await,
        };
        if done.is_ok() && self.is(Defect::FirstNumberIsZero) {
            self.meddle(|state| {
                if let Some(stored) = state.user_mut(user.id) {
                    stored.auth_version = AuthVersion(0);
                }
            });
        }
        self.done(done)
    }

    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()> {
        let done = self.write(user, expected, sessions).await;
        self.done(done)
    }

    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()> {
        let done = match self.is_guarded(user) {
            Some(true) => self.inner().update(user, expected, sessions).await,
            Some(false) => self.inner().write(|_| Err(Conflict::LastAdmin.into())),
            None => {
                let current =
                    self.meddle(|state| state.users.get(&user.id).map(|one| one.user.version));
                let expected = match self.store.defect {
                    Defect::GuardIgnoresVersion => current.unwrap_or(expected),
                    _ => self.expected(user, expected),
                };
                let inner = self.inner();
                inner
                    .update_keeping_an_admin(user, expected, sessions)
                    .await
            }
        };
        self.done(done)
    }

    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        self.set_password_wrongly(id, password_hash, expected).await
    }

    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
        let stored = self.meddle(|state| state.users.get(&id).map(|one| one.password_hash.clone()));
        let old = match stored {
            Some(stored) if self.is(Defect::RehashUnconditional) => stored,
            _ => old.clone(),
        };
        let done = self.inner().rehash(id, &old, new).await;
        self.done(done)
    }

    async fn end_all_sessions(&self, id: UserId) -> Result<()> {
        let done = match self.store.defect {
            Defect::EndAllDoesNothing => self.inner().write(|_| Ok(())),
            _ => self.inner().end_all_sessions(id).await,
        };
        self.done(done)
    }

    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool> {
        self.record_login_wrongly(id, at).await
    }

    async fn purge(&self, id: UserId) -> Result<bool> {
        self.purge_wrongly(id).await
    }

    async fn verify_email(&self, id: UserId, email: &EmailAddress, at: Timestamp) -> Result<bool> {
        self.verify_wrongly(id, email, at).await
    }
}

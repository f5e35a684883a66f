//! Reads users, sessions and tokens, wrongly.

use async_trait::async_trait;
use chrono::SubsecRound;
use userhub_domain::{
    Result,
    clock::Timestamp,
    error::Identifier,
    handed_out::{HandedOutToken, HandedOutTokenReader},
    page::{Page, PageRequest},
    secret::{TokenHash, TokenPurpose},
    sessions::{Principal, RefreshLineage, Session, SessionId, SessionReader},
    users::{Credentials, User, UserId, UserKey, UserQuery, UserReader},
};

use super::{BrokenStore, Defect};
use crate::locked;

pub(super) fn milliseconds(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(3)
}

impl BrokenStore {
    /// Whether a store with this defect does not find whom it should, or the
    /// other way round.
    fn mistaken(&self, key: &UserKey) -> Option<Option<User>> {
        let state = self.committed();
        let mut all = state.users.values().map(|one| &one.user);
        let find_deleted = self.is(Defect::DeletedFoundByName);
        let is_looked_for = |user: &&User| match key {
            UserKey::Id(_) => false,
            UserKey::Username(name) => user.username.as_ref() == Some(name),
            UserKey::Email(address) => user.email.as_ref() == Some(address),
        };
        match self.defect {
            Defect::LookupByCase if !matches!(key, UserKey::Id(_)) => Some(
                all.find(is_looked_for)
                    .filter(|user| user.deleted_at.is_none())
                    .cloned(),
            ),
            _ if find_deleted => all.find(is_looked_for).map(|user| Some(user.clone())),
            _ => None,
        }
    }
}

#[async_trait]
impl UserReader for BrokenStore {
    async fn find(&self, key: &UserKey) -> Result<Option<User>> {
        self.wait_to_read().await;
        match self.mistaken(key) {
            Some(found) => Ok(found),
            None => UserReader::find(&self.inner, key).await,
        }
    }

    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>> {
        let key = match self.mistaken(key) {
            Some(None) => return Ok(None),
            Some(Some(user)) => &UserKey::Id(user.id),
            None => key,
        };
        let first = self.inner.find_with_credentials(key).await?;
        if !self.is(Defect::CredentialsReadTwice) {
            return Ok(first);
        }
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        let second = self.inner.find_with_credentials(key).await?;
        Ok(first.zip(second).map(|((user, first), (_, second))| {
            let credentials = Credentials {
                password_hash: second.password_hash,
                ..first
            };
            (user, credentials)
        }))
    }

    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>> {
        if self.lists_by_itself() {
            return Ok(self.list_users(query, page));
        }
        UserReader::list(&self.inner, query, page).await
    }

    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>> {
        let state = self.committed();
        Ok(match self.defect {
            Defect::OwnIdentifiersTaken if state.users.contains_key(&user.id) => {
                Identifier::ALL.to_vec()
            }
            _ => state.taken(user),
        })
    }

    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>> {
        let mut all = self.inner.list_deleted_before(at, limit).await?;
        if self.is(Defect::YoungestDeletedFirst) {
            all.reverse();
        }
        Ok(all)
    }
}

#[async_trait]
impl SessionReader for BrokenStore {
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>> {
        self.wait_to_read().await;
        let cached = locked(&self.cache).get(&id).cloned();
        if self.is(Defect::OvertakenSessionsCached) {
            let before = self.committed();
            let found = self.inner.find_principal(id).await?;
            if self.is_overtaken(&before).await {
                locked(&self.cache).insert(id, found.clone());
            }
            return Ok(cached.unwrap_or(found));
        }
        let is_cached =
            self.is(Defect::PrincipalsCached) || self.is(Defect::PrincipalsCachedPerStore);
        if let (true, Some(found)) = (is_cached, cached) {
            return Ok(found);
        }
        let mut found = self.inner.find_principal(id).await?;
        if let (Some(found), true) = (&mut found, self.is(Defect::VoidSessionsPass)) {
            found.auth_version = found.session.auth_version;
        }
        locked(&self.cache).insert(id, found.clone());
        Ok(found)
    }

    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>> {
        let mut found = self.inner.find_by_refresh_token(hash).await?;
        if let (Some(found), true) = (&mut found, self.is(Defect::UnspentReadAsSpent)) {
            found.spent = Some(userhub_domain::sessions::SpentToken {
                hash,
                salt: [0; 32],
                spent_at: found.principal.session.last_used_at,
            });
        }
        Ok(found)
    }

    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let mut all = self.inner.list_living(user, now).await?;
        if self.is(Defect::ExpiredListed) {
            let state = self.committed();
            let sessions = state.sessions.values().map(|one| &one.session);
            all = sessions
                .filter(|one| one.user_id == user)
                .cloned()
                .collect();
            all.sort_by_key(|session| std::cmp::Reverse((session.last_used_at, session.id)));
        }
        if self.is(Defect::LongestUnusedFirst) {
            all.reverse();
        }
        Ok(all)
    }
}

#[async_trait]
impl HandedOutTokenReader for BrokenStore {
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>> {
        if self.is(Defect::PurposeIgnored) {
            return Ok(self.committed().tokens.get(&hash).cloned());
        }
        HandedOutTokenReader::find(&self.inner, hash, purpose).await
    }
}

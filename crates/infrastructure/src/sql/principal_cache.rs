//! Remembers for up to a second who a session belongs to: it is asked on
//! every request.

use std::time::{Duration, Instant};

use moka::sync::Cache;
use userhub_domain::{
    sessions::{Principal, SessionId},
    users::UserId,
};

/// How old an answer may be, counted from before it was read.
const MAX_AGE: Duration = Duration::from_secs(1);
const MAX_ENTRIES: u64 = 10_000;

#[derive(Clone)]
struct Entry {
    principal: std::sync::Arc<Principal>,
    read_from: Instant,
}

/// Answers to `find_principal`, on a monotonic clock.
pub(super) struct PrincipalCache {
    entries: Cache<SessionId, Entry>,
    /// When something of a user was last written here. Older answers do not
    /// count, not even those that arrive later: their read may have begun
    /// before the commit.
    written: Cache<UserId, Instant>,
}

impl PrincipalCache {
    pub(super) fn new() -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(MAX_ENTRIES)
                .time_to_live(MAX_AGE)
                .build(),
            // Not bounded in number, or a mark could be lost too early; each
            // lives longer than any answer that it makes void.
            written: Cache::builder().time_to_live(MAX_AGE * 2).build(),
        }
    }

    pub(super) fn find(&self, id: SessionId) -> Option<Principal> {
        let entry = self.entries.get(&id)?;
        self.counts(&entry)
            .then(|| entry.principal.as_ref().clone())
    }

    /// Remembers what a read gave that began at `read_from`.
    pub(super) fn insert(&self, principal: &Principal, read_from: Instant) {
        let entry = Entry {
            principal: std::sync::Arc::new(principal.clone()),
            read_from,
        };
        if self.counts(&entry) {
            self.entries.insert(principal.session.id, entry);
        }
    }

    /// Forgets everything about these users that was read until now.
    pub(super) fn forget(&self, users: &[UserId]) {
        let now = Instant::now();
        for user in users {
            self.written.insert(*user, now);
        }
    }

    fn counts(&self, entry: &Entry) -> bool {
        entry.read_from.elapsed() < MAX_AGE
            && self
                .written
                .get(&entry.principal.user.id)
                .is_none_or(|written| written < entry.read_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use userhub_domain::{
        clock::Timestamp, policy::Lifetimes, sessions::Session, users::AuthVersion,
    };
    use userhub_testkit::{SeededEntropy, a_user};

    fn principal() -> Principal {
        let user = a_user();
        let (session, _) = Session::start(
            user.id,
            AuthVersion::FIRST,
            &Default::default(),
            &Lifetimes::default(),
            (Timestamp::default(), &SeededEntropy::new(1)),
        )
        .expect("a session");
        Principal {
            session,
            user,
            auth_version: AuthVersion::FIRST,
        }
    }

    #[test]
    fn an_answer_that_was_read_before_a_commit_does_not_count_after_it() {
        let (cache, principal) = (PrincipalCache::new(), principal());
        let id = principal.session.id;
        let read_from = Instant::now();
        cache.insert(&principal, read_from);
        assert_eq!(cache.find(id).as_ref(), Some(&principal));
        cache.forget(&[principal.user.id]);
        assert_eq!(cache.find(id), None);
        // It arrives late.
        cache.insert(&principal, read_from);
        assert_eq!(cache.find(id), None);
        // Of the same instant it could be from before.
        std::thread::sleep(Duration::from_millis(1));
        cache.insert(&principal, Instant::now());
        assert_eq!(cache.find(id), Some(principal));
    }

    #[test]
    fn an_old_answer_does_not_count() {
        let (cache, principal) = (PrincipalCache::new(), principal());
        let long_ago = Instant::now()
            .checked_sub(MAX_AGE)
            .expect("the machine runs");
        cache.insert(&principal, long_ago);
        assert_eq!(cache.find(principal.session.id), None);
    }
}

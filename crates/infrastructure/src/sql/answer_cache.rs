//! Remembers for up to a second who a session or an API key belongs to: it is
//! asked on every request.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::sync::Cache;
use userhub_domain::{
    api_keys::KeyHolder,
    secret::TokenHash,
    sessions::{Principal, SessionId},
    users::UserId,
};

/// How old an answer may be, counted from before it was read.
const MAX_AGE: Duration = Duration::from_secs(1);
const MAX_ENTRIES: u64 = 10_000;

/// What is remembered: by what it is asked for, and whose it is.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    type Key: Hash + Eq + Send + Sync + 'static;

    fn key(&self) -> Self::Key;

    fn user(&self) -> UserId;
}

impl Answer for Principal {
    type Key = SessionId;

    fn key(&self) -> SessionId {
        self.session.id
    }

    fn user(&self) -> UserId {
        self.user.id
    }
}

impl Answer for KeyHolder {
    type Key = TokenHash;

    fn key(&self) -> TokenHash {
        self.key.hash
    }

    fn user(&self) -> UserId {
        self.user.id
    }
}

/// When something of a user was last written here. Older answers do not count,
/// not even those that arrive later: their read may have begun before the
/// commit. Clones are one.
#[derive(Clone)]
pub(super) struct RecentWrites(Cache<UserId, Instant>);

impl RecentWrites {
    pub(super) fn new() -> Self {
        // Not bounded in number, or a mark could be lost too early; each lives
        // longer than any answer that it makes void.
        Self(Cache::builder().time_to_live(MAX_AGE * 2).build())
    }

    /// Makes void every answer about these users that was read until now.
    pub(super) fn mark(&self, users: &[UserId]) {
        let now = Instant::now();
        for user in users {
            self.0.insert(*user, now);
        }
    }
}

struct Entry<A> {
    answer: Arc<A>,
    read_from: Instant,
}

impl<A> Clone for Entry<A> {
    fn clone(&self) -> Self {
        Self {
            answer: self.answer.clone(),
            read_from: self.read_from,
        }
    }
}

/// Answers of one kind, on a monotonic clock.
pub(super) struct AnswerCache<A: Answer> {
    entries: Cache<A::Key, Entry<A>>,
    written: RecentWrites,
}

impl<A: Answer> AnswerCache<A> {
    pub(super) fn new(written: RecentWrites) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(MAX_ENTRIES)
                .time_to_live(MAX_AGE)
                .build(),
            written,
        }
    }

    pub(super) fn find(&self, key: &A::Key) -> Option<A> {
        let entry = self.entries.get(key)?;
        self.counts(&entry).then(|| entry.answer.as_ref().clone())
    }

    /// Remembers what a read gave that began at `read_from`.
    pub(super) fn insert(&self, answer: &A, read_from: Instant) {
        let entry = Entry {
            answer: Arc::new(answer.clone()),
            read_from,
        };
        if self.counts(&entry) {
            self.entries.insert(answer.key(), entry);
        }
    }

    fn counts(&self, entry: &Entry<A>) -> bool {
        let written = self.written.0.get(&entry.answer.user());
        entry.read_from.elapsed() < MAX_AGE
            && written.is_none_or(|written| written < entry.read_from)
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
        let (written, principal) = (RecentWrites::new(), principal());
        let cache = AnswerCache::new(written.clone());
        let id = principal.session.id;
        let read_from = Instant::now();
        cache.insert(&principal, read_from);
        assert_eq!(cache.find(&id).as_ref(), Some(&principal));
        written.mark(&[principal.user.id]);
        assert_eq!(cache.find(&id), None);
        // It arrives late.
        cache.insert(&principal, read_from);
        assert_eq!(cache.find(&id), None);
        // Of the same instant it could be from before.
        std::thread::sleep(Duration::from_millis(1));
        cache.insert(&principal, Instant::now());
        assert_eq!(cache.find(&id), Some(principal));
    }

    #[test]
    fn an_old_answer_does_not_count() {
        let (cache, principal) = (AnswerCache::new(RecentWrites::new()), principal());
        let long_ago = Instant::now()
            .checked_sub(MAX_AGE)
            .expect("the machine runs");
        cache.insert(&principal, long_ago);
        assert_eq!(cache.find(&principal.session.id), None);
    }
}

//! Removing what has expired. Any number of instances may do it at once: each
//! step removes what is there and nothing else.

use super::Administration;
use crate::{
    audit::Origin,
    caller::Admin,
    clock::Timestamp,
    error::{Error, Internal, Result},
    users::UserId,
};

/// Rows that one step removes at most, so that no transaction is long.
const BATCH: u32 = 500;
/// After so many that found the store not available, one after the other, it
/// is the store that fails, not the user.
const UNAVAILABLE: u32 = 5;

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Sessions, with their spent refresh tokens.
    pub sessions: u64,
    /// Handed-out tokens.
    pub tokens: u64,
    /// Counts of attempts that are forgotten.
    pub attempts: u64,
}

impl Removed {
    /// Whether there was nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Administration {
    /// Removes sessions, handed-out tokens and counts of attempts that are
    /// over, at most 500 of each: call it again while it removes some.
    /// Bookkeeping: it writes no event.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn remove_expired(&self, _admin: &Admin) -> Result<Removed> {
        let now = self.context.now();
        let store = &self.context.ports.store;
        let unit = store.begin().await?;
        let removed = Removed {
            sessions: unit.sessions().remove_expired(now, BATCH).await?,
            tokens: unit.handed_out_tokens().remove_expired(now, BATCH).await?,
            attempts: unit.attempts().remove_forgotten(now, BATCH).await?,
        };
        unit.commit(&[]).await?;
        Ok(removed)
    }

    /// Purges users that were deleted before a moment, the longest deleted
    /// first, trying 500 at most; says how many. Writes `user.purged` for each.
    /// One who cannot be purged, because a row of somebody's refers to theirs
    /// perhaps, does not keep the others from it. It stops where the store is
    /// not available for five of them in a row.
    ///
    /// # Errors
    /// The first one of the store, after the others have been purged;
    /// `internal` names the user. Who was purged stays purged.
    pub async fn purge_deleted_before(&self, admin: &Admin, at: Timestamp) -> Result<u64> {
        let users = self.context.ports.store.users();
        let mut purged = 0;
        let (mut first_error, mut unavailable) = (None, 0);
        for id in users.list_deleted_before(at, BATCH).await? {
            match self.remove(admin, &Origin::default(), id).await {
                Ok(removed) => {
                    purged += u64::from(removed);
                    unavailable = 0;
                }
                Err(error) => {
                    let is_down = matches!(error, Error::Unavailable(_));
                    unavailable = if is_down { unavailable + 1 } else { 0 };
                    first_error.get_or_insert_with(|| naming(id, error));
                }
            }
            if unavailable == UNAVAILABLE {
                break;
            }
        }
        first_error.map_or(Ok(purged), Err)
    }
}

/// Whoever reads the log has to find the user.
fn naming(id: UserId, error: Error) -> Error {
    match error {
        Error::Internal(Internal { context, source }) => Error::Internal(Internal {
            context: format!("purging the user {id}: {context}").into(),
            source,
        }),
        other => other,
    }
}

//! The outbox: the row of a mail with its tries, and how it is read and written.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Result,
    audit::Origin,
    clock::Timestamp,
    mail::{
        Attempt, ClaimedMail, Mail, MailCounts, MailId, MailKind, MailQuery, MailState,
        OutboxReader, OutboxWriter, Settlement,
    },
    users::{AuthVersion, UserId},
};

use crate::{
    RedbStore,
    rows::{address, micros, nonsense, time},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::require_user,
};

#[derive(Serialize, Deserialize)]
struct MailRow {
    id: String,
    kind: String,
    user_id: Option<String>,
    auth_version: Option<i64>,
    to: String,
    other_address: Option<String>,
    created_at: i64,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    state: String,
    tries: u32,
    unknown: u32,
    due_at: i64,
    last_error: Option<String>,
}

impl MailRow {
    fn new(mail: &Mail, attempt: &Attempt) -> Self {
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.as_str().to_owned(),
            user_id: mail.user_id.map(|id| id.to_string()),
            auth_version: mail.auth_version.map(|number| number.0),
            to: mail.to.to_string(),
            other_address: mail.other_address.as_ref().map(ToString::to_string),
            created_at: micros(mail.created_at),
            address: mail.origin.address.map(|address| address.to_string()),
            user_agent: mail.origin.user_agent.clone(),
            request_id: mail.origin.request_id.clone(),
            state: attempt.state.as_str().to_owned(),
            tries: attempt.tries,
            unknown: attempt.unknown,
            due_at: micros(attempt.due_at),
            last_error: attempt.last_error.clone(),
        }
    }

    fn mail(&self) -> Result<Mail> {
        let user_id = self.user_id.as_deref();
        Ok(Mail {
            id: MailId::parse(&self.id).ok_or_else(|| nonsense("mail"))?,
            kind: MailKind::parse(&self.kind).map_err(|_| nonsense("kind"))?,
            user_id: user_id
                .map(|id| UserId::parse(id).ok_or_else(|| nonsense("user_id")))
                .transpose()?,
            auth_version: self.auth_version.map(AuthVersion),
            to: address(Some(&self.to))?.ok_or_else(|| nonsense("recipient"))?,
            other_address: address(self.other_address.as_deref())?,
            created_at: time(self.created_at)?,
            origin: Origin {
                address: self.address.as_ref().and_then(|text| text.parse().ok()),
                user_agent: self.user_agent.clone(),
                request_id: self.request_id.clone(),
            },
        })
    }

    fn attempt(&self) -> Result<Attempt> {
        Ok(Attempt {
            state: MailState::parse_stored(&self.state).ok_or_else(|| nonsense("state"))?,
            tries: self.tries,
            unknown: self.unknown,
            due_at: time(self.due_at)?,
            last_error: self.last_error.clone(),
        })
    }

    fn is(&self, state: MailState) -> bool {
        self.state == state.as_str()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.is(MailState::Pending) && self.due_at <= micros(now)
    }
}

fn all(store: &RedbStore) -> Result<Vec<MailRow>> {
    let snapshot = store.snapshot()?;
    tables::rows(&tables::read(&snapshot, tables::OUTBOX)?)
}

#[async_trait]
impl OutboxReader for RedbStore {
    async fn has_due(&self, now: Timestamp) -> Result<bool> {
        Ok(all(self)?.iter().any(|row| row.is_due(now)))
    }

    async fn list(&self, query: &MailQuery) -> Result<Vec<(Mail, Attempt)>> {
        let mut mails = Vec::new();
        for row in all(self)? {
            if query.state.is_none_or(|state| row.is(state)) {
                mails.push((row.mail()?, row.attempt()?));
            }
        }
        mails.sort_by_key(|(mail, _)| (mail.created_at, mail.id));
        mails.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(mails)
    }

    async fn count(&self) -> Result<MailCounts> {
        let mut counts = MailCounts::default();
        for row in all(self)? {
            match row.attempt()?.state {
                MailState::Pending => counts.pending += 1,
                MailState::Abandoned => counts.abandoned += 1,
            }
        }
        Ok(counts)
    }
}

fn claim(
    transaction: &WriteTransaction,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
) -> Result<Vec<ClaimedMail>> {
    let mut outbox = tables::write(transaction, tables::OUTBOX)?;
    let mut due: Vec<(Vec<u8>, MailRow)> = tables::entries(&outbox)?;
    due.retain(|(_, row)| row.is_due(now));
    due.sort_by(|(id, row), (other_id, other)| (row.due_at, id).cmp(&(other.due_at, other_id)));
    due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut claimed = Vec::new();
    for (key, mut row) in due {
        row.tries = row.tries.saturating_add(1);
        row.unknown = row.unknown.saturating_add(1);
        row.due_at = micros(lease_until);
        tables::put(&mut outbox, &key, &row)?;
        claimed.push(ClaimedMail {
            mail: row.mail()?,
            attempt: row.attempt()?,
        });
    }
    Ok(claimed)
}

#[async_trait]
impl OutboxWriter for RedbUnitOfWork {
    async fn add(&self, mail: &Mail) -> Result<()> {
        self.write(|transaction| {
            if let Some(user) = mail.user_id {
                require_user(transaction, user, "a mail about nobody's account")?;
            }
            let row = MailRow::new(mail, &Attempt::first(mail.created_at));
            let mut outbox = tables::write(transaction, tables::OUTBOX)?;
            tables::insert(&mut outbox, mail.id.as_uuid().as_bytes(), &row)
        })
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        self.write(|transaction| claim(transaction, now, lease_until, limit))
    }

    async fn settle(&self, claimed: &ClaimedMail, settlement: &Settlement) -> Result<bool> {
        self.write(|transaction| {
            let key = *claimed.mail.id.as_uuid().as_bytes();
            let this_claim = (claimed.attempt.tries, micros(claimed.attempt.due_at));
            let mut outbox = tables::write(transaction, tables::OUTBOX)?;
            let row: Option<MailRow> = tables::row(&outbox, &key)?;
            let Some(row) = row.filter(|row| (row.tries, row.due_at) == this_claim) else {
                return Ok(false);
            };
            match settlement {
                Settlement::Keep(next) => {
                    tables::put(&mut outbox, &key, &MailRow::new(&row.mail()?, next))?;
                }
                Settlement::Remove => {
                    tables::remove(&mut outbox, &key)?;
                }
            }
            Ok(true)
        })
    }

    async fn retry(&self, id: Option<MailId>, due_at: Timestamp) -> Result<u64> {
        self.write(|transaction| {
            let id = id.map(|id| id.to_string());
            let mut outbox = tables::write(transaction, tables::OUTBOX)?;
            let mut retried = 0;
            for (key, row) in tables::entries::<MailRow>(&outbox)? {
                let is_meant = id.as_ref().is_none_or(|id| row.id == *id);
                if is_meant && row.is(MailState::Abandoned) {
                    let again = Attempt {
                        last_error: row.last_error.clone(),
                        ..Attempt::first(due_at)
                    };
                    tables::put(&mut outbox, &key, &MailRow::new(&row.mail()?, &again))?;
                    retried += 1;
                }
            }
            Ok(retried)
        })
    }
}

/// Removes the mails about a user's account.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    let user = user.to_string();
    let is_theirs = |row: &MailRow| row.user_id.as_ref() == Some(&user);
    tables::remove_where(transaction, tables::OUTBOX, u32::MAX, is_theirs)?;
    Ok(())
}

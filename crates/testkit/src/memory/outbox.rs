//! Reads and writes the outbox.

use async_trait::async_trait;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    mail::{
        Attempt, ClaimedMail, Mail, MailCounts, MailId, MailQuery, MailState, OutboxReader,
        OutboxWriter, Settlement,
    },
};

use super::{MemoryStore, MemoryUnitOfWork, state::State};

#[async_trait]
impl OutboxReader for MemoryStore {
    async fn has_due(&self, now: Timestamp) -> Result<bool> {
        let state = self.read()?;
        Ok(state.outbox.values().any(|(_, one)| is_due(one, now)))
    }

    async fn list(&self, query: &MailQuery) -> Result<Vec<(Mail, Attempt)>> {
        let mut mails = self.read()?.mails();
        mails.retain(|(_, attempt)| query.state.is_none_or(|state| attempt.state == state));
        mails.truncate(query.limit.try_into().unwrap_or(usize::MAX));
        Ok(mails)
    }

    async fn count(&self) -> Result<MailCounts> {
        let mut counts = MailCounts::default();
        for (_, attempt) in self.read()?.outbox.values() {
            match attempt.state {
                MailState::Pending => counts.pending += 1,
                MailState::Abandoned => counts.abandoned += 1,
            }
        }
        Ok(counts)
    }
}

#[async_trait]
impl OutboxWriter for MemoryUnitOfWork {
    async fn add(&self, mail: &Mail) -> Result<()> {
        self.write(|state| {
            if let Some(user) = mail.user_id {
                state.require_user(user, "a mail about an account that is not there")?;
            }
            let stored = (mail.clone(), Attempt::first(mail.created_at));
            match state.outbox.insert(mail.id, stored) {
                None => Ok(()),
                Some(_) => Err(Error::internal("the id of a new mail is not new")),
            }
        })
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        self.write(|state| {
            let mut due: Vec<&mut (Mail, Attempt)> = state
                .outbox
                .values_mut()
                .filter(|(_, attempt)| is_due(attempt, now))
                .collect();
            due.sort_by_key(|(mail, attempt)| (attempt.due_at, mail.id));
            due.truncate(limit.try_into().unwrap_or(usize::MAX));
            Ok(due
                .into_iter()
                .map(|(mail, attempt)| claim(mail, attempt, lease_until))
                .collect())
        })
    }

    async fn settle(&self, claimed: &ClaimedMail, settlement: &Settlement) -> Result<bool> {
        self.write(|state| {
            let id = claimed.mail.id;
            let is_this_claim = |(_, one): &&mut (Mail, Attempt)| {
                (one.tries, one.due_at) == (claimed.attempt.tries, claimed.attempt.due_at)
            };
            let Some((_, attempt)) = state.outbox.get_mut(&id).filter(is_this_claim) else {
                return Ok(false);
            };
            match settlement {
                Settlement::Keep(next) => *attempt = next.clone(),
                Settlement::Remove => {
                    state.outbox.remove(&id);
                }
            }
            Ok(true)
        })
    }

    async fn retry(&self, id: Option<MailId>, due_at: Timestamp) -> Result<u64> {
        self.write(|state| {
            let mut retried = 0;
            for (mail, attempt) in state.outbox.values_mut() {
                let is_meant = id.is_none_or(|id| mail.id == id);
                if is_meant && attempt.state == MailState::Abandoned {
                    *attempt = Attempt {
                        last_error: attempt.last_error.take(),
                        ..Attempt::first(due_at)
                    };
                    retried += 1;
                }
            }
            Ok(retried)
        })
    }
}

impl State {
    /// Every mail, oldest first.
    pub(super) fn mails(&self) -> Vec<(Mail, Attempt)> {
        let mut mails: Vec<_> = self.outbox.values().cloned().collect();
        mails.sort_by_key(|(mail, _)| (mail.created_at, mail.id));
        mails
    }
}

fn is_due(attempt: &Attempt, now: Timestamp) -> bool {
    attempt.state == MailState::Pending && attempt.due_at <= now
}

fn claim(mail: &Mail, attempt: &mut Attempt, lease_until: Timestamp) -> ClaimedMail {
    attempt.tries = attempt.tries.saturating_add(1);
    attempt.unknown = attempt.unknown.saturating_add(1);
    attempt.due_at = lease_until;
    ClaimedMail {
        mail: mail.clone(),
        attempt: attempt.clone(),
    }
}

//! Reads and writes the outbox, wrongly.

use std::collections::BTreeMap;

use async_trait::async_trait;
use userhub_domain::{
    Result,
    audit::Origin,
    clock::Timestamp,
    mail::{
        Attempt, ClaimedMail, Mail, MailCounts, MailId, MailQuery, MailState, OutboxReader,
        OutboxWriter, Settlement,
    },
};

use super::{BrokenStore, BrokenUnitOfWork, Defect, readers::milliseconds};

#[async_trait]
impl OutboxReader for BrokenStore {
    async fn has_due(&self, now: Timestamp) -> Result<bool> {
        let state = self.committed();
        let mut attempts = state.outbox.values().map(|(_, attempt)| attempt);
        match self.defect {
            Defect::ClaimedCountAsDue => {
                Ok(attempts.any(|attempt| attempt.state == MailState::Pending))
            }
            Defect::AbandonedCountAsDue => Ok(attempts.any(|attempt| attempt.due_at <= now)),
            _ => self.inner.has_due(now).await,
        }
    }

    async fn list(&self, query: &MailQuery) -> Result<Vec<(Mail, Attempt)>> {
        let mut query = query.clone();
        if self.is(Defect::MailStateIgnored) {
            query.state = None;
        }
        let mut mails = OutboxReader::list(&self.inner, &query).await?;
        if self.is(Defect::MailsYoungestFirst) {
            mails.reverse();
        }
        Ok(mails)
    }

    async fn count(&self) -> Result<MailCounts> {
        let counts = OutboxReader::count(&self.inner).await?;
        Ok(match self.defect {
            Defect::AbandonedCountAsPending => MailCounts {
                pending: counts.pending + counts.abandoned,
                ..counts
            },
            _ => counts,
        })
    }
}

impl BrokenUnitOfWork {
    /// Does something to every mail of the copy.
    fn meddle_with_mails(&self, mut change: impl FnMut(&Mail, &mut Attempt)) {
        self.meddle(|state| {
            for (mail, attempt) in state.outbox.values_mut() {
                change(mail, attempt);
            }
        });
    }

    /// Makes the copy what a store with this defect takes it for.
    fn mistake_mails(&self, now: Timestamp) {
        match self.store.defect {
            Defect::AbandonedClaimed => self.meddle_with_mails(|_, attempt| {
                attempt.state = MailState::Pending;
            }),
            Defect::ClaimsIgnoreTheLease => self.meddle_with_mails(|_, attempt| {
                attempt.due_at = attempt.due_at.min(now);
            }),
            Defect::ClaimsBeforeTheirTurn => self.meddle_with_mails(|mail, attempt| {
                if let Some((_, before)) = self.before.outbox.get(&mail.id) {
                    attempt.due_at = before.due_at;
                }
            }),
            _ => {}
        }
    }

    /// Claims the oldest that are due, however long they have waited.
    async fn claim_oldest(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        let mut due_at = BTreeMap::new();
        self.meddle_with_mails(|mail, attempt| {
            if attempt.due_at <= now {
                due_at.insert(mail.id, attempt.due_at);
                attempt.due_at = mail.created_at;
            }
        });
        let claimed = self.inner().claim(now, lease_until, limit).await?;
        for one in &claimed {
            due_at.remove(&one.mail.id);
        }
        self.meddle_with_mails(|mail, attempt| {
            if let Some(at) = due_at.get(&mail.id) {
                attempt.due_at = *at;
            }
        });
        Ok(claimed)
    }
}

#[async_trait]
impl OutboxWriter for BrokenUnitOfWork {
    async fn add(&self, mail: &Mail) -> Result<()> {
        let mut mail = mail.clone();
        match self.store.defect {
            Defect::MailForgetsOrigin => mail.origin = Origin::default(),
            Defect::MailForgetsNumber => mail.auth_version = None,
            Defect::TimesCutToMilliseconds => mail.created_at = milliseconds(mail.created_at),
            _ => {}
        }
        let done = self.inner().add(&mail).await;
        if done.is_ok() && self.is(Defect::MailsOutsideTheUnit) {
            self.publish();
        }
        self.done(done)
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        self.mistake_mails(now);
        let (lease_until, limit) = match self.store.defect {
            Defect::ClaimsHoldForEver => (Timestamp::MAX_UTC, limit),
            Defect::ClaimsWithoutLimit => (lease_until, u32::MAX),
            _ => (lease_until, limit),
        };
        let mut done = match self.store.defect {
            Defect::OldestClaimedFirst => self.claim_oldest(now, lease_until, limit).await,
            _ => self.inner().claim(now, lease_until, limit).await,
        };
        if let (Ok(claimed), true) = (&mut done, self.is(Defect::ClaimForgetsWhy)) {
            self.meddle(|state| {
                for one in claimed {
                    one.attempt.last_error = None;
                    if let Some((_, attempt)) = state.outbox.get_mut(&one.mail.id) {
                        attempt.last_error = None;
                    }
                }
            });
        }
        if let (Ok(claimed), true) = (&mut done, self.is(Defect::ClaimsNotCounted)) {
            // Whoever dies before it is settled has never tried.
            self.meddle(|state| {
                for one in claimed {
                    if let Some((_, attempt)) = state.outbox.get_mut(&one.mail.id) {
                        attempt.unknown -= 1;
                    }
                }
            });
        }
        self.done(done)
    }

    async fn settle(&self, claimed: &ClaimedMail, settlement: &Settlement) -> Result<bool> {
        let id = claimed.mail.id;
        let current = self.meddle(|state| state.outbox.get(&id).map(|(_, one)| one.clone()));
        let mut claimed = claimed.clone();
        match (current, self.store.defect) {
            (Some(current), Defect::LostClaimsSettle) => claimed.attempt = current,
            (Some(current), Defect::ClaimsKnownByTheirNumber) => {
                claimed.attempt.due_at = current.due_at;
            }
            _ => {}
        }
        let settlement = match settlement {
            Settlement::Keep(_) if self.is(Defect::EveryClaimRemoves) => Settlement::Remove,
            Settlement::Keep(attempt) if self.is(Defect::ErrorsForgotten) => {
                Settlement::Keep(Attempt {
                    last_error: None,
                    ..attempt.clone()
                })
            }
            other => other.clone(),
        };
        let done = self.inner().settle(&claimed, &settlement).await;
        self.done(done)
    }

    async fn retry(&self, id: Option<MailId>, due_at: Timestamp) -> Result<u64> {
        if self.is(Defect::EverythingTriedAgain) {
            self.meddle_with_mails(|_, attempt| attempt.state = MailState::Abandoned);
        }
        let before = self.meddle(|state| state.outbox.clone());
        let id = match self.store.defect {
            Defect::RetryIgnoresId => None,
            _ => id,
        };
        let done = self.inner().retry(id, due_at).await;
        if self.is(Defect::RetryKeepsTries) {
            self.meddle_with_mails(|mail, attempt| {
                if let Some((_, before)) = before.get(&mail.id) {
                    attempt.tries = before.tries;
                }
            });
        }
        self.done(done)
    }
}

//! Delivering mail while an instance runs.
//!
//! Any number of instances may do it at once: a mail is claimed by one of them
//! at a time. No unit of work is open while a mail is sent, and no request ever
//! waits for one.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use userhub_domain::{
    Error,
    admin::Administration,
    caller::AdminReader,
    mail::{ClaimedMail, Delivery, Mails},
};

/// Mails that are sent at the same time.
const SLOTS: u32 = 8;
/// Between two looks into an outbox in which nothing was due.
const PAUSE: Duration = Duration::from_millis(500);
/// After a failure of the store.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Between two counts of the outbox.
const COUNTING: Duration = Duration::from_secs(10);

/// Delivers what is in the outbox. Clones are the same worker.
#[derive(Clone)]
pub struct MailWorker {
    mails: Mails,
    administration: Administration,
    slots: Arc<Semaphore>,
}

impl MailWorker {
    /// One that has not begun.
    #[must_use]
    pub fn new(mails: Mails, administration: Administration) -> Self {
        let slots = Arc::new(Semaphore::new(slots().1));
        Self {
            mails,
            administration,
            slots,
        }
    }

    /// Works until the future is dropped; what is under way then goes on, see
    /// [`finish`](Self::finish).
    pub async fn run(&self, reader: &AdminReader) {
        tokio::join!(self.deliver_on_and_on(), self.count_on_and_on(reader));
    }

    /// Waits for what is under way, at most so long. What is not done by then
    /// is tried again by somebody when its claim ends.
    pub async fn finish(&self, patience: Duration) {
        let idle = self.slots.acquire_many(slots().0);
        if tokio::time::timeout(patience, idle).await.is_err() {
            tracing::warn!("mails that are being sent did not get done in time");
        }
    }

    async fn deliver_on_and_on(&self) {
        loop {
            let Ok(first) = self.slots.clone().acquire_owned().await else {
                return;
            };
            let mut permits = vec![first];
            while let Ok(permit) = self.slots.clone().try_acquire_owned() {
                permits.push(permit);
            }
            // A task of its own: stopping must not come between a claim and
            // what is claimed by it.
            let round = tokio::spawn(round(self.mails.clone(), permits));
            match round.await {
                Ok(Ok(0)) => tokio::time::sleep(PAUSE).await,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    log("claiming mails", &error);
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
                Err(error) => {
                    tracing::error!(%error, "claiming mails ended by itself");
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    async fn count_on_and_on(&self, reader: &AdminReader) {
        loop {
            // Later than the first look into the outbox: one connection does for both.
            tokio::time::sleep(COUNTING).await;
            match self.administration.count_mails(reader).await {
                Ok(counts) => {
                    for (state, number) in
                        [("pending", counts.pending), ("abandoned", counts.abandoned)]
                    {
                        #[expect(
                            clippy::cast_precision_loss,
                            reason = "nobody has that many mails"
                        )]
                        metrics::gauge!("userhub_mails", "state" => state).set(number as f64);
                    }
                }
                Err(error) => log("counting mails", &error),
            }
        }
    }
}

/// The same number in the two types that a semaphore asks for.
fn slots() -> (u32, usize) {
    (SLOTS, SLOTS as usize)
}

/// Claims as many mails as there are slots and starts to deliver each; says how
/// many there were.
async fn round(mails: Mails, permits: Vec<OwnedSemaphorePermit>) -> Result<usize, Error> {
    let limit = u32::try_from(permits.len()).unwrap_or(SLOTS);
    let claimed = mails.claim(limit).await?;
    let number = claimed.len();
    for (mail, permit) in claimed.into_iter().zip(permits) {
        tokio::spawn(deliver(mails.clone(), mail, permit));
    }
    Ok(number)
}

async fn deliver(mails: Mails, claimed: ClaimedMail, permit: OwnedSemaphorePermit) {
    let (id, kind) = (claimed.mail.id, claimed.mail.kind.as_str());
    let result = match mails.deliver(claimed).await {
        Ok(Delivery::Sent) => "sent",
        Ok(Delivery::Discarded) => "discarded",
        Ok(Delivery::Postponed) => {
            tracing::warn!(%id, kind, "a mail could not be sent and is tried again");
            "postponed"
        }
        Ok(Delivery::Abandoned) => {
            tracing::error!(%id, kind, "a mail was given up: see `userhub mail list`");
            "abandoned"
        }
        Err(error) => {
            log("delivering a mail", &error);
            "failed"
        }
    };
    metrics::counter!("userhub_mail_deliveries_total", "result" => result).increment(1);
    drop(permit);
}

fn log(step: &'static str, error: &Error) {
    let cause = error
        .source_for_log()
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::warn!(step, %error, cause, "mail: tried again in the next round");
}

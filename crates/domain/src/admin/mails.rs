//! What is in the outbox, for operators.

use super::Administration;
use crate::{
    caller::{Admin, AdminReader},
    error::{NotFound, Result},
    mail::{Attempt, Mail, MailCounts, MailId, MailQuery},
};

impl Administration {
    /// Mails of the outbox, oldest first: no texts and no tokens, which are made
    /// when a mail is delivered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list_mails(
        &self,
        _admin: &AdminReader,
        query: &MailQuery,
    ) -> Result<Vec<(Mail, Attempt)>> {
        self.context.ports.store.outbox().list(query).await
    }

    /// How many mails are in the outbox.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn count_mails(&self, _admin: &AdminReader) -> Result<MailCounts> {
        self.context.ports.store.outbox().count().await
    }

    /// Has an abandoned mail tried again, or all of them without an id; says how
    /// many. Bookkeeping: it writes no event.
    ///
    /// # Errors
    /// `mail_not_found` where there is no abandoned mail of this id; those of
    /// the store.
    pub async fn retry_mails(&self, _admin: &Admin, id: Option<MailId>) -> Result<u64> {
        let unit = self.context.ports.store.begin().await?;
        let retried = unit.outbox().retry(id, self.context.now()).await?;
        if id.is_some() && retried == 0 {
            return Err(NotFound::Mail.into());
        }
        unit.commit(&[]).await?;
        Ok(retried)
    }
}

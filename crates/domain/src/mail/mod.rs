//! Mail: put into the outbox by the unit of work that causes it, sent later by
//! whoever delivers, so that no request waits for a mail server.
//!
//! A mail in the outbox holds no text and no token. What a mail needs a token
//! for gets it when it is delivered: nothing that opens an account is stored
//! in the clear, and what is sent late is not late already.

mod deliver;
mod kind;
mod letter;
mod outbox;
mod repository;

use crate::ports::Context;

pub use deliver::Delivery;
pub use kind::MailKind;
pub use letter::{Letter, MailFailure, Mailer, NoMailer};
pub use outbox::{Attempt, ClaimedMail, Mail, MailId, MailState, Settlement};
pub use repository::{MailCounts, MailQuery, OutboxReader, OutboxWriter};

#[cfg(feature = "mocks")]
pub use {
    letter::MockMailer,
    repository::{MockOutboxReader, MockOutboxWriter},
};

/// Delivering what is in the outbox. Any number of processes may do it at once.
#[derive(Clone)]
pub struct Mails {
    context: Context,
}

impl Mails {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }
}

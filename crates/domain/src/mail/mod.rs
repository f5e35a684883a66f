//! Mail: put into the outbox by the unit of work that causes it, sent later by
//! whoever delivers, so that no request waits for a mail server.
//!
//! A mail in the outbox holds no text and no token. Where it brings a token,
//! that is made when the mail is delivered: nothing that opens an account is
//! stored in the clear, and a mail that goes out late brings a fresh token.

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

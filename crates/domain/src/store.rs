//! The port to everything that is kept.

use async_trait::async_trait;

use crate::{
    audit::{AuditEvent, AuditReader},
    error::Result,
    handed_out::{HandedOutTokenReader, HandedOutTokenWriter},
    sessions::{SessionReader, SessionWriter},
    users::{UserReader, UserWriter},
};

/// What is kept: readers, each of whose methods sees what was committed, and
/// units of work that write.
///
/// Use cases read and think outside of a unit of work and only write inside.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads users.
    fn users(&self) -> &dyn UserReader;
    /// Reads sessions.
    fn sessions(&self) -> &dyn SessionReader;
    /// Reads tokens that were handed out.
    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader;
    /// Reads audit events.
    fn audit(&self) -> &dyn AuditReader;

    /// Starts a unit of work: nothing of it is visible before
    /// [`commit`](UnitOfWork::commit).
    ///
    /// # Errors
    /// `storage_unavailable` where the store does not answer in bounded time.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>>;
}

/// Writes that happen together or not at all.
///
/// Dropping it takes everything back. After any error it is finished: every
/// further verb, and the commit, fail.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Writes users.
    fn users(&self) -> &dyn UserWriter;
    /// Writes sessions.
    fn sessions(&self) -> &dyn SessionWriter;
    /// Writes tokens that are handed out.
    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter;

    /// Makes everything durable, the events with it. When this returns,
    /// every reader sees it and a crash does not take it back.
    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()>;
}

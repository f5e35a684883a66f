//! What every adapter must do, as tests that anybody can run.
//!
//! - [`store_conformance!`](crate::store_conformance): the store.
//! - [`password_hasher_conformance!`](crate::password_hasher_conformance),
//!   [`access_tokens_conformance!`](crate::access_tokens_conformance),
//!   [`clock_conformance!`](crate::clock_conformance),
//!   [`entropy_conformance!`](crate::entropy_conformance),
//!   [`mailer_conformance!`](crate::mailer_conformance) and
//!   [`totp_conformance!`](crate::totp_conformance): the other ports.
//!
//! Each check of the store is a plain async function, named as a sentence, that
//! takes a [`StoreFactory`]: an empty database on which it may open several stores.
//! [`store_conformance!`](crate::store_conformance) makes a test of each, and
//! [`store_checks`] gives them as values.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, though they are compiled as a library"
)]

pub mod access_tokens;
pub mod account_flows;
pub mod admins;
pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod clock;
pub mod concurrency;
pub mod credentials;
mod crowd;
pub mod entropy;
mod flow_steps;
mod foreign_hashes;
mod forged_tokens;
pub mod handed_out;
pub mod identifiers;
pub mod interruptions;
mod list;
pub mod listing;
pub mod load;
pub mod mailer;
pub mod outbox;
mod outcome;
pub mod pages;
pub mod password_hasher;
pub mod refresh_tokens;
mod running;
pub mod searching;
pub mod second_factors;
pub mod sessions;
mod steps;
pub mod totp;
pub mod units_of_work;
pub mod users;

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use userhub_domain::store::Store;

pub use self::list::{RunningCheck, StoreCheck, store_checks};
#[doc(hidden)]
pub use self::running::on_a_runtime;
use crate::MemoryStore;

/// One database that a check has for itself, empty at first. Dropping it may
/// remove the database.
#[async_trait]
pub trait StoreFactory: Send + Sync {
    /// One more store on the database, as another process would have it: with
    /// connections and caches of its own. The first one also brings the
    /// database to its current shape. Panics where that cannot be done.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Every memory store of the factory has the same content.
#[async_trait]
impl StoreFactory for MemoryStore {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }
}

/// Runs futures side by side on one task, and gives what came of them in order.
async fn all_at_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (future, result) in running.iter_mut().filter(|(_, result)| result.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(value) => *result = Some(value),
                std::task::Poll::Pending => is_done = false,
            }
        }
        if is_done {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    running
        .into_iter()
        .filter_map(|(_, result)| result)
        .collect()
}

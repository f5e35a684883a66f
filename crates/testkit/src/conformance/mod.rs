//! What every store must do, as tests that any adapter can run.
//!
//! Each check is a plain async function, named as a sentence, that takes a
//! [`StoreFactory`]: an empty database on which it may open several stores.
//! [`store_conformance!`](crate::store_conformance) makes a test of each, and
//! [`store_checks`] gives them as values.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, though they are compiled as a library"
)]

pub mod admins;
pub mod audit;
pub mod concurrency;
pub mod credentials;
mod crowd;
pub mod handed_out;
pub mod identifiers;
mod list;
pub mod listing;
pub mod load;
pub mod pages;
pub mod searching;
pub mod sessions;
mod steps;
pub mod units_of_work;
pub mod users;

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use userhub_domain::store::Store;

pub use self::list::{RunningCheck, StoreCheck, store_checks};
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

/// Runs a check to its end, on threads of its own as a server has them.
#[doc(hidden)]
pub fn on_a_runtime(check: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(check);
}

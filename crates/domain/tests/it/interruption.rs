//! A store in which something else happens between a use case's reads and its
//! writes.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use userhub_domain::{
    Result,
    api_keys::ApiKeyReader,
    audit::AuditReader,
    handed_out::HandedOutTokenReader,
    mail::OutboxReader,
    second_factor::SecondFactorReader,
    sessions::SessionReader,
    store::{Store, UnitOfWork},
    users::UserReader,
};
use userhub_testkit::MemoryStore;

/// What happens meanwhile.
pub(crate) type Interruption =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Makes an interruption from a closure that gives a future.
pub(crate) fn meanwhile<F>(act: impl Fn() -> F + Send + Sync + 'static) -> Interruption
where
    F: Future<Output = ()> + Send + 'static,
{
    Box::new(move || Box::pin(act()))
}

/// Lets the interruption happen before each of the first few units of work.
pub(crate) struct InterruptedStore {
    inner: MemoryStore,
    left: Arc<AtomicUsize>,
    by: Interruption,
}

impl InterruptedStore {
    pub(crate) fn new(inner: MemoryStore, times: usize, by: Interruption) -> Self {
        let left = Arc::new(AtomicUsize::new(times));
        Self { inner, left, by }
    }
}

#[async_trait]
impl Store for InterruptedStore {
    fn users(&self) -> &dyn UserReader {
        self.inner.users()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.inner.sessions()
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        self.inner.handed_out_tokens()
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        self.inner.second_factors()
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        self.inner.api_keys()
    }

    fn outbox(&self) -> &dyn OutboxReader {
        self.inner.outbox()
    }

    fn audit(&self) -> &dyn AuditReader {
        self.inner.audit()
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        let taken = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if taken.is_ok() {
            (self.by)().await;
        }
        self.inner.begin().await
    }
}

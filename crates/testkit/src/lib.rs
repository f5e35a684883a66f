//! What tests of UserHub, and of programs built on it, work with.
//!
//! - [`MemoryStore`] keeps everything in memory and behaves as a database does:
//!   it passes the same [`conformance`] kit.
//! - [`FixedClock`], [`SeededEntropy`], [`InstantHasher`], [`FakeStrength`] and
//!   [`FakeAccessTokens`] make tests fast and repeatable.
//! - [`UserBuilder`], [`a_user`] and [`an_admin`] are users to begin with.
//! - [`TestServices`] puts all of it under the use cases.
//! - [`mocks`] inject failures that a fake cannot have.

mod access_tokens;
mod clock;
pub mod conformance;
mod entropy;
mod fixtures;
mod hasher;
mod memory;
mod services;
mod strength;

pub use access_tokens::FakeAccessTokens;
pub use clock::FixedClock;
pub use entropy::SeededEntropy;
pub use fixtures::{UserBuilder, a_user, an_admin};
pub use hasher::InstantHasher;
pub use memory::{FaultPoint, MemoryStore, MemoryUnitOfWork};
pub use services::{PASSWORD, TestServices};
pub use strength::FakeStrength;

/// Mocks of the domain's ports, made by mockall.
pub mod mocks {
    pub use userhub_domain::{
        audit::MockAuditReader,
        clock::{MockClock, MockEntropy},
        handed_out::{MockHandedOutTokenReader, MockHandedOutTokenWriter},
        sessions::{MockAccessTokens, MockSessionReader, MockSessionWriter},
        users::{MockPasswordHasher, MockUserReader, MockUserWriter},
    };
}

/// The content of a lock, also after a test has panicked while it held it.
pub(crate) fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

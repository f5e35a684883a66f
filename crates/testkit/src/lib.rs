//! What tests of UserHub, and of programs built on it, work with.
//!
//! - [`MemoryStore`] keeps everything in memory and behaves as a database does:
//!   it passes the same [`conformance`] kit.
//! - [`FixedClock`], [`SeededEntropy`], [`InstantHasher`], [`FakeStrength`],
//!   [`FakeAccessTokens`], [`FakeTotp`] and [`RecordingMailer`] make tests fast
//!   and repeatable.
//! - [`UserBuilder`], [`a_user`] and [`an_admin`] are users to begin with.
//! - [`TestServices`] puts all of it under the use cases.
//! - [`mocks`], of every port, inject failures that a fake cannot have.
//! - `strategies`, a feature, has every value of the domain for proptest.
//!
//! `docs/testing.md` says which of them is for what, `docs/writing-an-adapter.md`
//! how a store of one's own comes to pass the kit.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations)]

mod access_tokens;
mod clock;
pub mod conformance;
mod entropy;
mod fixtures;
mod hasher;
mod mailer;
mod memory;
pub mod mocks;
mod services;
#[cfg(feature = "strategies")]
pub mod strategies;
mod strength;
mod totp;

pub use access_tokens::FakeAccessTokens;
pub use clock::FixedClock;
pub use entropy::SeededEntropy;
pub use fixtures::{UserBuilder, a_user, an_admin};
pub use hasher::InstantHasher;
pub use mailer::RecordingMailer;
pub use memory::{FaultPoint, MemoryStore, MemoryUnitOfWork};
pub use services::{PASSWORD, TestServices};
pub use strength::FakeStrength;
pub use totp::FakeTotp;

/// The examples of the README run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The content of a lock, also after a test has panicked while it held it.
pub(crate) fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

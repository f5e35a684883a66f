//! What user accounts mean: entities, ports and use cases, free of any
//! framework.
//!
//! - [`users`] is the aggregate: what a user is made of and how it changes.
//! - [`accounts`] is what people do with their own account.
//! - [`sessions`] is being signed in.
//! - [`admin`] is what administrators do to others.
//! - [`store`] is the port to everything that is kept; [`clock`], the hasher in
//!   [`users`] and the signer in [`sessions`] are the others.
//!
//! Use cases read and think outside of a unit of work, write inside, and store
//! every change of state together with its [`audit`] event.

pub mod accounts;
pub mod admin;
pub mod audit;
pub mod caller;
pub mod clock;
pub mod error;
pub mod handed_out;
mod id;
pub mod page;
pub mod policy;
pub mod ports;
mod revision;
pub mod rules;
pub mod secret;
pub mod sessions;
pub mod store;
pub mod text;
pub mod users;
pub mod violation;

pub use error::{Error, Result};

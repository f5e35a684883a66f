//! User accounts as a library: what registering, signing in and being an
//! administrator mean, over storage, hashing and tokens of your own.
//!
//! The crate has no framework, runtime, environment, global state or `unsafe`;
//! it runs wherever a future is polled. Everything it needs from the world
//! comes in through ports.
//!
//! # In thirty lines
//!
//! Somebody registers, signs in and is recognised. The adapters are those of
//! `userhub-testkit`, which keep everything in memory.
//!
//! ```
//! use std::sync::Arc;
//! use secrecy::ExposeSecret;
//! use userhub_domain::{
//!     accounts::{RegisterCommand, RegisterInput},
//!     audit::Origin,
//!     ports::Services,
//!     sessions::{LoginCommand, LoginInput},
//!     users::ProfileInput,
//! };
//! use userhub_testkit::{FakeAccessTokens, FixedClock, InstantHasher, MemoryStore, SeededEntropy};
//!
//! # fn main() -> userhub_domain::Result<()> {
//! pollster::block_on(async {
//!     let services = Services::builder(Arc::new(MemoryStore::new()))
//!         .hasher(Arc::new(InstantHasher::new()))
//!         .access_tokens(Arc::new(FakeAccessTokens::new()))
//!         .clock(Arc::new(FixedClock::new()))
//!         .entropy(Arc::new(SeededEntropy::default()))
//!         .build();
//!
//!     let origin = Origin::default(); // address, user agent, request id
//!     let profile = ProfileInput { username: Some("ann".into()), ..Default::default() };
//!     let input = RegisterInput { profile, password: Some("three plums in a bowl".into()) };
//!     let command = RegisterCommand::parse(input, services.accounts.rules())?;
//!     let ann = services.accounts.register(&origin, command).await?;
//!
//!     let identifier = Some("Ann".into());
//!     let input = LoginInput { identifier, password: Some("three plums in a bowl".into()) };
//!     let command = LoginCommand::parse(input)?;
//!     let tokens = services.sessions.login(&origin, command).await?;
//!
//!     let sent = tokens.access_token.expose_secret();
//!     let caller = services.sessions.authenticate(sent).await?;
//!     assert_eq!(caller.id(), ann.id);
//!     assert!(caller.require_admin().is_err());
//!     Ok(())
//! })
//! # }
//! ```
//!
//! # The words
//!
//! | word | what it is | where |
//! | --- | --- | --- |
//! | user | the aggregate: a record, and the verbs that change it | [`users::User`] |
//! | value | a text that keeps its rules; made by `parse` alone | [`users::EmailAddress`], [`users::Username`] … |
//! | input, command | what somebody sent, and what is left of it once every rule holds | [`accounts::RegisterInput`], [`accounts::RegisterCommand`] |
//! | violation | a rule that is broken; a command's `parse` collects all of them | [`violation::Violations`] |
//! | use case | a method of one of three services | [`accounts`], [`sessions`], [`admin`] |
//! | proof | an argument that says who is calling; a use case cannot be called without | [`caller`] |
//! | origin | from where a call came; lands in its event | [`audit::Origin`] |
//! | event | what happened, stored with the change itself | [`audit::AuditEvent`] |
//! | port | a trait that you implement | [`store::Store`], [`users::PasswordHasher`] … |
//! | unit of work | writes that happen together or not at all | [`store::UnitOfWork`] |
//! | version | counts the changes of a user: an update names the one it saw | [`users::Version`] |
//! | `auth_version` | counts how often all sessions were ended; each session copies it and dies when it moves on | [`users::AuthVersion`] |
//! | policy | what a deployment chooses | [`policy::Policy`] |
//!
//! # The layers
//!
//! ```text
//! your handler ── input ──► command ── proof, origin ──► use case ──► ports ◄── your adapter
//! ```
//!
//! A use case reads and thinks outside of a unit of work and only writes
//! inside, so that none is open while a password is hashed. Every change of
//! state is committed with its event; what is only bookkeeping (a refresh,
//! clean-up) has none. Each use case names the event it writes and the codes it
//! fails with; [`Error::code`] is stable, and its eight kinds say what the
//! caller can do about it.
//!
//! # Who is calling
//!
//! [`sessions::Sessions::authenticate`] turns an access token into
//! [`caller::SignedIn`]; its `require_admin` and `require_session` give the
//! stronger proofs. With a sign-in of your own it is
//! [`SignedIn::trust`](caller::SignedIn::trust), in a job or on a command line
//! [`Admin::operator`](caller::Admin::operator). All of them are recorded as
//! the actor of what they do.
//!
//! # Parts
//!
//! [`ports::Services::builder`] takes a store, a hasher, a signer, a clock and
//! a source of randomness; policy and estimator of passwords have defaults.
//! Each method of a port says what it owes, and which check of
//! `userhub_testkit::conformance` proves it. `userhub-infrastructure` has
//! adapters for SQLite and Postgres, argon2 and JSON Web Tokens.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `serde` | `Serialize` and `Deserialize`, by way of `parse`, of the values that are no secrets: ids, [`users::EmailAddress`], [`users::Username`], [`users::PersonName`], [`users::PhoneNumber`], [`users::ExternalId`], [`users::Metadata`], [`users::Role`], [`users::Status`], [`users::Version`], [`users::AuthVersion`], [`audit::EventKind`] |
//! | `mocks` | mocks of the ports, made by mockall; `userhub-testkit` re-exports them |
//!
//! Users and sessions have no `Serialize`: what is shown to whom is for the
//! outermost layer to say, in shapes of its own. Passwords, hashes and tokens
//! have neither that nor a `Display`, and their `Debug` prints nothing.

#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod accounts;
pub mod admin;
pub mod api_keys;
pub mod audit;
mod builder;
pub mod caller;
pub mod clock;
pub mod error;
pub mod handed_out;
mod id;
pub mod mail;
pub mod page;
pub mod policy;
pub mod ports;
mod revision;
pub mod rules;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod store;
pub mod text;
mod text_form;
pub mod throttle;
pub mod users;
pub mod violation;

pub use error::{Error, Result};

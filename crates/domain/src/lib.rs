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
//! use userhub_domain::accounts::{RegisterCommand, RegisterInput};
//! use userhub_domain::sessions::{LoginCommand, LoginInput};
//! use userhub_domain::{audit::Origin, ports::Services, users::ProfileInput};
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
//!     let password = || Some("three plums in a bowl".into());
//!     let input = RegisterInput { profile, password: password() };
//!     let command = RegisterCommand::parse(input, services.accounts.rules())?;
//!     // The default policy tells whether there is a new account; others need not.
//!     let ann = services.accounts.register(&origin, command).await?.into_user();
//!
//!     let input = LoginInput { identifier: Some("Ann".into()), password: password() };
//!     let tokens = services.sessions.login(&origin, LoginCommand::parse(input)?).await?;
//!
//!     let caller = services.sessions.authenticate(tokens.access_token.expose_secret()).await?;
//!     assert_eq!(Some(caller.id()), ann.map(|ann| ann.id));
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
//! | use case | a method of one of the services | [`ports::Services`] |
//! | proof | an argument that says who is calling; a use case that needs somebody cannot be called without one | [`caller`] |
//! | origin | from where a call came; lands in its event | [`audit::Origin`] |
//! | event | what happened, stored with the change itself | [`audit::AuditEvent`] |
//! | port | a trait that you implement | [`store::Store`], [`users::PasswordHasher`] … |
//! | unit of work | writes that happen together or not at all | [`store::UnitOfWork`] |
//! | version | counts the changes of a user: an update names the one it saw | [`users::Version`] |
//! | `auth_version` | counts how often all sessions were ended; each session copies it and is void once it has changed | [`users::AuthVersion`] |
//! | policy | what a deployment chooses | [`policy::Policy`] |
//! | handed-out token | lets somebody do one thing, once: reset a password, confirm an address | [`handed_out::HandedOutToken`] |
//! | mail, outbox | what somebody is to be told; stored with its cause, sent later | [`mail::Mail`] |
//! | letter | a mail that is sent now, with its token | [`mail::Letter`] |
//! | attempt | a guess; counted before it is looked at, under a key that names nobody | [`throttle::AttemptRule`] |
//! | factor, challenge | the app that makes one-time codes; what stands for a right password until its code comes | [`second_factor::TotpFactor`], [`sessions::MfaChallenge`] |
//! | recovery code | stands in for the app, once | [`second_factor::RecoveryCode`] |
//! | key, scope | what a program signs in with, and what for | [`api_keys::ApiKey`], [`api_keys::Scope`] |
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
//! clean-up) has none. Each use case names the event it writes, the mail it
//! causes and the codes it fails with. *Those of the store* are
//! `storage_unavailable` and `internal`, *those of the signer* too, *those of the
//! hasher* `overloaded` and `internal`; a source of randomness that fails is
//! `internal` everywhere.
//!
//! Ports are trait objects (`Arc<dyn Store>`) and not type parameters. So the
//! services are plain types, cheap to clone, that a handler can name; the adapter
//! behind them can be chosen at run time and wrapped in another. Beside a query
//! or a hash, the call through a pointer costs nothing.
//!
//! # When something fails
//!
//! [`Error`] has eight kinds, which say what the caller can do about it. Below
//! each are cases with a stable [`code`](Error::code). More cases may come, so a
//! match ends with the code, or with the kind alone:
//!
//! ```
//! use userhub_domain::{Error, error::Invalid};
//!
//! fn answer(error: &Error) -> (u16, String) {
//!     match error {
//!         Error::Invalid(Invalid::Violations(all)) => {
//!             let told = all.iter().map(|one| format!("{}: {}", one.field, one.code.as_str()));
//!             (422, told.collect::<Vec<_>>().join(", "))
//!         }
//!         Error::TooMany { retry_after } => (429, format!("wait {} s", retry_after.as_secs())),
//!         Error::Unauthenticated(_) => (401, error.code().to_owned()),
//!         _ => (500, error.code().to_owned()), // and so on for the other kinds
//!     }
//! }
//! # use userhub_domain::{error::Unauthenticated, sessions::{LoginCommand, LoginInput}};
//! # let missing = LoginCommand::parse(LoginInput::default()).unwrap_err();
//! # let told = "identifier: required, password: required".to_owned();
//! # assert_eq!(answer(&missing.into()), (422, told));
//! # let missing = Unauthenticated::Missing.into();
//! # assert_eq!(answer(&missing), (401, "not_authenticated".to_owned()));
//! ```
//!
//! The crate logs nothing. Whoever answers the request does, once: the kinds
//! [`Error::Unavailable`] and [`Error::Internal`] bring what an adapter saw in
//! [`Error::source_for_log`], which is never for the client.
//!
//! A use case may be dropped at any time, because a client went away for
//! instance. What its open unit of work has written is taken back. What was
//! committed before stays: mostly a counted attempt and nothing else. A commit
//! that is under way may have happened or not. Three use cases leave more: a mail
//! that was sent while [`mail::Mails::deliver`] was dropped goes out once more
//! when its claim ends, [`admin::Administration::purge_deleted_before`] keeps
//! what it has purged, and a key that [`api_keys::ApiKeys::create`] has stored is
//! there though nobody has seen it.
//!
//! # The services
//!
//! | service | what it is for |
//! | --- | --- |
//! | [`accounts`] | what people do with their own account: registering, profile, password, address, closing it |
//! | [`sessions`] | signing in and out, refreshing, who is calling |
//! | [`second_factor`] | setting an app up, giving it up, the second step of signing in |
//! | [`api_keys`] | keys for programs |
//! | [`admin`] | what administrators and operators do to others, upkeep, the outbox |
//! | [`mail`] | delivering what is in the outbox |
//!
//! [`throttle`] has no service: guesses are slowed down inside the others, by
//! the rules of the policy. Counts that are over are removed by
//! [`admin::Administration::remove_expired`], which is to be called now and then.
//!
//! # Mail
//!
//! No use case sends anything: it puts a mail into the outbox, in the unit of
//! work that causes it. To have mail sent, give the builder a
//! [`mail::Mailer`] and call this in a loop, in as many processes as you like:
//!
//! ```
//! # use userhub_testkit::{TestServices, a_user};
//! # use userhub_domain::{accounts::MailRequestCommand, audit::Origin};
//! # use userhub_domain::{Result, ports::Services};
//! # async fn deliver(services: &Services) -> Result<usize> {
//! let claimed = services.mails.claim(10).await?; // nobody else's for two minutes
//! let number = claimed.len();
//! for mail in claimed {
//!     services.mails.deliver(mail).await?;
//! }
//! // If there were none, or after an error, wait a second.
//! # Ok(number)
//! # }
//! # pollster::block_on(async {
//! #     let test = TestServices::new();
//! #     let ann = test.add(a_user()).await?;
//! #     let address = ann.email.as_ref().map(ToString::to_string);
//! #     let command = MailRequestCommand::parse(address)?;
//! #     test.services.accounts.forgot_password(&Origin::default(), command).await?;
//! #     assert_eq!(deliver(&test.services).await?, 1);
//! #     assert_eq!((deliver(&test.services).await?, test.mailer.letters().len()), (0, 1));
//! #     Ok::<_, userhub_domain::Error>(())
//! # }).unwrap();
//! ```
//!
//! A mail that fails is tried again for about a day. One that may have gone out
//! twice, or is refused, is abandoned with an event, and
//! [`admin::Administration::retry_mails`] has it tried again. Tokens are made
//! when a mail is delivered, so none is stored in the clear. Without a mailer
//! every mail is refused: leave verification off, and hand tokens over with
//! [`admin::Administration::start_password_reset`].
//!
//! # Who is calling
//!
//! [`sessions::Sessions::authenticate`] turns an access token, or an API key,
//! into [`caller::SignedIn`]; its `require_…` methods give the stronger proofs:
//! [`caller::AdminReader`] for reading, [`caller::Admin`], and
//! [`caller::OwnSession`] for credentials, which a key never has. With a sign-in
//! of your own it is [`SignedIn::trust`](caller::SignedIn::trust), in a job or on
//! a command line [`Admin::operator`](caller::Admin::operator). All of them are
//! recorded as the actor of what they do.
//!
//! Somebody you vouch for with `trust` has no session here, so whatever takes an
//! [`caller::OwnSession`] is closed to them (`session_required`): changing
//! password or e-mail address, the second factor, API keys. Your own sign-in has
//! those already, or else people sign in with [`sessions::Sessions::login`].
//!
//! # Parts
//!
//! [`ports::Services::builder`] takes a store, a hasher, a signer, a clock and
//! a source of randomness. Policy and estimator of passwords have defaults;
//! without a [`mail::Mailer`] no mail is sent, and without a
//! [`second_factor::Totp`] no second factor can be set up. Each method of a port
//! says what it owes, and which check of `userhub_testkit::conformance` proves
//! it, or that no check can see it. `userhub-infrastructure` has adapters for
//! SQLite and Postgres, argon2 and the hashes of other systems, JSON Web Tokens,
//! SMTP and one-time codes.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `serde` | `Serialize` and `Deserialize`, by way of `parse`, of the values that are no secrets: ids, [`users::EmailAddress`], [`users::Username`], [`users::PersonName`], [`users::PhoneNumber`], [`users::ExternalId`], [`users::Metadata`], [`users::Role`], [`users::Status`], [`users::Version`], [`users::AuthVersion`], [`users::UserSort`], [`api_keys::ApiKeyName`], [`api_keys::Scope`], [`api_keys::Scopes`], [`audit::EventKind`], [`mail::MailKind`], [`mail::MailState`], [`mail::Delivery`], [`sessions::AuthenticationMethods`], [`secret::TokenPurpose`], [`policy::RequiredMember`], [`error::Identifier`], [`violation::ViolationCode`] |
//! | `mocks` | mocks of every port, made by mockall; `userhub-testkit` re-exports them |
//!
//! Users and sessions have no `Serialize`: what is shown to whom is for the
//! outermost layer to say, in shapes of its own. Passwords, hashes and tokens
//! have neither that nor a `Display`, and their `Debug` prints nothing.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations)]
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
mod opaque;
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
mod user_change;
pub mod users;
pub mod violation;

pub use error::{Error, Result};

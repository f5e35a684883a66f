//! A store for `userhub-domain` on redb: one file, many readers, one writer at
//! a time. Written from scratch and made right by the conformance kit alone.

mod readers;
mod rows;
mod session_writer;
mod store;
mod tables;
mod token_writer;
mod unit_of_work;
mod user_writer;

pub use store::RedbStore;

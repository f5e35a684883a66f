//! A store for `userhub-domain` on redb: one file, many readers, one writer at
//! a time. Written from scratch and made right by the conformance kit alone.

mod api_keys;
mod attempts;
mod audit;
mod handed_out_tokens;
mod outbox;
mod readers;
mod rows;
mod second_factors;
mod session_writer;
mod store;
mod tables;
mod unit_of_work;
mod user_writer;

pub use store::RedbStore;

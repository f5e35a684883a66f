//! The store on SQLite and Postgres.
//!
//! [`SqlStore`] reads and starts units of work; [`SqlUnitOfWork`] owns one
//! database transaction and writes. One file per table; [`error`](self) is the
//! only place that knows what a database's errors mean.

mod answer_cache;
mod api_keys;
mod attempts;
mod audit_events;
mod connect;
mod entity;
mod error;
mod handed_out_tokens;
mod outbox;
mod pool_health;
mod second_factors;
mod session_writer;
mod sessions;
mod signing_keys;
mod statements;
mod store;
mod stored;
mod unit_of_work;
mod user_list;
mod user_writer;
mod users;

pub use connect::{DatabaseOptions, PoolState};
pub use signing_keys::StoredKey;
pub use store::{PrepareReport, SqlStore};
pub use unit_of_work::SqlUnitOfWork;

//! How it is done: adapters for the ports of `userhub-domain`, settings and telemetry.

pub mod clock;
pub mod config;
pub mod crypto;
pub mod mail;
pub mod mail_worker;
mod shared_keys;
pub mod sql;
pub mod telemetry;
pub mod worker;

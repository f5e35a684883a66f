#![doc = include_str!("../README.md")]

pub mod clock;
pub mod config;
pub mod crypto;
pub mod mail;
pub mod mail_worker;
mod shared_keys;
pub mod sql;
pub mod telemetry;
pub mod worker;

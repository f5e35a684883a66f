//! How it is done: adapters for the ports of `userhub-domain`, settings and telemetry.

pub mod config;
pub mod telemetry;

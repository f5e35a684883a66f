//! What administrators do to others.

pub(crate) mod audit_events;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod reset_mfa;
pub(crate) mod sessions;
pub(crate) mod start_password_reset;

//! The tables as SeaORM sees them. Nothing of this leaves the adapter.

pub(super) mod admin_guard;
pub(super) mod audit_events;
pub(super) mod handed_out_tokens;
pub(super) mod sessions;
pub(super) mod signing_keys;
pub(super) mod spent_refresh_tokens;
pub(super) mod users;

//! The tables as SeaORM sees them. Nothing of this leaves the adapter.

pub(super) mod admin_guard;
pub(super) mod api_keys;
pub(super) mod attempts;
pub(super) mod audit_events;
pub(super) mod handed_out_tokens;
pub(super) mod outbox;
pub(super) mod recovery_codes;
pub(super) mod sessions;
pub(super) mod signing_keys;
pub(super) mod spent_refresh_tokens;
pub(super) mod totp_factors;
pub(super) mod users;

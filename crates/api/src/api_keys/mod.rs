//! What a person's programs sign in with.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

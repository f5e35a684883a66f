//! The second factor.

pub(crate) mod confirm;
pub(crate) mod disable;
pub(crate) mod enrol;
pub(crate) mod show;
pub(crate) mod verify;

//! What people do with their own account.

pub(crate) mod change_email;
pub(crate) mod change_password;
pub(crate) mod close;
pub(crate) mod forgot_password;
pub(crate) mod register;
pub(crate) mod request_verification;
pub(crate) mod reset_password;
pub(crate) mod settings;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod update_profile;
pub(crate) mod verify_email;

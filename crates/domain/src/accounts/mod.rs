//! What people do with their own account.

mod change_email;
mod change_password;
mod close;
mod forgot_password;
mod register;
mod request_verification;
mod reset_password;
mod show;
mod update;
mod verify_email;

use crate::{ports::Context, rules::Rules};

pub use change_email::{ChangeEmailCommand, ChangeEmailInput, EmailChange};
pub use change_password::{ChangePasswordCommand, ChangePasswordInput};
pub use forgot_password::MailRequestCommand;
pub(crate) use register::Secret;
pub use register::{RegisterCommand, RegisterInput, Registration};
pub use reset_password::{ResetPasswordCommand, ResetPasswordInput};
pub use update::{UpdateProfileCommand, UpdateProfileInput, UpdateUserCommand, UpdateUserInput};
pub use verify_email::VerifyEmailCommand;

/// What people do with their own account.
#[derive(Clone)]
pub struct Accounts {
    context: Context,
}

impl Accounts {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// What commands are parsed with.
    pub fn rules(&self) -> &Rules {
        &self.context.rules
    }
}

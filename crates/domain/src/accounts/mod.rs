//! What people do with their own account.

mod change_email;
mod change_password;
mod close;
mod register;
mod reset_password;
mod show;
mod update;

use crate::{ports::Context, rules::Rules};

pub use change_email::{ChangeEmailCommand, ChangeEmailInput};
pub use change_password::{ChangePasswordCommand, ChangePasswordInput};
pub use register::{RegisterCommand, RegisterInput};
pub use reset_password::{ResetPasswordCommand, ResetPasswordInput};
pub use update::{UpdateProfileCommand, UpdateProfileInput, UpdateUserCommand, UpdateUserInput};

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

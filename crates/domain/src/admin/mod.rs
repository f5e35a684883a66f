//! What administrators do to others.

mod create;
mod delete;
mod list;
mod mails;
mod maintenance;
mod purge;
mod reset_mfa;
mod restore;
mod sessions;
mod start_password_reset;
mod update;

use crate::{ports::Context, rules::Rules};

pub use create::{CreateUserCommand, CreateUserInput};
pub use maintenance::Removed;
pub use start_password_reset::PasswordResetTicket;

/// What administrators do to others. Every verb takes the proof that an
/// administrator, or an operator, is calling.
#[derive(Clone)]
pub struct Administration {
    context: Context,
}

impl Administration {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// What commands are parsed with.
    pub fn rules(&self) -> &Rules {
        &self.context.rules
    }
}

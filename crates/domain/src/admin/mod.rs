//! What administrators do to others.

mod change_events;
mod change_role;
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

use crate::{ports::Context, rules::Rules};

pub(crate) use change_events::user_change_events;
pub use create::{CreateUserCommand, CreateUserInput};
pub use maintenance::Removed;
pub use start_password_reset::PasswordResetTicket;

/// What administrators do to others. Every verb takes the proof that an
/// administrator, or an operator, is calling. Changing members is
/// [`Accounts::update`](crate::accounts::Accounts::update), for everybody.
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

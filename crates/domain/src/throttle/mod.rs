//! Slowing down of guesses: attempts are counted before they are checked.

mod attempts;
mod guard;
mod rule;

pub use attempts::{AttemptKey, AttemptWriter, Counted};
pub(crate) use guard::Guarded;
pub use rule::{AttemptRule, ThrottlePolicy};

#[cfg(feature = "mocks")]
pub use attempts::MockAttemptWriter;

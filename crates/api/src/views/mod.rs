//! The public shapes: what answers look like. Every member is always there,
//! null where it is empty.

mod answers;
mod audit;
mod session;
mod settings;
mod time;
mod tokens;
mod user;

pub use answers::{created, with_etag};
pub use audit::{AuditEventPage, AuditEventView};
pub use session::{SessionList, SessionView};
pub use settings::{
    PasswordSettings, RegistrationMode, RegistrationSettings, SettingsView, VerificationMode,
};
pub use time::Time;
pub use tokens::{PasswordResetView, TokenPairView};
pub use user::{RoleName, StatusName, UserPage, UserView, user_path};

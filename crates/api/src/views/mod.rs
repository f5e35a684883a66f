//! The public shapes: what answers look like. Every member is always there,
//! null where it is empty.

mod answers;
mod api_keys;
mod audit;
mod second_factor;
mod session;
mod settings;
mod time;
mod tokens;
mod user;

pub use answers::{created, with_etag};
pub use api_keys::{ApiKeyList, ApiKeyView, CreatedApiKeyView, ScopeName};
pub use audit::{AuditEventPage, AuditEventView};
pub use second_factor::{MfaView, RecoveryCodesView, TotpEnrolmentView};
pub use session::{SessionList, SessionView};
pub use settings::{
    PasswordSettings, RegistrationMode, RegistrationSettings, SettingsView, VerificationMode,
};
pub use time::Time;
pub use tokens::{PasswordResetView, TokenPairView};
pub use user::{RoleName, StatusName, UserPage, UserView, user_path};

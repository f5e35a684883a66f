//! What a sign-up form must know.

use serde::Serialize;
use userhub_domain::{
    policy::{Policy, Verification},
    users::MAX_PASSWORD_BYTES,
};
use utoipa::ToSchema;

/// What this deployment asks of people who register.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// Who may register, and with what.
    pub registration: RegistrationSettings,
    /// What a new password must be.
    pub passwords: PasswordSettings,
}

/// Who may register, and with what.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationSettings {
    /// `open`, or `closed`: an administrator makes accounts.
    pub mode: RegistrationMode,
    /// `off`, or `required`: the address must be verified before its owner can sign in.
    pub verification: VerificationMode,
    /// Whether a registration with an address that has an account is answered
    /// like any other: 202, and whoever has the address gets a mail.
    pub hide_existence: bool,
    /// What must be given besides a username or an e-mail address.
    pub required: Vec<&'static str>,
}

/// Whether people may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Anybody may.
    Open,
    /// Administrators make accounts.
    Closed,
}

/// Whether e-mail addresses must be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationMode {
    /// They need not be.
    Off,
    /// Before their owners can sign in.
    Required,
}

/// What a new password must be.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordSettings {
    /// The fewest characters.
    #[schema(example = 8)]
    pub min_length: usize,
    /// The most bytes in UTF-8.
    #[schema(example = 1024)]
    pub max_bytes: usize,
    /// The lowest estimate of its strength, from 0 to 4.
    #[schema(example = 3)]
    pub min_score: u8,
}

impl From<&Policy> for SettingsView {
    fn from(policy: &Policy) -> Self {
        let registration = &policy.registration;
        Self {
            registration: RegistrationSettings {
                mode: if registration.open {
                    RegistrationMode::Open
                } else {
                    RegistrationMode::Closed
                },
                verification: match registration.verification {
                    Verification::Off => VerificationMode::Off,
                    Verification::Required => VerificationMode::Required,
                },
                hide_existence: registration.hides_existence(),
                required: registration
                    .required_to_register()
                    .iter()
                    .map(|member| member.field())
                    .collect(),
            },
            passwords: PasswordSettings {
                min_length: policy.passwords.min_length.max(8),
                max_bytes: MAX_PASSWORD_BYTES,
                min_score: policy.passwords.min_score,
            },
        }
    }
}

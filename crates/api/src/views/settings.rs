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
    #[schema(example = "open")]
    pub mode: &'static str,
    /// `off`, or `required`: the address must be verified before its owner can sign in.
    #[schema(example = "off")]
    pub verification: &'static str,
    /// What must be given besides a username or an e-mail address.
    pub required: Vec<&'static str>,
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
                mode: if registration.open { "open" } else { "closed" },
                verification: match registration.verification {
                    Verification::Off => "off",
                    Verification::Required => "required",
                },
                required: registration
                    .required
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

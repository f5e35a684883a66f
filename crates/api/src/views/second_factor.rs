//! The second factor as it is answered.

use serde::Serialize;
use userhub_domain::second_factor::{EnrolledTotp, RecoveryCode, SecondFactorStatus};
use utoipa::ToSchema;

use super::Time;
use crate::http::SecretText;

/// What is known of one's own second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mfa, example = json!({
    "enabled": true, "enabled_at": "2025-01-15T09:30:00.000000Z", "recovery_codes_left": 9
}))]
pub struct MfaView {
    /// Whether signing in takes it.
    pub enabled: bool,
    /// When it was turned on.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    pub enabled_at: Option<Time>,
    /// How many recovery codes are unused.
    pub recovery_codes_left: u32,
}

impl From<SecondFactorStatus> for MfaView {
    fn from(status: SecondFactorStatus) -> Self {
        Self {
            enabled: status.enabled_at.is_some(),
            enabled_at: status.enabled_at.map(Time::from),
            recovery_codes_left: status.recovery_codes_left,
        }
    }
}

/// What is put into an app, shown once: the same in three forms.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TotpEnrolment, example = json!({
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "otpauth_uri": "otpauth://totp/UserHub:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=UserHub",
    "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"
}))]
pub struct TotpEnrolmentView {
    /// To be typed: base32.
    #[schema(value_type = String)]
    pub secret: SecretText,
    /// To be opened on the device that has the app.
    #[schema(value_type = String)]
    pub otpauth_uri: SecretText,
    /// To be shown and scanned: a whole SVG picture.
    #[schema(value_type = String)]
    pub qr_svg: SecretText,
}

impl From<EnrolledTotp> for TotpEnrolmentView {
    fn from(enrolled: EnrolledTotp) -> Self {
        Self {
            secret: enrolled.secret.into(),
            otpauth_uri: enrolled.uri.into(),
            qr_svg: enrolled.qr_svg.into(),
        }
    }
}

/// What signs in when the app is lost, shown once. Each is good for one time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecoveryCodes, example = json!({
    "recovery_codes": ["4k7m-92qd-x0rv-tb6z", "hj8w-3f5n-c1sp-ye2g"]
}))]
pub struct RecoveryCodesView {
    /// The codes. Case, blanks and hyphens do not matter where they are typed.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<SecretText>,
}

impl From<Vec<RecoveryCode>> for RecoveryCodesView {
    fn from(codes: Vec<RecoveryCode>) -> Self {
        let codes = codes.iter().map(|code| code.reveal().into());
        Self {
            recovery_codes: codes.collect(),
        }
    }
}

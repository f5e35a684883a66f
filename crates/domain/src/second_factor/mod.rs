//! The second factor: one-time codes of an app (TOTP, RFC 6238), and recovery
//! codes for when the app is lost.

mod code;
mod confirm;
mod disable;
mod enrol;
mod recovery_codes;
mod repository;
mod show;
mod totp;
mod verify;

use crate::{ports::Context, rules::Rules};

pub use code::{SecondFactorCode, TotpCode};
pub use confirm::ConfirmTotpCommand;
pub use disable::ConfirmedChangeCommand;
pub use enrol::{EnrolTotpCommand, EnrolledTotp};
pub use recovery_codes::{RecoveryCode, RecoveryCodeHash};
pub use repository::{SecondFactorReader, SecondFactorWriter, TotpFactor};
pub use show::SecondFactorStatus;
pub use totp::{NoTotp, SealedSeed, Totp, TotpEnrolment, TotpSeed};
pub use verify::VerifyMfaCommand;

#[cfg(feature = "mocks")]
pub use {
    repository::{MockSecondFactorReader, MockSecondFactorWriter},
    totp::MockTotp,
};

/// What people do with their second factor.
#[derive(Clone)]
pub struct SecondFactor {
    context: Context,
}

impl SecondFactor {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// What commands are parsed with.
    pub fn rules(&self) -> &Rules {
        &self.context.rules
    }
}

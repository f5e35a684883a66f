//! What somebody has set up.

use super::SecondFactor;
use crate::{caller::SignedIn, clock::Timestamp, error::Result};

/// What is known of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecondFactorStatus {
    /// When it was turned on. `None`: it is off.
    pub enabled_at: Option<Timestamp>,
    /// How many recovery codes are unused.
    pub recovery_codes_left: u32,
}

impl SecondFactor {
    /// Whether the caller has a second factor.
    ///
    /// # Errors
    /// `session_required` for a key; those of the store.
    pub async fn show(&self, caller: &SignedIn) -> Result<SecondFactorStatus> {
        caller.require_person()?;
        let factors = self.context.ports.store.second_factors();
        let factor = factors.find(caller.id()).await?;
        Ok(SecondFactorStatus {
            enabled_at: factor.and_then(|factor| factor.confirmed_at),
            recovery_codes_left: factors.count_recovery_codes(caller.id()).await?,
        })
    }
}

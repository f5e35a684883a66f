//! The ports through which second factors are stored.

use async_trait::async_trait;

use super::{RecoveryCodeHash, SealedSeed};
use crate::{clock::Timestamp, error::Result, users::UserId};

/// The app of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpFactor {
    /// Whose it is.
    pub user_id: UserId,
    /// The encrypted seed.
    pub seed: SealedSeed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its first code came; before, it counts for nothing.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the last code that was used: it and those before are spent.
    pub last_step: i64,
}

/// Reads second factors.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SecondFactorReader: Send + Sync {
    /// The app of a user, confirmed or not.
    ///
    /// # Obligations
    /// - Every member comes back: `a_factor_survives_a_round_trip`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find(&self, user: UserId) -> Result<Option<TotpFactor>>;

    /// How many recovery codes of a user are unused.
    ///
    /// # Obligations
    /// - Those that are, of this user: `a_recovery_code_is_used_once`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn count_recovery_codes(&self, user: UserId) -> Result<u32>;
}

/// Writes second factors, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SecondFactorWriter: Send + Sync {
    /// Stores an app that is not confirmed yet, in place of another such one;
    /// false, and nothing changes, where a confirmed one is there.
    ///
    /// # Obligations
    /// - Every member is stored: `a_factor_survives_a_round_trip`.
    /// - Of one that was not confirmed nothing is left, and a confirmed one
    ///   stays: `a_confirmed_factor_is_not_replaced`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn enrol(&self, factor: &TotpFactor) -> Result<bool>;

    /// Confirms the app with this very seed, spends the step, and sets the
    /// user's `mfa_enabled`; false, and nothing changes, where there is no such
    /// unconfirmed app.
    ///
    /// # Obligations
    /// - All of it, and neither version nor `updated_at`:
    ///   `confirming_a_factor_is_seen_on_the_user`.
    /// - Of many at once one gets true, and only for this seed:
    ///   `one_of_many_confirms_a_factor`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn confirm(
        &self,
        user: UserId,
        seed: &SealedSeed,
        step: i64,
        at: Timestamp,
    ) -> Result<bool>;

    /// Spends a step of a confirmed app, where it is later than the last one.
    /// Of many at once one gets true.
    ///
    /// # Obligations
    /// - Each step once, none that is not later: `a_step_is_spent_once`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn spend_step(&self, user: UserId, step: i64) -> Result<bool>;

    /// Puts these recovery codes in place of all others of the user.
    ///
    /// # Obligations
    /// - The others are gone: `new_recovery_codes_void_the_others`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn replace_recovery_codes(&self, user: UserId, codes: &[RecoveryCodeHash]) -> Result<()>;

    /// Uses up a recovery code of this user. Of many at once one gets true.
    ///
    /// # Obligations
    /// - Once, and nobody else's: `a_recovery_code_is_used_once`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCodeHash) -> Result<bool>;

    /// Removes the app, confirmed or not, with every recovery code, and clears
    /// the user's `mfa_enabled`; false where there was no confirmed one.
    ///
    /// # Obligations
    /// - All of it, of this user alone: `a_removed_factor_is_gone_with_its_codes`.
    /// - Also where the answer is false:
    ///   `an_unconfirmed_factor_is_removed_with_all_that_hangs_on_it`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn remove(&self, user: UserId) -> Result<bool>;
}

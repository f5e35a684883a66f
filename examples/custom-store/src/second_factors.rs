//! Second factors: one row of each user, with the app and the recovery codes.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Result,
    clock::Timestamp,
    second_factor::{
        RecoveryCodeHash, SealedSeed, SecondFactorReader, SecondFactorWriter, TotpFactor,
    },
    users::UserId,
};

use crate::{
    RedbStore,
    rows::{micros, time},
    tables,
    unit_of_work::RedbUnitOfWork,
    user_writer::{require_user, show_second_factor},
};

#[derive(Default, Serialize, Deserialize)]
struct SecondFactorRow {
    app: Option<AppRow>,
    recovery_codes: Vec<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct AppRow {
    seed: Vec<u8>,
    created_at: i64,
    confirmed_at: Option<i64>,
    last_step: i64,
}

impl AppRow {
    fn new(factor: &TotpFactor) -> Self {
        Self {
            seed: factor.seed.as_bytes().to_vec(),
            created_at: micros(factor.created_at),
            confirmed_at: factor.confirmed_at.map(micros),
            last_step: factor.last_step,
        }
    }

    fn factor(&self, user: UserId) -> Result<TotpFactor> {
        Ok(TotpFactor {
            user_id: user,
            seed: SealedSeed::new(self.seed.clone()),
            created_at: time(self.created_at)?,
            confirmed_at: self.confirmed_at.map(time).transpose()?,
            last_step: self.last_step,
        })
    }
}

impl SecondFactorRow {
    fn is_confirmed(&self) -> bool {
        let app = self.app.as_ref();
        app.is_some_and(|app| app.confirmed_at.is_some())
    }
}

fn read(store: &RedbStore, user: UserId) -> Result<SecondFactorRow> {
    let snapshot = store.snapshot()?;
    let table = tables::read(&snapshot, tables::SECOND_FACTORS)?;
    let row = tables::row(&table, user.as_uuid().as_bytes())?;
    Ok(row.unwrap_or_default())
}

fn load(transaction: &WriteTransaction, user: UserId) -> Result<SecondFactorRow> {
    let table = tables::write(transaction, tables::SECOND_FACTORS)?;
    let row = tables::row(&table, user.as_uuid().as_bytes())?;
    Ok(row.unwrap_or_default())
}

fn save(transaction: &WriteTransaction, user: UserId, row: &SecondFactorRow) -> Result<()> {
    let mut table = tables::write(transaction, tables::SECOND_FACTORS)?;
    tables::put(&mut table, user.as_uuid().as_bytes(), row)
}

/// Removes the app and the recovery codes of a user.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    let mut table = tables::write(transaction, tables::SECOND_FACTORS)?;
    tables::remove(&mut table, user.as_uuid().as_bytes())?;
    Ok(())
}

#[async_trait]
impl SecondFactorReader for RedbStore {
    async fn find(&self, user: UserId) -> Result<Option<TotpFactor>> {
        let row = read(self, user)?;
        row.app.map(|app| app.factor(user)).transpose()
    }

    async fn count_recovery_codes(&self, user: UserId) -> Result<u32> {
        let codes = read(self, user)?.recovery_codes.len();
        Ok(u32::try_from(codes).unwrap_or(u32::MAX))
    }
}

#[async_trait]
impl SecondFactorWriter for RedbUnitOfWork {
    async fn enrol(&self, factor: &TotpFactor) -> Result<bool> {
        self.write(|transaction| {
            require_user(transaction, factor.user_id, "a second factor of nobody")?;
            let mut row = load(transaction, factor.user_id)?;
            if row.is_confirmed() {
                return Ok(false);
            }
            row.app = Some(AppRow::new(factor));
            save(transaction, factor.user_id, &row)?;
            Ok(true)
        })
    }

    async fn confirm(
        &self,
        user: UserId,
        seed: &SealedSeed,
        step: i64,
        at: Timestamp,
    ) -> Result<bool> {
        self.write(|transaction| {
            let mut row = load(transaction, user)?;
            let is_meant =
                |app: &&mut AppRow| app.confirmed_at.is_none() && app.seed == seed.as_bytes();
            let Some(app) = row.app.as_mut().filter(is_meant) else {
                return Ok(false);
            };
            app.confirmed_at = Some(micros(at));
            app.last_step = step;
            save(transaction, user, &row)?;
            show_second_factor(transaction, user, true)?;
            Ok(true)
        })
    }

    async fn spend_step(&self, user: UserId, step: i64) -> Result<bool> {
        self.write(|transaction| {
            let mut row = load(transaction, user)?;
            let is_unspent = |app: &&mut AppRow| app.confirmed_at.is_some() && step > app.last_step;
            let Some(app) = row.app.as_mut().filter(is_unspent) else {
                return Ok(false);
            };
            app.last_step = step;
            save(transaction, user, &row)?;
            Ok(true)
        })
    }

    async fn replace_recovery_codes(&self, user: UserId, codes: &[RecoveryCodeHash]) -> Result<()> {
        self.write(|transaction| {
            require_user(transaction, user, "recovery codes of nobody")?;
            let mut row = load(transaction, user)?;
            row.recovery_codes = codes.iter().map(|code| *code.as_bytes()).collect();
            save(transaction, user, &row)
        })
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCodeHash) -> Result<bool> {
        self.write(|transaction| {
            let mut row = load(transaction, user)?;
            let before = row.recovery_codes.len();
            row.recovery_codes.retain(|one| one != code.as_bytes());
            let is_used = row.recovery_codes.len() < before;
            if is_used {
                save(transaction, user, &row)?;
            }
            Ok(is_used)
        })
    }

    async fn remove(&self, user: UserId) -> Result<bool> {
        self.write(|transaction| {
            let was_confirmed = load(transaction, user)?.is_confirmed();
            forget(transaction, user)?;
            show_second_factor(transaction, user, false)?;
            Ok(was_confirmed)
        })
    }
}

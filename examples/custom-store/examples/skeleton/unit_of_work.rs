//! The unit of work and its writers.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    api_keys::{ApiKey, ApiKeyId, ApiKeyWriter},
    audit::AuditEvent,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenWriter},
    mail::{ClaimedMail, Mail, MailId, OutboxWriter, Settlement},
    second_factor::{RecoveryCodeHash, SealedSeed, SecondFactorWriter, TotpFactor},
    secret::TokenHash,
    sessions::{Rotation, Session, SessionId, SessionWriter},
    store::UnitOfWork,
    throttle::{AttemptKey, AttemptRule, AttemptWriter, Counted},
    users::{
        AuthVersion, EmailAddress, PasswordHash, SessionsAfter, User, UserId, UserWriter, Version,
    },
};

use crate::not_written;

/// Writes that become visible together. Dropping it takes them back.
pub(crate) struct MyUnitOfWork {
    // The transaction, until something fails.
}

#[async_trait]
impl UnitOfWork for MyUnitOfWork {
    fn users(&self) -> &dyn UserWriter {
        self
    }

    fn sessions(&self) -> &dyn SessionWriter {
        self
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter {
        self
    }

    fn second_factors(&self) -> &dyn SecondFactorWriter {
        self
    }

    fn api_keys(&self) -> &dyn ApiKeyWriter {
        self
    }

    fn outbox(&self) -> &dyn OutboxWriter {
        self
    }

    fn attempts(&self) -> &dyn AttemptWriter {
        self
    }

    async fn commit(self: Box<Self>, _events: &[AuditEvent]) -> Result<()> {
        not_written()
    }
}

#[async_trait]
impl UserWriter for MyUnitOfWork {
    async fn insert(&self, _user: &User, _password_hash: &PasswordHash) -> Result<()> {
        not_written()
    }

    async fn update(
        &self,
        _user: &User,
        _expected: Version,
        _sessions: SessionsAfter,
    ) -> Result<()> {
        not_written()
    }

    async fn update_keeping_an_admin(
        &self,
        _user: &User,
        _expected: Version,
        _sessions: SessionsAfter,
    ) -> Result<()> {
        not_written()
    }

    async fn set_password(
        &self,
        _id: UserId,
        _password_hash: &PasswordHash,
        _expected: AuthVersion,
    ) -> Result<AuthVersion> {
        not_written()
    }

    async fn verify_email(
        &self,
        _id: UserId,
        _email: &EmailAddress,
        _at: Timestamp,
    ) -> Result<bool> {
        not_written()
    }

    async fn rehash(&self, _id: UserId, _old: &PasswordHash, _new: &PasswordHash) -> Result<()> {
        not_written()
    }

    async fn end_all_sessions(&self, _id: UserId) -> Result<()> {
        not_written()
    }

    async fn record_login(&self, _id: UserId, _at: Timestamp) -> Result<bool> {
        not_written()
    }

    async fn purge(&self, _id: UserId) -> Result<bool> {
        not_written()
    }
}

#[async_trait]
impl SessionWriter for MyUnitOfWork {
    async fn insert(&self, _session: &Session) -> Result<()> {
        not_written()
    }

    async fn rotate(&self, _rotation: &Rotation) -> Result<bool> {
        not_written()
    }

    async fn end(&self, _id: SessionId, _user: UserId) -> Result<bool> {
        not_written()
    }

    async fn carry_over(
        &self,
        _id: SessionId,
        _user: UserId,
        _auth_version: AuthVersion,
    ) -> Result<()> {
        not_written()
    }

    async fn remove_expired(&self, _before: Timestamp, _limit: u32) -> Result<u64> {
        not_written()
    }
}

#[async_trait]
impl HandedOutTokenWriter for MyUnitOfWork {
    async fn replace(&self, _token: &HandedOutToken) -> Result<bool> {
        not_written()
    }

    async fn void_mailed(&self, _user: UserId) -> Result<()> {
        not_written()
    }

    async fn add_challenge(&self, _token: &HandedOutToken) -> Result<()> {
        not_written()
    }

    async fn consume(&self, _hash: TokenHash) -> Result<bool> {
        not_written()
    }

    async fn remove_expired(&self, _before: Timestamp, _limit: u32) -> Result<u64> {
        not_written()
    }
}

#[async_trait]
impl SecondFactorWriter for MyUnitOfWork {
    async fn enrol(&self, _factor: &TotpFactor) -> Result<bool> {
        not_written()
    }

    async fn confirm(
        &self,
        _user: UserId,
        _seed: &SealedSeed,
        _step: i64,
        _at: Timestamp,
    ) -> Result<bool> {
        not_written()
    }

    async fn spend_step(&self, _user: UserId, _step: i64) -> Result<bool> {
        not_written()
    }

    async fn replace_recovery_codes(
        &self,
        _user: UserId,
        _codes: &[RecoveryCodeHash],
    ) -> Result<()> {
        not_written()
    }

    async fn use_recovery_code(&self, _user: UserId, _code: &RecoveryCodeHash) -> Result<bool> {
        not_written()
    }

    async fn remove(&self, _user: UserId) -> Result<bool> {
        not_written()
    }
}

#[async_trait]
impl ApiKeyWriter for MyUnitOfWork {
    async fn insert(&self, _key: &ApiKey) -> Result<()> {
        not_written()
    }

    async fn revoke(&self, _id: ApiKeyId, _user: UserId) -> Result<bool> {
        not_written()
    }

    async fn revoke_all(&self, _user: UserId) -> Result<u64> {
        not_written()
    }

    async fn record_use(&self, _id: ApiKeyId, _at: Timestamp) -> Result<()> {
        not_written()
    }
}

#[async_trait]
impl OutboxWriter for MyUnitOfWork {
    async fn add(&self, _mail: &Mail) -> Result<()> {
        not_written()
    }

    async fn claim(
        &self,
        _now: Timestamp,
        _lease_until: Timestamp,
        _limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        not_written()
    }

    async fn settle(&self, _claimed: &ClaimedMail, _settlement: &Settlement) -> Result<bool> {
        not_written()
    }

    async fn retry(&self, _id: Option<MailId>, _due_at: Timestamp) -> Result<u64> {
        not_written()
    }
}

#[async_trait]
impl AttemptWriter for MyUnitOfWork {
    async fn count(
        &self,
        _key: AttemptKey,
        _rule: &AttemptRule,
        _now: Timestamp,
    ) -> Result<Counted> {
        not_written()
    }

    async fn forget(&self, _key: AttemptKey) -> Result<()> {
        not_written()
    }

    async fn take_back(&self, _key: AttemptKey) -> Result<()> {
        not_written()
    }

    async fn remove_forgotten(&self, _before: Timestamp, _limit: u32) -> Result<u64> {
        not_written()
    }
}

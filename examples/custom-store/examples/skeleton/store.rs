//! The store and its readers.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    api_keys::{ApiKey, ApiKeyReader, KeyHolder},
    audit::{AuditEvent, AuditQuery, AuditReader},
    clock::Timestamp,
    error::Identifier,
    handed_out::{HandedOutToken, HandedOutTokenReader},
    mail::{Attempt, Mail, MailCounts, MailQuery, OutboxReader},
    page::{Page, PageRequest},
    second_factor::{SecondFactorReader, TotpFactor},
    secret::{TokenHash, TokenPurpose},
    sessions::{Principal, RefreshLineage, Session, SessionId, SessionReader},
    store::{Store, UnitOfWork},
    users::{Credentials, User, UserId, UserKey, UserQuery, UserReader},
};

use crate::{not_written, unit_of_work::MyUnitOfWork};

/// What everything is kept in.
pub struct MyStore {
    // A pool of connections, for instance.
}

#[async_trait]
impl Store for MyStore {
    fn users(&self) -> &dyn UserReader {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        self
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        self
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        self
    }

    fn outbox(&self) -> &dyn OutboxReader {
        self
    }

    fn audit(&self) -> &dyn AuditReader {
        self
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        Ok(Box::new(MyUnitOfWork {}))
    }
}

#[async_trait]
impl UserReader for MyStore {
    async fn find(&self, _key: &UserKey) -> Result<Option<User>> {
        not_written()
    }

    async fn find_with_credentials(&self, _key: &UserKey) -> Result<Option<(User, Credentials)>> {
        not_written()
    }

    async fn list(&self, _query: &UserQuery, _page: &PageRequest) -> Result<Page<User>> {
        not_written()
    }

    async fn taken_identifiers(&self, _user: &User) -> Result<Vec<Identifier>> {
        not_written()
    }

    async fn list_deleted_before(&self, _at: Timestamp, _limit: u32) -> Result<Vec<UserId>> {
        not_written()
    }
}

#[async_trait]
impl SessionReader for MyStore {
    async fn find_principal(&self, _id: SessionId) -> Result<Option<Principal>> {
        not_written()
    }

    async fn find_by_refresh_token(&self, _hash: TokenHash) -> Result<Option<RefreshLineage>> {
        not_written()
    }

    async fn list_living(&self, _user: UserId, _now: Timestamp) -> Result<Vec<Session>> {
        not_written()
    }
}

#[async_trait]
impl HandedOutTokenReader for MyStore {
    async fn find(
        &self,
        _hash: TokenHash,
        _purpose: TokenPurpose,
    ) -> Result<Option<HandedOutToken>> {
        not_written()
    }
}

#[async_trait]
impl SecondFactorReader for MyStore {
    async fn find(&self, _user: UserId) -> Result<Option<TotpFactor>> {
        not_written()
    }

    async fn count_recovery_codes(&self, _user: UserId) -> Result<u32> {
        not_written()
    }
}

#[async_trait]
impl ApiKeyReader for MyStore {
    async fn find_holder(&self, _hash: TokenHash) -> Result<Option<KeyHolder>> {
        not_written()
    }

    async fn list(&self, _user: UserId) -> Result<Vec<ApiKey>> {
        not_written()
    }
}

#[async_trait]
impl OutboxReader for MyStore {
    async fn has_due(&self, _now: Timestamp) -> Result<bool> {
        not_written()
    }

    async fn list(&self, _query: &MailQuery) -> Result<Vec<(Mail, Attempt)>> {
        not_written()
    }

    async fn count(&self) -> Result<MailCounts> {
        not_written()
    }
}

#[async_trait]
impl AuditReader for MyStore {
    async fn list(&self, _query: &AuditQuery, _page: &PageRequest) -> Result<Page<AuditEvent>> {
        not_written()
    }
}

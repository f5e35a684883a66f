//! The steps that checks are made of. Each stops the check where it fails.

use std::sync::Arc;

use chrono::TimeDelta;
use userhub_domain::{
    Result,
    audit::{Actor, AuditEvent, AuditEventId, EventKind, Origin},
    clock::{Clock, Timestamp},
    handed_out::HandedOutToken,
    page::{PageLimit, PageRequest, PageStart},
    secret::{TokenHash, TokenPurpose},
    sessions::{AuthenticationMethods, Rotation, Session, SessionId, SpentToken},
    store::{Store, UnitOfWork},
    users::{
        AuthVersion, Credentials, PasswordHash, SessionsAfter, User, UserId, UserKey, UserRecord,
        Version,
    },
};
use uuid::Uuid;

use super::{StoreFactory, outcome::Place};
use crate::{FixedClock, SeededEntropy};

/// A store, and the usual steps on it.
#[derive(Clone)]
pub(super) struct Bench(Arc<dyn Store>);

impl std::ops::Deref for Bench {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Bench {
    pub(super) async fn open(factory: &dyn StoreFactory) -> Self {
        Self(factory.open().await)
    }

    /// Two stores on the same database.
    pub(super) async fn open_two(factory: &dyn StoreFactory) -> [Self; 2] {
        [Self::open(factory).await, Self::open(factory).await]
    }

    #[track_caller]
    pub(super) fn unit(&self) -> impl Future<Output = Box<dyn UnitOfWork>> {
        let place = Place::here();
        async move { place.done("begin", self.begin().await) }
    }

    pub(super) async fn try_insert(&self, user: &User) -> Result<()> {
        let unit = self.begin().await?;
        unit.users().insert(user, &hash("first")).await?;
        unit.commit(&[]).await
    }

    #[track_caller]
    pub(super) fn insert<'a>(
        &self,
        users: impl IntoIterator<Item = &'a User>,
    ) -> impl Future<Output = ()> {
        let place = Place::here();
        async move {
            let unit = place.done("begin", self.begin().await);
            for user in users {
                let done = unit.users().insert(user, &hash("first")).await;
                place.done("users().insert", done);
            }
            place.done("commit", unit.commit(&[]).await);
        }
    }

    pub(super) async fn update(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()> {
        let unit = self.begin().await?;
        unit.users().update(user, expected, sessions).await?;
        unit.commit(&[]).await
    }

    pub(super) async fn update_keeping_an_admin(&self, user: &User) -> Result<()> {
        let unit = self.begin().await?;
        let expected = Version(user.version.0 - 1);
        unit.users()
            .update_keeping_an_admin(user, expected, SessionsAfter::End)
            .await?;
        unit.commit(&[]).await
    }

    pub(super) async fn set_password(
        &self,
        id: UserId,
        word: &str,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        let unit = self.begin().await?;
        let next = unit.users().set_password(id, &hash(word), expected).await?;
        unit.commit(&[]).await?;
        Ok(next)
    }

    #[track_caller]
    pub(super) fn user(&self, id: UserId) -> impl Future<Output = User> {
        let (place, found) = (Place::here(), self.find(id));
        async move { place.found("users().find", found.await) }
    }

    #[track_caller]
    pub(super) fn credentials(&self, id: UserId) -> impl Future<Output = Credentials> {
        let place = Place::here();
        async move {
            const VERB: &str = "users().find_with_credentials";
            let found = self.users().find_with_credentials(&UserKey::Id(id)).await;
            place.found(VERB, place.done(VERB, found)).1
        }
    }

    #[track_caller]
    pub(super) fn insert_sessions<'a>(
        &self,
        sessions: impl IntoIterator<Item = &'a Session>,
    ) -> impl Future<Output = ()> {
        let place = Place::here();
        async move {
            let unit = place.done("begin", self.begin().await);
            for session in sessions {
                place.done("sessions().insert", unit.sessions().insert(session).await);
            }
            place.done("commit", unit.commit(&[]).await);
        }
    }

    #[track_caller]
    pub(super) fn replace_token(&self, token: &HandedOutToken) -> impl Future<Output = ()> {
        let (place, replaced) = (Place::here(), self.replace(token));
        async move { place.held("handed_out_tokens().replace", replaced.await) }
    }

    #[track_caller]
    pub(super) fn record(&self, events: &[AuditEvent]) -> impl Future<Output = ()> {
        let place = Place::here();
        async move {
            let unit = place.done("begin", self.begin().await);
            place.done("commit", unit.commit(events).await);
        }
    }

    #[track_caller]
    pub(super) fn events(&self) -> impl Future<Output = Vec<AuditEvent>> {
        let place = Place::here();
        async move {
            let page = self.audit().list(&Default::default(), &first(100)).await;
            place.done("audit().list", page).items
        }
    }
}

/// When the checks play.
pub(super) fn start() -> Timestamp {
    FixedClock::new().now()
}

/// So many seconds later.
pub(super) fn later(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

pub(super) fn hash(word: &str) -> PasswordHash {
    PasswordHash::new(format!("$fake$v=1$salt${word}"))
}

pub(super) fn token_hash(number: u64) -> TokenHash {
    let mut bytes = [0xab; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    TokenHash::parse_stored(&bytes).unwrap()
}

/// The same user after a change, one version on, a minute later.
pub(super) fn changed(user: &User, change: impl FnOnce(&mut UserRecord)) -> User {
    let mut record = user.record().clone();
    record.version = record.version.next();
    record.updated_at += TimeDelta::minutes(1);
    change(&mut record);
    User::from_record(record)
}

/// A session that lasts an hour, a day at most, with the refresh token of a number.
pub(super) fn a_session(user: &User, number: u64) -> Session {
    Session {
        id: SessionId::from_uuid(Uuid::from_u128(
            0x0191_0000_0000_7000_8000_0000_0000_0000 | u128::from(number),
        )),
        user_id: user.id,
        auth_version: AuthVersion::FIRST,
        refresh_hash: token_hash(number),
        created_at: start(),
        last_used_at: start(),
        expires_at: later(3600),
        ends_at: later(86_400),
        origin: an_origin(),
        methods: AuthenticationMethods::Password,
    }
}

/// The step of a session from its unspent token to the one of a number.
pub(super) fn a_rotation(session: &Session, next: u64) -> Rotation {
    Rotation {
        session_id: session.id,
        user_id: session.user_id,
        spent: SpentToken {
            hash: session.refresh_hash,
            salt: [u8::try_from(next % 251).unwrap(); 32],
            spent_at: later(60),
        },
        next_hash: token_hash(next),
        expires_at: later(3660),
    }
}

/// A token to reset a password that lasts an hour.
pub(super) fn a_reset_token(user: &User, number: u64) -> HandedOutToken {
    HandedOutToken {
        hash: token_hash(number),
        purpose: TokenPurpose::PasswordReset,
        user_id: user.id,
        auth_version: AuthVersion::FIRST,
        address: user.email.clone(),
        new_address: None,
        created_at: start(),
        expires_at: later(3600),
    }
}

pub(super) fn an_origin() -> Origin {
    Origin {
        address: Some([192, 0, 2, 7].into()),
        user_agent: Some("Browser/1.0 (ünïcode)".to_owned()),
        request_id: Some("request-1".to_owned()),
    }
}

pub(super) fn an_event(entropy: &SeededEntropy, subject: UserId, at: Timestamp) -> AuditEvent {
    AuditEvent {
        id: AuditEventId::generate(at, entropy).unwrap(),
        at,
        kind: EventKind::UserUpdated,
        actor: Actor::User(subject),
        subject: Some(subject),
        session_id: None,
        origin: an_origin(),
        fields: vec!["first_name".to_owned(), "username".to_owned()],
    }
}

/// The first page of a list.
pub(super) fn first(limit: i64) -> PageRequest {
    PageRequest {
        limit: PageLimit::parse(limit).unwrap(),
        start: PageStart::Offset(0),
        count: false,
    }
}

//! What a memory store holds at one moment.

use std::collections::BTreeMap;

use userhub_domain::{
    Error, Result,
    api_keys::{ApiKey, ApiKeyId},
    audit::{Actor, AuditEvent},
    clock::Timestamp,
    error::{Conflict, Identifier},
    handed_out::HandedOutToken,
    mail::{Attempt, Mail, MailId},
    second_factor::{RecoveryCodeHash, TotpFactor},
    secret::TokenHash,
    sessions::{Principal, Session, SessionId, SpentToken},
    throttle::AttemptKey,
    users::{AuthVersion, EmailAddress, PasswordHash, User, UserId, UserKey, UserRecord, Username},
};

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<UserId, StoredUser>,
    pub(super) sessions: BTreeMap<SessionId, StoredSession>,
    pub(super) tokens: BTreeMap<TokenHash, HandedOutToken>,
    pub(super) factors: BTreeMap<UserId, TotpFactor>,
    pub(super) recovery_codes: BTreeMap<UserId, Vec<RecoveryCodeHash>>,
    pub(super) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(super) outbox: BTreeMap<MailId, (Mail, Attempt)>,
    pub(super) attempts: BTreeMap<AttemptKey, StoredAttempts>,
    pub(super) events: Vec<AuditEvent>,
}

#[derive(Clone)]
pub(super) struct StoredUser {
    pub(super) user: User,
    /// Kept beside the user, as a database keeps it in a column.
    pub(super) search_text: String,
    pub(super) password_hash: PasswordHash,
    pub(super) auth_version: AuthVersion,
}

#[derive(Clone)]
pub(super) struct StoredSession {
    pub(super) session: Session,
    pub(super) spent: Vec<SpentToken>,
}

#[derive(Clone)]
pub(super) struct StoredAttempts {
    pub(super) count: u32,
    pub(super) blocked_until: Option<Timestamp>,
    pub(super) forgotten_at: Timestamp,
}

impl StoredUser {
    pub(super) fn new(user: &User, password_hash: &PasswordHash) -> Self {
        Self {
            user: user.clone(),
            search_text: user.search_text(),
            password_hash: password_hash.clone(),
            auth_version: AuthVersion::FIRST,
        }
    }

    pub(super) fn write(&mut self, user: User) {
        self.search_text = user.search_text();
        self.user = user;
    }

    /// Writes some members, none of which is searched.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut UserRecord)) {
        let mut record = self.user.record().clone();
        change(&mut record);
        self.user = User::from_record(record);
    }
}

impl State {
    pub(super) fn find(&self, key: &UserKey) -> Option<&StoredUser> {
        match key {
            UserKey::Id(id) => self.users.get(id),
            UserKey::Username(name) => {
                let wanted = name.canonical();
                self.living()
                    .find(|one| username(&one.user) == Some(wanted.clone()))
            }
            UserKey::Email(address) => {
                let wanted = address.canonical();
                self.living()
                    .find(|one| email(&one.user) == Some(wanted.clone()))
            }
        }
    }

    pub(super) fn living(&self) -> impl Iterator<Item = &StoredUser> {
        self.users
            .values()
            .filter(|one| one.user.deleted_at.is_none())
    }

    pub(super) fn taken(&self, user: &User) -> Vec<Identifier> {
        let is_taken = |identifier: &Identifier| {
            let value = identifying(user, *identifier);
            value.is_some()
                && self
                    .living()
                    .filter(|other| other.user.id != user.id)
                    .any(|other| identifying(&other.user, *identifier) == value)
        };
        Identifier::ALL.into_iter().filter(is_taken).collect()
    }

    /// Refuses a living user one of whose identifiers is somebody else's.
    pub(super) fn require_free_identifiers(&self, user: &User) -> Result<()> {
        if user.deleted_at.is_some() {
            return Ok(());
        }
        let taken = self.taken(user);
        if taken.is_empty() {
            Ok(())
        } else {
            Err(Conflict::Taken(taken).into())
        }
    }

    pub(super) fn user_mut(&mut self, id: UserId) -> Option<&mut StoredUser> {
        self.users.get_mut(&id)
    }

    /// What a foreign key does in a database.
    pub(super) fn require_user(&self, id: UserId, what: &'static str) -> Result<()> {
        if self.users.contains_key(&id) {
            Ok(())
        } else {
            Err(Error::internal(what))
        }
    }

    pub(super) fn principal(&self, session: &Session) -> Result<Principal> {
        let owner = self
            .users
            .get(&session.user_id)
            .ok_or_else(|| Error::internal("a session without its user"))?;
        Ok(Principal {
            session: session.clone(),
            user: owner.user.clone(),
            auth_version: owner.auth_version,
        })
    }

    /// Removes a user with everything that hangs on it.
    pub(super) fn remove_user(&mut self, id: UserId) {
        self.users.remove(&id);
        self.sessions.retain(|_, one| one.session.user_id != id);
        self.tokens.retain(|_, one| one.user_id != id);
        self.factors.remove(&id);
        self.recovery_codes.remove(&id);
        self.api_keys.retain(|_, one| one.user_id != id);
        self.outbox.retain(|_, (mail, _)| mail.user_id != Some(id));
        let is_theirs =
            |event: &AuditEvent| event.subject == Some(id) || event.actor == Actor::User(id);
        for event in self.events.iter_mut().filter(|one| is_theirs(one)) {
            event.origin.address = None;
            event.origin.user_agent = None;
        }
    }
}

/// What is unique: canonical where the value has a canonical form.
fn identifying(user: &User, identifier: Identifier) -> Option<String> {
    match identifier {
        Identifier::Username => username(user),
        Identifier::Email => email(user),
        Identifier::PhoneNumber => user.phone_number.as_ref().map(ToString::to_string),
        Identifier::ExternalId => user.external_id.as_ref().map(ToString::to_string),
    }
}

fn username(user: &UserRecord) -> Option<String> {
    user.username.as_ref().map(Username::canonical)
}

fn email(user: &UserRecord) -> Option<String> {
    user.email.as_ref().map(EmailAddress::canonical)
}

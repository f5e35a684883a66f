//! What stands in the rows of users and sessions. Everything is read back through the domain's own
//! `parse`, so that nonsense in the file is an error and not a user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use userhub_domain::{
    Error, Result,
    audit::Origin,
    clock::Timestamp,
    secret::TokenHash,
    sessions::{AuthenticationMethods, Principal, Session, SessionId, SpentToken},
    users::{
        AuthVersion, Credentials, EmailAddress, ExternalId, Metadata, PasswordHash, PersonName,
        PhoneNumber, Role, User, UserId, UserRecord, Username, Version,
    },
};

#[derive(Serialize, Deserialize)]
pub(crate) struct UserRow {
    id: String,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    phone_number: Option<String>,
    role: String,
    suspended: bool,
    pub(crate) mfa_enabled: bool,
    external_id: Option<String>,
    metadata: BTreeMap<String, String>,
    version: i64,
    created_at: i64,
    updated_at: i64,
    pub(crate) last_login_at: Option<i64>,
    deleted_at: Option<i64>,
    pub(crate) password_hash: String,
    pub(crate) auth_version: i64,
}

impl UserRow {
    pub(crate) fn new(user: &User, credentials: &Credentials) -> Self {
        let text = |value: Option<&dyn ToString>| value.map(ToString::to_string);
        Self {
            id: user.id.to_string(),
            username: text(user.username.as_ref().map(|one| one as _)),
            email: text(user.email.as_ref().map(|one| one as _)),
            email_verified: user.email_verified,
            first_name: text(user.first_name.as_ref().map(|one| one as _)),
            last_name: text(user.last_name.as_ref().map(|one| one as _)),
            phone_number: text(user.phone_number.as_ref().map(|one| one as _)),
            role: user.role.as_str().to_owned(),
            suspended: user.suspended,
            mfa_enabled: user.mfa_enabled,
            external_id: text(user.external_id.as_ref().map(|one| one as _)),
            metadata: user.metadata.entries().clone(),
            version: user.version.0,
            created_at: micros(user.created_at),
            updated_at: micros(user.updated_at),
            last_login_at: user.last_login_at.map(micros),
            deleted_at: user.deleted_at.map(micros),
            password_hash: credentials.password_hash.expose().to_owned(),
            auth_version: credentials.auth_version.0,
        }
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials {
            password_hash: PasswordHash::new(self.password_hash.clone()),
            auth_version: AuthVersion(self.auth_version),
        }
    }

    pub(crate) fn user(&self) -> Result<User> {
        Ok(User::from_record(UserRecord {
            id: UserId::parse(&self.id).ok_or_else(|| nonsense("id"))?,
            username: parsed(self.username.as_deref(), "username", Username::parse)?,
            email: address(self.email.as_deref())?,
            email_verified: self.email_verified,
            first_name: parsed(self.first_name.as_deref(), "first_name", PersonName::parse)?,
            last_name: parsed(self.last_name.as_deref(), "last_name", PersonName::parse)?,
            phone_number: parsed(self.phone_number.as_deref(), "phone", PhoneNumber::parse)?,
            role: Role::parse(&self.role).map_err(|_| nonsense("role"))?,
            suspended: self.suspended,
            mfa_enabled: self.mfa_enabled,
            external_id: parsed(
                self.external_id.as_deref(),
                "external_id",
                ExternalId::parse,
            )?,
            metadata: Metadata::parse(self.metadata.clone()).map_err(|_| nonsense("metadata"))?,
            version: Version(self.version),
            created_at: time(self.created_at)?,
            updated_at: time(self.updated_at)?,
            last_login_at: self.last_login_at.map(time).transpose()?,
            deleted_at: self.deleted_at.map(time).transpose()?,
        }))
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) auth_version: i64,
    pub(crate) refresh_hash: [u8; 32],
    created_at: i64,
    pub(crate) last_used_at: i64,
    pub(crate) expires_at: i64,
    ends_at: i64,
    methods: String,
    address: Option<String>,
    user_agent: Option<String>,
    pub(crate) spent: Vec<SpentRow>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SpentRow {
    pub(crate) hash: [u8; 32],
    salt: [u8; 32],
    spent_at: i64,
}

impl SessionRow {
    pub(crate) fn new(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            user_id: session.user_id.to_string(),
            auth_version: session.auth_version.0,
            refresh_hash: *session.refresh_hash.as_bytes(),
            created_at: micros(session.created_at),
            last_used_at: micros(session.last_used_at),
            expires_at: micros(session.expires_at),
            ends_at: micros(session.ends_at),
            methods: session.methods.as_str().to_owned(),
            address: session.origin.address.map(|address| address.to_string()),
            user_agent: session.origin.user_agent.clone(),
            spent: Vec::new(),
        }
    }

    pub(crate) fn session(&self) -> Result<Session> {
        Ok(Session {
            id: SessionId::parse(&self.id).ok_or_else(|| nonsense("session"))?,
            user_id: UserId::parse(&self.user_id).ok_or_else(|| nonsense("user_id"))?,
            auth_version: AuthVersion(self.auth_version),
            refresh_hash: hash(&self.refresh_hash)?,
            created_at: time(self.created_at)?,
            last_used_at: time(self.last_used_at)?,
            expires_at: time(self.expires_at)?,
            ends_at: time(self.ends_at)?,
            methods: AuthenticationMethods::parse_stored(&self.methods)
                .ok_or_else(|| nonsense("methods"))?,
            origin: Origin {
                address: self.address.as_ref().and_then(|text| text.parse().ok()),
                user_agent: self.user_agent.clone(),
                request_id: None,
            },
        })
    }

    pub(crate) fn principal(&self, owner: &UserRow) -> Result<Principal> {
        Ok(Principal {
            session: self.session()?,
            user: owner.user()?,
            auth_version: AuthVersion(owner.auth_version),
        })
    }
}

impl SpentRow {
    pub(crate) fn new(spent: &SpentToken) -> Self {
        Self {
            hash: *spent.hash.as_bytes(),
            salt: spent.salt,
            spent_at: micros(spent.spent_at),
        }
    }

    pub(crate) fn spent(&self) -> Result<SpentToken> {
        Ok(SpentToken {
            hash: hash(&self.hash)?,
            salt: self.salt,
            spent_at: time(self.spent_at)?,
        })
    }
}

/// A moment in microseconds since 1970.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn time(micros: i64) -> Result<Timestamp> {
    Timestamp::from_timestamp_micros(micros).ok_or_else(|| nonsense("time"))
}

pub(crate) fn hash(bytes: &[u8]) -> Result<TokenHash> {
    TokenHash::parse_stored(bytes).ok_or_else(|| nonsense("hash"))
}

pub(crate) fn address(text: Option<&str>) -> Result<Option<EmailAddress>> {
    parsed(text, "address", EmailAddress::parse)
}

fn parsed<T, E>(
    text: Option<&str>,
    name: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>> {
    text.map(parse).transpose().map_err(|_| nonsense(name))
}

pub(crate) fn nonsense(name: &'static str) -> Error {
    Error::internal(format!("a stored {name} makes no sense"))
}

//! Proofs of who is calling.
//!
//! A use case that needs somebody takes the proof as an argument, so it cannot
//! be called without one, and asks it for what else is needed: a key must have
//! the scope, and what concerns credentials wants a session. A proof is made by
//! [`Sessions::authenticate`] or, by name, by those who vouch for it
//! themselves: `trust` for an embedder with a sign-in of his own,
//! [`Admin::operator`] for jobs and command lines.
//!
//! [`Sessions::authenticate`]: crate::sessions::Sessions::authenticate

use crate::{
    api_keys::{ApiKey, ApiKeyId, Scope, Scopes},
    audit::Actor,
    error::{Forbidden, Result},
    sessions::SessionId,
    users::{Role, User, UserId},
};

/// Somebody who has signed in, as he is now: in person, or by a key of his.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    user: User,
    credential: Credential,
}

/// By what it was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    Session(SessionId),
    Trust,
    Key(ApiKeyId, Scopes),
}

impl SignedIn {
    /// Proved by a session of UserHub.
    pub(crate) fn by_session(user: User, session_id: SessionId) -> Self {
        let credential = Credential::Session(session_id);
        Self { user, credential }
    }

    /// Proved by an API key.
    pub(crate) fn by_key(user: User, key: &ApiKey) -> Self {
        let credential = Credential::Key(key.id, key.scopes);
        Self { user, credential }
    }

    /// Vouched for by an embedder who has checked, in his own way, that this
    /// user is calling and is active.
    pub fn trust(user: User) -> Self {
        let credential = Credential::Trust;
        Self { user, credential }
    }

    /// The user, as he was when he was authenticated.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The user's id.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The session, where there is one.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::Trust | Credential::Key(..) => None,
        }
    }

    /// The API key, where it was one.
    pub fn api_key_id(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::Key(id, _) => Some(id),
            Credential::Trust | Credential::Session(_) => None,
        }
    }

    /// Who is recorded in audit events.
    pub fn actor(&self) -> Actor {
        Actor::User(self.user.id)
    }

    /// Refuses a key that is not good for this.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, scope: Scope) -> Result<()> {
        match self.credential {
            Credential::Key(_, scopes) if !scopes.contains(scope) => {
                Err(Forbidden::NotAllowed.into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses keys: what people do about their own account they do in person.
    ///
    /// # Errors
    /// `session_required`.
    pub fn require_person(&self) -> Result<()> {
        match self.credential {
            Credential::Key(..) => Err(Forbidden::SessionRequired.into()),
            Credential::Trust | Credential::Session(_) => Ok(()),
        }
    }

    /// Proves that an administrator is calling, in person or by a key that may
    /// write.
    ///
    /// # Errors
    /// `forbidden` for everybody else.
    pub fn require_admin(&self) -> Result<Admin> {
        self.require(Scope::Write)?;
        self.administrator().map(Admin)
    }

    /// Proves that an administrator is calling, in person or by a key that may
    /// read.
    ///
    /// # Errors
    /// `forbidden` for everybody else.
    pub fn require_admin_reader(&self) -> Result<AdminReader> {
        self.require(Scope::Read)?;
        self.administrator()
    }

    fn administrator(&self) -> Result<AdminReader> {
        if self.user.role != Role::Admin {
            return Err(Forbidden::NotAllowed.into());
        }
        Ok(AdminReader {
            actor: self.actor(),
            is_key: self.api_key_id().is_some(),
        })
    }

    /// Proves that the account's own session is calling, as credentials need.
    ///
    /// # Errors
    /// `session_required` where there is no session.
    pub fn require_session(&self) -> Result<OwnSession> {
        let session_id = self.session_id().ok_or(Forbidden::SessionRequired)?;
        Ok(OwnSession {
            signed_in: self.clone(),
            session_id,
        })
    }
}

/// An administrator who may read, or somebody who stands for one: it may be a
/// key that can do nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminReader {
    actor: Actor,
    is_key: bool,
}

impl AdminReader {
    /// Who is calling.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// An administrator, or somebody who stands for one. Reads as an
/// [`AdminReader`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin(AdminReader);

impl std::ops::Deref for Admin {
    type Target = AdminReader;

    fn deref(&self) -> &AdminReader {
        &self.0
    }
}

impl Admin {
    /// A job or a command line that acts for the owner of the system. The name
    /// is recorded in audit events, as [`Actor::operator`] has it.
    pub fn operator(name: impl Into<String>) -> Self {
        Self(AdminReader {
            actor: Actor::operator(&name.into()),
            is_key: false,
        })
    }

    /// Refuses a key that is turned on its own owner: an administrator's own
    /// credentials need a session, as everybody's do.
    ///
    /// # Errors
    /// `session_required`.
    pub(crate) fn require_person_for(&self, id: UserId) -> Result<()> {
        if self.0.is_key && self.0.actor == Actor::User(id) {
            return Err(Forbidden::SessionRequired.into());
        }
        Ok(())
    }

    /// Who is recorded in audit events.
    pub fn actor(&self) -> &Actor {
        self.0.actor()
    }
}

/// The account's own session: what credentials can be changed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    signed_in: SignedIn,
    session_id: SessionId,
}

impl OwnSession {
    /// Who is signed in.
    pub fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    /// The session.
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_keys::ApiKeyName,
        secret::{RawToken, TokenPurpose},
        users::{Metadata, UserRecord, Version},
    };

    fn somebody(role: Role) -> User {
        User::from_record(UserRecord {
            id: UserId::from_uuid(uuid::Uuid::from_u128(7)),
            username: None,
            email: None,
            email_verified: false,
            first_name: None,
            last_name: None,
            phone_number: None,
            role,
            suspended: false,
            mfa_enabled: false,
            external_id: None,
            metadata: Metadata::default(),
            version: Version::FIRST,
            created_at: crate::clock::Timestamp::UNIX_EPOCH,
            updated_at: crate::clock::Timestamp::UNIX_EPOCH,
            last_login_at: None,
            deleted_at: None,
        })
    }

    fn code<T>(result: Result<T>) -> &'static str {
        result.err().expect("refused").code()
    }

    #[test]
    fn only_an_administrator_is_one_and_is_recorded_by_id() {
        let user = SignedIn::trust(somebody(Role::User));
        assert_eq!(code(user.require_admin()), "forbidden");
        let admin = SignedIn::trust(somebody(Role::Admin));
        let proof = admin.require_admin().expect("an administrator");
        assert_eq!(proof.actor(), &Actor::User(admin.id()));
        assert_eq!(proof.actor(), &admin.actor());
    }

    #[test]
    fn only_a_session_proves_a_session() {
        let id = SessionId::from_uuid(uuid::Uuid::from_u128(9));
        let by_session = SignedIn::by_session(somebody(Role::User), id);
        let proof = by_session.require_session().expect("a session");
        assert_eq!(proof.session_id(), id);
        assert_eq!(proof.signed_in(), &by_session);
        let trusted = SignedIn::trust(somebody(Role::Admin));
        assert_eq!(trusted.session_id(), None);
        assert_eq!(code(trusted.require_session()), "session_required");
    }

    fn by_key(role: Role, scopes: &[&str]) -> SignedIn {
        let user = somebody(role);
        let token = RawToken::from_bytes(TokenPurpose::ApiKey, [7; 32]);
        let key = ApiKey {
            id: ApiKeyId::from_uuid(uuid::Uuid::from_u128(5)),
            user_id: user.id,
            name: ApiKeyName::parse("backup").expect("a name"),
            prefix: token.shown(12),
            hash: token.hash(),
            scopes: Scopes::parse(scopes.iter().copied()).expect("scopes"),
            created_at: user.created_at,
            expires_at: None,
            last_used_at: None,
        };
        SignedIn::by_key(user, &key)
    }

    #[test]
    fn a_key_proves_what_its_scopes_say_and_no_person() {
        let names = |caller: &SignedIn| (caller.session_id(), caller.api_key_id());
        for (scopes, can_read, can_write) in [
            (vec!["read"], true, false),
            (vec!["write"], false, true),
            (vec!["read", "write"], true, true),
        ] {
            let admin = by_key(Role::Admin, &scopes);
            let id = ApiKeyId::from_uuid(uuid::Uuid::from_u128(5));
            assert_eq!(names(&admin), (None, Some(id)));
            assert_eq!(admin.require(Scope::Read).is_ok(), can_read);
            assert_eq!(admin.require(Scope::Write).is_ok(), can_write);
            assert_eq!(admin.require_admin_reader().is_ok(), can_read);
            assert_eq!(admin.require_admin().is_ok(), can_write);
            assert_eq!(code(admin.require_person()), "session_required");
            assert_eq!(code(admin.require_session()), "session_required");
            assert_eq!(admin.actor(), Actor::User(admin.id()));
            let user = by_key(Role::User, &scopes);
            assert_eq!(code(user.require_admin()), "forbidden");
            assert_eq!(code(user.require_admin_reader()), "forbidden");
        }
        let read = by_key(Role::Admin, &["read"]);
        assert_eq!(code(read.require_admin()), "forbidden");
    }

    #[test]
    fn people_have_every_scope() {
        let id = SessionId::from_uuid(uuid::Uuid::from_u128(9));
        for person in [
            SignedIn::trust(somebody(Role::Admin)),
            SignedIn::by_session(somebody(Role::Admin), id),
        ] {
            assert_eq!(person.api_key_id(), None);
            for scope in Scope::ALL {
                person.require(scope).expect("a person");
            }
            person.require_person().expect("a person");
            let reader = person.require_admin_reader().expect("an administrator");
            assert_eq!(reader.actor(), &person.actor());
            let admin = person.require_admin().expect("an administrator");
            let read_as: &AdminReader = &admin;
            assert_eq!(read_as, &reader);
        }
    }

    #[test]
    fn an_operator_is_recorded_by_a_name_that_can_be_read_back() {
        let jobs = Admin::operator("nightly-import");
        assert_eq!(jobs.actor(), &Actor::Operator("nightly-import".to_owned()));
        let odd = Admin::operator(" a\nb\0 ");
        assert_eq!(odd.actor(), &Actor::Operator("ab".to_owned()));
        let nobody = Admin::operator(" ");
        assert_eq!(nobody.actor(), &Actor::Operator("unnamed".to_owned()));
    }
}

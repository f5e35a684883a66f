//! Proofs of who is calling.
//!
//! A use case that needs somebody takes the proof as an argument, so it cannot
//! be called without one, and asks it for what else is needed: a key must have
//! the scope, and what concerns credentials wants a session. A proof is made by
//! [`Sessions::authenticate`] or, by name, by those who vouch for it
//! themselves: [`SignedIn::trust`] for embedders with a sign-in of their own,
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

/// Somebody who has signed in, as they are now: in person, or by a key of
/// theirs.
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

    /// Vouched for by embedders who have checked, in their own way, that this
    /// user is calling and is active. Nothing is looked up: pass the user as it
    /// is now, its role above all.
    ///
    /// Such a caller has no session of UserHub. Whatever needs an [`OwnSession`]
    /// refuses them (`session_required` from
    /// [`require_session`](Self::require_session)): changing password or e-mail
    /// address, setting up or giving up a second factor, and making or revoking
    /// API keys. [`Sessions::logout`](crate::sessions::Sessions::logout) does
    /// nothing for them. Everything else works, and they are recorded as the
    /// actor.
    pub fn trust(user: User) -> Self {
        let credential = Credential::Trust;
        Self { user, credential }
    }

    /// The user, as they were when they were authenticated.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The user's id.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The session of UserHub; `None` for a key and for
    /// [`trust`](Self::trust).
    pub fn session_id(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::Trust | Credential::Key(..) => None,
        }
    }

    /// The API key; `None` for somebody who calls in person.
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
    /// `session_required` where there is none: for a key, and for
    /// [`trust`](Self::trust).
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
mod tests;

//! Proofs of who is calling.
//!
//! A use case that needs somebody takes the proof as an argument, so it cannot
//! be called without one. A proof is made by [`Sessions::authenticate`] or, by
//! name, by those who vouch for it themselves: `trust` for an embedder with a
//! sign-in of his own, [`Admin::operator`] for jobs and command lines.
//!
//! [`Sessions::authenticate`]: crate::sessions::Sessions::authenticate

use crate::{
    audit::Actor,
    error::{Forbidden, Result},
    sessions::SessionId,
    users::{Role, User, UserId},
};

/// Somebody who has signed in, as he is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    user: User,
    session_id: Option<SessionId>,
}

impl SignedIn {
    /// Proved by a session of UserHub.
    pub(crate) fn by_session(user: User, session_id: SessionId) -> Self {
        Self {
            user,
            session_id: Some(session_id),
        }
    }

    /// Vouched for by an embedder who has checked, in his own way, that this
    /// user is calling and is active.
    pub fn trust(user: User) -> Self {
        Self {
            user,
            session_id: None,
        }
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
        self.session_id
    }

    /// Who is recorded in audit events.
    pub fn actor(&self) -> Actor {
        Actor::User(self.user.id)
    }

    /// Proves that an administrator is calling.
    ///
    /// # Errors
    /// `forbidden` for everybody else.
    pub fn require_admin(&self) -> Result<Admin> {
        if self.user.role != Role::Admin {
            return Err(Forbidden::NotAllowed.into());
        }
        Ok(Admin {
            actor: self.actor(),
        })
    }

    /// Proves that the account's own session is calling, as credentials need.
    ///
    /// # Errors
    /// `session_required` where there is no session.
    pub fn require_session(&self) -> Result<OwnSession> {
        let session_id = self.session_id.ok_or(Forbidden::SessionRequired)?;
        Ok(OwnSession {
            signed_in: self.clone(),
            session_id,
        })
    }
}

/// An administrator, or somebody who stands for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    actor: Actor,
}

impl Admin {
    /// A job or a command line that acts for the owner of the system. The name
    /// is recorded in audit events.
    pub fn operator(name: impl Into<String>) -> Self {
        Self {
            actor: Actor::Operator(name.into()),
        }
    }

    /// Who is recorded in audit events.
    pub fn actor(&self) -> &Actor {
        &self.actor
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

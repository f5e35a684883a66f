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
    /// is recorded in audit events, as [`Actor::operator`] has it.
    pub fn operator(name: impl Into<String>) -> Self {
        Self {
            actor: Actor::operator(&name.into()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::{Metadata, UserRecord, Version};

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

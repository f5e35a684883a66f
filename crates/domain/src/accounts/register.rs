//! Somebody makes an account for themselves.

use secrecy::SecretString;

use super::Accounts;
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Conflict, Forbidden, Result},
    rules::{ChosenBy, Rules},
    users::{NewPassword, NewUser, ProfileInput, User, UserId},
    violation::Violations,
};

/// A registration as it was sent.
#[derive(Debug, Default)]
pub struct RegisterInput {
    /// Username, e-mail and the like.
    pub profile: ProfileInput,
    /// `password`
    pub password: Option<SecretString>,
}

/// A registration that keeps the rules.
#[derive(Debug)]
pub struct RegisterCommand {
    user: NewUser,
    password: NewPassword,
}

impl RegisterCommand {
    /// Checks everything.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: RegisterInput, rules: &Rules) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let user = NewUser::parse(input.profile, rules, ChosenBy::Owner, &mut violations);
        let password = violations.take_required("password", input.password, |text| {
            rules.new_password(&text, &user.own_words())
        });
        match password {
            Some(password) if violations.is_empty() => Ok(Self { user, password }),
            _ => Err(violations),
        }
    }
}

impl Accounts {
    /// Makes an account with the role `user`. Writes `user.registered`.
    ///
    /// # Errors
    /// `registration_closed`; `…_taken`, naming every identifier that is;
    /// `overloaded`; those of the store.
    pub async fn register(&self, origin: &Origin, command: RegisterCommand) -> Result<User> {
        if !self.context.rules.policy().registration.open {
            return Err(Forbidden::RegistrationClosed.into());
        }
        let made_from = (command.user, command.password);
        self.context
            .create_user(
                &Actor::Anonymous,
                origin,
                EventKind::UserRegistered,
                made_from,
            )
            .await
    }
}

impl crate::ports::Context {
    /// Stores a new user: checks the identifiers before the password is
    /// hashed, and has the store check them again when it is written.
    pub(crate) async fn create_user(
        &self,
        actor: &Actor,
        origin: &Origin,
        kind: EventKind,
        (new, password): (NewUser, NewPassword),
    ) -> Result<User> {
        let now = self.now();
        let id = UserId::generate(now, self.ports.entropy.as_ref())?;
        let user = new.into_user(id, now);
        let taken = self.ports.store.users().taken_identifiers(&user).await?;
        if !taken.is_empty() {
            return Err(Conflict::Taken(taken).into());
        }
        let hash = self.ports.hasher.hash(password).await?;
        let event = self.event(now, kind, actor, origin)?.about(id);
        let unit = self.ports.store.begin().await?;
        unit.users().insert(&user, &hash).await?;
        unit.commit(&[event]).await?;
        Ok(user)
    }
}

//! Somebody makes an account for themselves.

use secrecy::SecretString;

use super::Accounts;
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Conflict, Error, Forbidden, Identifier, Result},
    mail::MailKind,
    ports::Context,
    rules::{ChosenBy, Rules},
    users::{
        EmailAddress, NewPassword, NewUser, PasswordHash, ProfileInput, User, UserId, UserKey,
    },
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

/// What a registration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// There is an account.
    Created(Box<User>),
    /// Whether there is a new account is not said: the owner of the address
    /// gets a mail.
    Accepted,
}

impl Registration {
    /// The account, where it is told.
    pub fn into_user(self) -> Option<User> {
        match self {
            Self::Created(user) => Some(*user),
            Self::Accepted => None,
        }
    }
}

/// What a new user's password is made from.
#[derive(Debug)]
pub(crate) enum Secret {
    /// Chosen, yet to be hashed.
    Password(NewPassword),
    /// Hashed by another system.
    Hash(PasswordHash),
}

impl Accounts {
    /// Makes an account with the role `user`.
    ///
    /// Writes `user.registered`. Mails [`VerifyEmail`](MailKind::VerifyEmail)
    /// where addresses must be verified. Where existence is hidden, somebody who
    /// gives an address that has an account already gets the same answer after
    /// the same work; then no event is written, and the owner of the account is
    /// mailed [`AccountExists`](MailKind::AccountExists), if not too often.
    ///
    /// # Errors
    /// `registration_closed`; `…_taken`, with every identifier that is taken,
    /// except a hidden address; `too_many_requests`; `overloaded`; those of store
    /// and hasher.
    pub async fn register(
        &self,
        origin: &Origin,
        command: RegisterCommand,
    ) -> Result<Registration> {
        let context = &self.context;
        let registration = &context.rules.policy().registration;
        if !registration.open {
            return Err(Forbidden::RegistrationClosed.into());
        }
        context.count_registration(origin).await?;
        let is_hidden = registration.hides_existence() && command.user.email.is_some();
        let address = command.user.email.clone().filter(|_| is_hidden);
        // Whether there is an account or not, so that both take the same work.
        let may_tell = match &address {
            Some(address) => context.may_tell_owner(address).await?,
            None => false,
        };
        let kind = EventKind::UserRegistered;
        let made_from = (command.user, Secret::Password(command.password));
        let made = context
            .create_user(&Actor::Anonymous, origin, kind, made_from, is_hidden)
            .await;
        match (made, address) {
            (Ok(user), None) => Ok(Registration::Created(Box::new(user))),
            (Ok(_), Some(_)) => Ok(Registration::Accepted),
            (Err(Error::Conflict(Conflict::Taken(taken))), Some(address)) => {
                let shown: Vec<_> = taken
                    .into_iter()
                    .filter(|one| *one != Identifier::Email)
                    .collect();
                if !shown.is_empty() {
                    return Err(Conflict::Taken(shown).into());
                }
                if may_tell {
                    context.tell_owner(&address, origin).await?;
                }
                Ok(Registration::Accepted)
            }
            (Err(error), _) => Err(error),
        }
    }
}

impl Context {
    /// Stores a new user: checks the identifiers before the password is
    /// hashed, and has the store check them again when it is written.
    ///
    /// With `is_hidden` a taken address alone is found out only after the work
    /// of making the account.
    pub(crate) async fn create_user(
        &self,
        actor: &Actor,
        origin: &Origin,
        kind: EventKind,
        (new, secret): (NewUser, Secret),
        is_hidden: bool,
    ) -> Result<User> {
        let now = self.now();
        let id = UserId::generate(now, self.ports.entropy.as_ref())?;
        let user = new.into_user(id, now);
        let taken = self.ports.store.users().taken_identifiers(&user).await?;
        let is_told_later = is_hidden && taken == [Identifier::Email];
        if !taken.is_empty() && !is_told_later {
            return Err(Conflict::Taken(taken).into());
        }
        let hash = match secret {
            Secret::Password(password) => self.ports.hasher.hash(password).await?,
            Secret::Hash(hash) => hash,
        };
        if !taken.is_empty() {
            return Err(Conflict::Taken(taken).into());
        }
        let event = self.event(now, kind, actor, origin)?.about(id);
        let mail = self.verification_mail(&user, None, origin)?;
        let unit = self.ports.store.begin().await?;
        unit.users().insert(&user, &hash).await?;
        if let Some(mail) = mail {
            unit.outbox().add(&mail).await?;
        }
        unit.commit(&[event]).await?;
        Ok(user)
    }

    /// Counts a registration with an address; false where its owner was told
    /// often enough.
    async fn may_tell_owner(&self, address: &EmailAddress) -> Result<bool> {
        let kind = MailKind::AccountExists.as_str();
        self.may_mail(kind, &address.canonical()).await
    }

    /// Tells the owner of an address that somebody registered with it.
    async fn tell_owner(&self, address: &EmailAddress, origin: &Origin) -> Result<()> {
        let users = self.ports.store.users();
        let owner = users.find(&UserKey::Email(address.clone())).await?;
        let mail = match owner {
            Some(owner) => self.mail_to(MailKind::AccountExists, &owner, None, origin)?,
            None => None,
        };
        if let Some(mail) = mail {
            let unit = self.ports.store.begin().await?;
            unit.outbox().add(&mail).await?;
            unit.commit(&[]).await?;
        }
        Ok(())
    }
}

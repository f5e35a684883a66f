//! Signing in with a password.

use secrecy::SecretString;

use super::{Session, Sessions, TokenPair};
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Forbidden, Result, Unauthenticated},
    policy::Verification as MailVerification,
    users::{Credentials, PasswordAttempt, PasswordHash, User, UserKey, Verification},
    violation::Violations,
};

/// A sign-in as it was sent.
#[derive(Debug, Default)]
pub struct LoginInput {
    /// `identifier`: a username or an e-mail address.
    pub identifier: Option<String>,
    /// `password`
    pub password: Option<SecretString>,
}

/// A sign-in whose members are there.
#[derive(Debug)]
pub struct LoginCommand {
    /// Nothing where the text can be nobody's name or address.
    key: Option<UserKey>,
    password: PasswordAttempt,
}

impl LoginCommand {
    /// Checks that both members are there and the password is of sane size. A
    /// text that can be no identifier is not a violation: it is unknown.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: LoginInput) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let key = violations.take_required("identifier", input.identifier, |text| {
            Ok(UserKey::parse_identifier(&text))
        });
        let password = violations.take_required("password", input.password, |text| {
            PasswordAttempt::parse(&text)
        });
        match (key, password) {
            (Some(key), Some(password)) => Ok(Self { key, password }),
            _ => Err(violations),
        }
    }
}

/// What a checked password leads to.
struct Proved {
    user: User,
    credentials: Credentials,
    rehashed: Option<PasswordHash>,
}

impl Sessions {
    /// Starts a session. Writes `session.started`, or `session.failed`.
    ///
    /// # Errors
    /// `invalid_credentials` for an unknown identifier, a wrong password and
    /// an account that is not active, the same in all and after the same work;
    /// `email_not_verified` where the password is right; `overloaded`; those
    /// of the store.
    pub async fn login(&self, origin: &Origin, command: LoginCommand) -> Result<TokenPair> {
        let context = &self.context;
        let proved = self.prove(origin, command).await?;
        let now = context.now();
        let entropy = context.ports.entropy.as_ref();
        let id = proved.user.id;
        let (session, refresh_token) = Session::start(
            id,
            proved.credentials.auth_version,
            origin,
            &context.rules.policy().lifetimes,
            (now, entropy),
        )?;
        let event = context
            .event(now, EventKind::SessionStarted, &Actor::User(id), origin)?
            .about(id)
            .in_session(session.id);
        let mut record = proved.user.record().clone();
        record.last_login_at = Some(now);
        let user = User::from_record(record);
        let pair = context
            .token_pair(&session, refresh_token, user, now)
            .await?;

        let unit = context.ports.store.begin().await?;
        if let Some(new) = &proved.rehashed {
            let old = &proved.credentials.password_hash;
            unit.users().rehash(id, old, new).await?;
        }
        if !unit.users().record_login(id, now).await? {
            // Purged while the password was checked.
            drop(unit);
            return self.fail(origin, None, Unauthenticated::Credentials).await;
        }
        unit.sessions().insert(&session).await?;
        unit.commit(&[event]).await?;
        Ok(pair)
    }

    /// Checks the password, spending the same time whether or not there is
    /// such an account, and remembers a failure.
    async fn prove(&self, origin: &Origin, command: LoginCommand) -> Result<Proved> {
        let ports = &self.context.ports;
        let found = match &command.key {
            Some(key) => ports.store.users().find_with_credentials(key).await?,
            None => None,
        };
        let Some((user, credentials)) = found else {
            ports.hasher.verify_decoy(command.password).await?;
            return self.fail(origin, None, Unauthenticated::Credentials).await;
        };
        let hash = credentials.password_hash.clone();
        let rehashed = match ports.hasher.verify(command.password, hash).await? {
            Verification::Right if user.is_active() => None,
            Verification::Outdated(new) if user.is_active() => Some(new),
            _ => {
                let error = Unauthenticated::Credentials;
                return self.fail(origin, Some(&user), error).await;
            }
        };
        let verification = self.context.rules.policy().registration.verification;
        let unverified = user.email.is_some() && !user.email_verified;
        if verification == MailVerification::Required && unverified {
            return self
                .fail(origin, Some(&user), Forbidden::EmailNotVerified)
                .await;
        }
        Ok(Proved {
            user,
            credentials,
            rehashed,
        })
    }

    async fn fail<T>(
        &self,
        origin: &Origin,
        user: Option<&User>,
        error: impl Into<crate::Error>,
    ) -> Result<T> {
        let context = &self.context;
        let mut event = context.event(
            context.now(),
            EventKind::SessionFailed,
            &Actor::Anonymous,
            origin,
        )?;
        event.subject = user.map(|user| user.id);
        context.ports.store.begin().await?.commit(&[event]).await?;
        Err(error.into())
    }
}

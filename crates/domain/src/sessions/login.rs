//! Signing in with a password.

use chrono::TimeDelta;
use secrecy::SecretString;

use super::{AuthenticationMethods, Session, Sessions, TokenPair};
use crate::{
    audit::{Actor, AuditEvent, EventKind, Origin},
    error::{Forbidden, Result, Unauthenticated},
    handed_out::HandedOutToken,
    mail::{Mail, MailKind},
    policy::Verification as MailVerification,
    ports::Context,
    secret::{RawToken, TokenPurpose},
    throttle::Guarded,
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
    /// `None` where the text can be nobody's name or address.
    key: Option<UserKey>,
    /// Under what attempts count where there is no such account: the same for
    /// every spelling.
    counted_as: String,
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
            let canonical = text.trim_matches(' ').to_ascii_lowercase();
            Ok((UserKey::parse_identifier(&text), canonical))
        });
        let password = violations.take_required("password", input.password, |text| {
            PasswordAttempt::parse(&text)
        });
        match (key, password) {
            (Some((key, counted_as)), Some(password)) => Ok(Self {
                key,
                counted_as,
                password,
            }),
            _ => Err(violations),
        }
    }

    /// The name that is to be signed in, the same for every spelling.
    pub fn name(&self) -> &str {
        &self.counted_as
    }
}

/// What a checked password leads to.
pub(crate) struct Proved {
    pub(crate) user: User,
    pub(crate) credentials: Credentials,
    pub(crate) rehashed: Option<PasswordHash>,
    pub(crate) methods: AuthenticationMethods,
    /// What is cleared now that it was right.
    pub(crate) guarded: Guarded,
}

/// Stands for a right password until the second factor follows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MfaChallenge {
    /// For [`SecondFactor::verify`](crate::second_factor::SecondFactor::verify).
    pub token: RawToken,
    /// How long it lasts.
    pub expires_in: TimeDelta,
}

impl PartialEq for MfaChallenge {
    fn eq(&self, other: &Self) -> bool {
        self.token.hash() == other.token.hash() && self.expires_in == other.expires_in
    }
}

impl Eq for MfaChallenge {}

impl Sessions {
    /// Starts a session.
    ///
    /// Writes `session.started`, or `session.failed` with `invalid_credentials`
    /// and `email_not_verified`; neither where a second factor is needed first.
    /// After several failures in a row
    /// ([`failures_worth_a_notice`](crate::throttle::ThrottlePolicy::failures_worth_a_notice))
    /// it mails [`SignInAfterFailures`](MailKind::SignInAfterFailures).
    ///
    /// # Errors
    /// `invalid_credentials` for an unknown identifier, a wrong password and
    /// an account that is not active, the same in all and after the same work;
    /// `too_many_requests`, also the same in all; `email_not_verified` and
    /// `mfa_required`, with the challenge, where the password is right;
    /// `overloaded`; those of store, hasher and signer.
    pub async fn login(&self, origin: &Origin, command: LoginCommand) -> Result<TokenPair> {
        let context = &self.context;
        let proved = self.prove(origin, command).await?;
        let guarded = proved.guarded;
        if proved.user.mfa_enabled {
            let challenge = context.challenge(proved).await;
            let challenge = context.or_uncount(&guarded, challenge).await?;
            return Err(Forbidden::MfaRequired(Box::new(challenge)).into());
        }
        let pair = self.start(origin, proved).await;
        context.or_uncount(&guarded, pair).await
    }

    async fn start(&self, origin: &Origin, proved: Proved) -> Result<TokenPair> {
        let context = &self.context;
        let (session, pair, events) = context.new_session(origin, &proved).await?;
        let mails = context.notice_after_failures(origin, &proved)?;
        let unit = context.ports.store.begin().await?;
        let id = proved.user.id;
        if let Some(new) = &proved.rehashed {
            let old = &proved.credentials.password_hash;
            unit.users().rehash(id, old, new).await?;
        }
        if !unit.users().record_login(id, session.created_at).await? {
            // Purged while the password was checked.
            drop(unit);
            let error = Unauthenticated::Credentials;
            return context.fail_sign_in(origin, None, error).await;
        }
        unit.sessions().insert(&session).await?;
        if let Some(mail) = &mails {
            unit.outbox().add(mail).await?;
        }
        proved.guarded.clear(unit.as_ref()).await?;
        unit.commit(&events).await?;
        Ok(pair)
    }

    /// Checks the password, spending the same time whether or not there is
    /// such an account, and remembers a failure.
    async fn prove(&self, origin: &Origin, command: LoginCommand) -> Result<Proved> {
        let context = &self.context;
        let ports = &context.ports;
        let found = match &command.key {
            Some(key) => ports.store.users().find_with_credentials(key).await?,
            None => None,
        };
        let account = found.as_ref().map(|(user, _)| user.id);
        let guarded = context
            .count_password(origin, account, &command.counted_as)
            .await?;
        let Some((user, credentials)) = found else {
            let checked = ports.hasher.verify_decoy(command.password).await;
            context.or_uncount(&guarded, checked).await?;
            let error = Unauthenticated::Credentials;
            return context.fail_sign_in(origin, None, error).await;
        };
        let hash = credentials.password_hash.clone();
        let checked = ports.hasher.verify(command.password, hash).await;
        let rehashed = match context.or_uncount(&guarded, checked).await? {
            Verification::Right if user.is_active() => None,
            Verification::Outdated(new) if user.is_active() => Some(new),
            _ => {
                let error = Unauthenticated::Credentials;
                return context.fail_sign_in(origin, Some(&user), error).await;
            }
        };
        let verification = context.rules.policy().registration.verification;
        let unverified = user.email.is_some() && !user.email_verified;
        if verification == MailVerification::Required && unverified {
            context.clear(&guarded).await?;
            let error = Forbidden::EmailNotVerified;
            return context.fail_sign_in(origin, Some(&user), error).await;
        }
        Ok(Proved {
            user,
            credentials,
            rehashed,
            methods: AuthenticationMethods::Password,
            guarded,
        })
    }
}

impl Context {
    /// A session for somebody who was authenticated, its tokens, and its event;
    /// nothing is written yet.
    pub(crate) async fn new_session(
        &self,
        origin: &Origin,
        proved: &Proved,
    ) -> Result<(Session, TokenPair, Vec<AuditEvent>)> {
        let now = self.now();
        let id = proved.user.id;
        let (session, refresh_token) = Session::start(
            id,
            proved.credentials.auth_version,
            origin,
            &self.rules.policy().lifetimes,
            (now, self.ports.entropy.as_ref()),
        )?;
        let session = session.authenticated_by(proved.methods);
        let event = self
            .event(now, EventKind::SessionStarted, &Actor::User(id), origin)?
            .about(id)
            .in_session(session.id);
        let mut record = proved.user.record().clone();
        record.last_login_at = Some(now);
        let user = User::from_record(record);
        let pair = self.token_pair(&session, refresh_token, user, now).await?;
        Ok((session, pair, vec![event]))
    }

    /// What stands for the right password until the second factor is right too.
    async fn challenge(&self, proved: Proved) -> Result<MfaChallenge> {
        let now = self.now();
        let token = RawToken::generate(TokenPurpose::MfaChallenge, self.ports.entropy.as_ref())?;
        let expires_in = self.rules.policy().lifetimes.mfa_challenge;
        let stored = HandedOutToken {
            hash: token.hash(),
            purpose: TokenPurpose::MfaChallenge,
            user_id: proved.user.id,
            auth_version: proved.credentials.auth_version,
            address: None,
            new_address: None,
            created_at: now,
            expires_at: now + expires_in,
        };
        let unit = self.ports.store.begin().await?;
        if let Some(new) = &proved.rehashed {
            let old = &proved.credentials.password_hash;
            unit.users().rehash(proved.user.id, old, new).await?;
        }
        unit.handed_out_tokens().add_challenge(&stored).await?;
        proved.guarded.clear(unit.as_ref()).await?;
        unit.commit(&[]).await?;
        Ok(MfaChallenge { token, expires_in })
    }

    /// A mail to somebody who signs in after several failures.
    pub(crate) fn notice_after_failures(
        &self,
        origin: &Origin,
        proved: &Proved,
    ) -> Result<Option<Mail>> {
        if proved.guarded.earlier < self.rules.policy().throttle.failures_worth_a_notice {
            return Ok(None);
        }
        self.mail_to(MailKind::SignInAfterFailures, &proved.user, None, origin)
    }

    /// Remembers a failed sign-in, and fails.
    pub(crate) async fn fail_sign_in<T>(
        &self,
        origin: &Origin,
        user: Option<&User>,
        error: impl Into<crate::Error>,
    ) -> Result<T> {
        let (now, kind) = (self.now(), EventKind::SessionFailed);
        let mut event = self.event(now, kind, &Actor::Anonymous, origin)?;
        event.subject = user.map(|user| user.id);
        self.ports.store.begin().await?.commit(&[event]).await?;
        Err(error.into())
    }
}

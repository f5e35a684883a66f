//! The second step of signing in.

use secrecy::{ExposeSecret, SecretString};

use super::{RecoveryCodeHash, SecondFactor, SecondFactorCode};
use crate::{
    audit::{EventKind, Origin},
    error::{Result, Unauthenticated},
    handed_out::HandedOutToken,
    mail::MailKind,
    ports::Context,
    rules::missing,
    secret::{RawToken, TokenPurpose},
    sessions::{AuthenticationMethods, Proved, TokenPair},
    store::UnitOfWork,
    users::{Credentials, User, UserId, UserKey},
    violation::Violations,
};

/// The second step of a sign-in.
#[derive(Debug)]
pub struct VerifyMfaCommand {
    /// `None` where the text can be no challenge.
    challenge: Option<RawToken>,
    code: SecondFactorCode,
}

impl VerifyMfaCommand {
    /// Checks that `mfa_token` is there and `code` can be a code.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(
        mfa_token: Option<SecretString>,
        code: Option<SecretString>,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        if mfa_token.is_none() {
            violations.push(missing("mfa_token"));
        }
        let code = violations.take_required("code", code, |text| SecondFactorCode::parse(&text));
        match (mfa_token, code) {
            (Some(token), Some(code)) => Ok(Self {
                challenge: RawToken::parse(TokenPurpose::MfaChallenge, token.expose_secret()),
                code,
            }),
            _ => Err(violations),
        }
    }
}

/// A code that was right, and what is spent when it is used.
pub(super) enum Spending {
    Step(i64),
    RecoveryCode(RecoveryCodeHash),
}

impl Spending {
    /// False where it is spent already.
    pub(super) async fn spend(&self, unit: &dyn UnitOfWork, user: UserId) -> Result<bool> {
        let factors = unit.second_factors();
        match self {
            Self::Step(step) => factors.spend_step(user, *step).await,
            Self::RecoveryCode(hash) => factors.use_recovery_code(user, hash).await,
        }
    }

    fn methods(&self) -> AuthenticationMethods {
        match self {
            Self::Step(_) => AuthenticationMethods::PasswordAndTotp,
            Self::RecoveryCode(_) => AuthenticationMethods::PasswordAndRecoveryCode,
        }
    }
}

impl Context {
    /// What a right code spends; `None` for a wrong one. Whether a recovery
    /// code is right shows when it is spent.
    pub(super) async fn check_code(
        &self,
        user: &User,
        code: &SecondFactorCode,
    ) -> Result<Option<Spending>> {
        let code = match code {
            SecondFactorCode::Totp(code) => code,
            SecondFactorCode::Recovery(code) => {
                return Ok(Some(Spending::RecoveryCode(code.hash(user.id))));
            }
        };
        let factor = self.ports.store.second_factors().find(user.id).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(None);
        };
        let totp = &self.ports.totp;
        let step = totp.matching_step(user.id, &factor.seed, code, self.now())?;
        let step = step.filter(|step| *step > factor.last_step);
        Ok(step.map(Spending::Step))
    }
}

impl SecondFactor {
    /// Starts the session that the challenge stands for.
    ///
    /// Writes `session.started`, with a recovery code also `mfa.recovery_used`;
    /// `session.failed` where the code is wrong. Mails
    /// [`RecoveryCodeUsed`](MailKind::RecoveryCodeUsed) for a recovery code, and
    /// [`SignInAfterFailures`](MailKind::SignInAfterFailures) after several wrong
    /// codes in a row.
    ///
    /// # Errors
    /// `invalid_mfa_token` for a challenge that is unknown, used, expired or
    /// void; `invalid_credentials` for a wrong code; `too_many_requests`;
    /// `mfa_unavailable` for a code of the app where no [`Totp`](super::Totp) is
    /// set up, or none with a key; `internal` where the stored seed cannot be
    /// opened; those of store and signer.
    pub async fn verify(&self, origin: &Origin, command: VerifyMfaCommand) -> Result<TokenPair> {
        let context = &self.context;
        let (challenge, user, credentials) = self.challenged(command.challenge).await?;
        let guarded = context.count_code(origin, user.id).await?;
        let Some(spending) = context.check_code(&user, &command.code).await? else {
            let error = Unauthenticated::Credentials;
            return context.fail_sign_in(origin, Some(&user), error).await;
        };
        let proved = Proved {
            methods: spending.methods(),
            user,
            credentials,
            rehashed: None,
            guarded,
        };
        let (session, pair, mut events) = context.new_session(origin, &proved).await?;
        let mut mails = Vec::from_iter(context.notice_after_failures(origin, &proved)?);
        if let Spending::RecoveryCode(_) = spending {
            let (user, used) = (&proved.user, EventKind::MfaRecoveryUsed);
            let actor = crate::audit::Actor::User(user.id);
            let event = context.event(session.created_at, used, &actor, origin)?;
            events.push(event.about(user.id).in_session(session.id));
            mails.extend(context.mail_to(MailKind::RecoveryCodeUsed, user, None, origin)?);
        }
        let id = proved.user.id;
        let unit = context.ports.store.begin().await?;
        if !unit.users().record_login(id, session.created_at).await? {
            return Err(Unauthenticated::MfaChallenge.into());
        }
        unit.sessions().insert(&session).await?;
        if !unit.handed_out_tokens().consume(challenge.hash).await? {
            return Err(Unauthenticated::MfaChallenge.into());
        }
        if !spending.spend(unit.as_ref(), id).await? {
            drop(unit);
            let error = Unauthenticated::Credentials;
            return context
                .fail_sign_in(origin, Some(&proved.user), error)
                .await;
        }
        for mail in &mails {
            unit.outbox().add(mail).await?;
        }
        proved.guarded.clear(unit.as_ref()).await?;
        unit.commit(&events).await?;
        Ok(pair)
    }

    /// Whose the challenge is, where it is good.
    async fn challenged(
        &self,
        raw: Option<RawToken>,
    ) -> Result<(HandedOutToken, User, Credentials)> {
        let store = &self.context.ports.store;
        let raw = raw.ok_or(Unauthenticated::MfaChallenge)?;
        let tokens = store.handed_out_tokens();
        let token = tokens.find(raw.hash(), TokenPurpose::MfaChallenge).await?;
        let token = token.ok_or(Unauthenticated::MfaChallenge)?;
        let key = UserKey::Id(token.user_id);
        let found = store.users().find_with_credentials(&key).await?;
        let now = self.context.now();
        match found {
            Some((user, credentials))
                if token.is_good_for(&user, &credentials, now) && user.is_active() =>
            {
                Ok((token, user, credentials))
            }
            _ => Err(Unauthenticated::MfaChallenge.into()),
        }
    }
}

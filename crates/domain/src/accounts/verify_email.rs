//! Somebody shows, by a mailed token, that an address is theirs.

use secrecy::{ExposeSecret, SecretString};

use super::Accounts;
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Conflict, Error, Invalid, Result},
    handed_out::HandedOutToken,
    rules::missing,
    secret::{RawToken, TokenPurpose},
    users::{EmailAddress, SessionsAfter, User},
    violation::Violations,
};

/// How often a change of address is tried where others change the user too.
const MOST_ATTEMPTS: u8 = 3;

/// A confirmation whose token is there.
#[derive(Debug)]
pub struct VerifyEmailCommand(Option<RawToken>);

impl VerifyEmailCommand {
    /// Checks that `token` is there.
    ///
    /// # Errors
    /// `required`.
    pub fn parse(token: Option<SecretString>) -> Result<Self, Violations> {
        let token = token.ok_or_else(|| Violations::from(missing("token")))?;
        let text = token.expose_secret();
        let purposes = [TokenPurpose::EmailVerification, TokenPurpose::EmailChange];
        let read = |purpose| RawToken::parse(purpose, text);
        Ok(Self(purposes.into_iter().find_map(read)))
    }
}

impl Accounts {
    /// Notes that the address is its owner's, or puts a new address in the
    /// place of the current one; the token is used up.
    ///
    /// Writes `email.verified` or `email.changed`, where that is new. Mails
    /// [`EmailChanged`](crate::mail::MailKind::EmailChanged) to the address
    /// before, where it was replaced.
    ///
    /// # Errors
    /// `token_invalid`; `email_taken` where the new address has become
    /// somebody else's; `too_many_requests`; `edit_conflict` after three tries;
    /// those of the store.
    pub async fn verify_email(&self, origin: &Origin, command: VerifyEmailCommand) -> Result<()> {
        let context = &self.context;
        let guarded = context.count_token(origin).await?;
        let raw = command.0.ok_or(Invalid::Token)?;
        let mut attempt = 1;
        loop {
            let (token, user) = self.redeem(&raw).await?;
            let done = match &token.new_address {
                None => self.verify(origin, &token, &user).await,
                Some(address) => self.take_over(origin, &token, (&user, address)).await,
            };
            match done {
                Err(error) if error.is_stale() && attempt < MOST_ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                Ok(()) => return context.clear(&guarded).await,
            }
        }
    }

    async fn verify(&self, origin: &Origin, token: &HandedOutToken, user: &User) -> Result<()> {
        let context = &self.context;
        let address = token.address.as_ref().ok_or(Invalid::Token)?;
        let now = context.now();
        let mut events = Vec::new();
        if !user.email_verified {
            let actor = Actor::User(user.id);
            let event = context.event(now, EventKind::EmailVerified, &actor, origin)?;
            events.push(event.about(user.id).naming(["email_verified"]));
        }
        let unit = context.ports.store.begin().await?;
        let is_theirs = unit.users().verify_email(user.id, address, now).await?;
        if !is_theirs || !unit.handed_out_tokens().consume(token.hash).await? {
            return Err(Invalid::Token.into());
        }
        unit.commit(&events).await
    }

    async fn take_over(
        &self,
        origin: &Origin,
        token: &HandedOutToken,
        (before, address): (&User, &EmailAddress),
    ) -> Result<()> {
        let context = &self.context;
        let now = context.now();
        let mut user = before.clone();
        let is_other = user.confirm_email(address.clone(), now)?;
        let mut events = Vec::new();
        if is_other {
            let actor = Actor::User(user.id);
            let event = context.event(now, EventKind::EmailChanged, &actor, origin)?;
            let event = event.about(user.id);
            events.push(event.naming(["email", "email_verified"]));
        }
        let mails = context.mails_of_change(before, &user, origin)?;
        let unit = context.ports.store.begin().await?;
        if is_other {
            let keep = SessionsAfter::Keep;
            unit.users().update(&user, before.version, keep).await?;
        }
        if !unit.handed_out_tokens().consume(token.hash).await? {
            return Err(Invalid::Token.into());
        }
        if is_other {
            unit.handed_out_tokens().void_mailed(user.id).await?;
        }
        for mail in &mails {
            unit.outbox().add(mail).await?;
        }
        unit.commit(&events).await
    }
}

impl Accounts {
    /// The token, where it is good, and whose it is. A token says what it is
    /// for by itself.
    pub(super) async fn redeem(&self, raw: &RawToken) -> Result<(HandedOutToken, User)> {
        let store = &self.context.ports.store;
        let tokens = store.handed_out_tokens();
        let token = tokens.find(raw.hash(), raw.purpose()).await?;
        let token = token.ok_or(Invalid::Token)?;
        let key = crate::users::UserKey::Id(token.user_id);
        let found = store.users().find_with_credentials(&key).await?;
        let now = self.context.now();
        match found {
            Some((user, credentials)) if token.is_good_for(&user, &credentials, now) => {
                Ok((token, user))
            }
            _ => Err(Invalid::Token.into()),
        }
    }
}

/// What a lost race means to somebody with a token.
pub(super) fn stale_is_invalid(error: Error) -> Error {
    match error {
        Error::Conflict(Conflict::Stale) => Invalid::Token.into(),
        other => other,
    }
}

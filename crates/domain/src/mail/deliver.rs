//! Delivering what is in the outbox.

use super::{Attempt, ClaimedMail, Letter, Mail, MailId, MailKind, MailState, Mails, Settlement};
use crate::{
    audit::{Actor, AuditEvent, EventKind, Origin},
    clock::Timestamp,
    error::Result,
    handed_out::HandedOutToken,
    ports::Context,
    secret::RawToken,
    users::{Credentials, EmailAddress, PersonName, User, UserKey, Username},
};

/// Who is recorded for a mail that was given up.
const OPERATOR: &str = "mail";

/// What became of a claimed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It was sent.
    Sent,
    /// It was not sent, and never will be: the account has changed so that nobody
    /// is to have it any more, or there never was an account.
    Discarded,
    /// It is tried again later.
    Postponed,
    /// It was given up.
    Abandoned,
}

impl Delivery {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Sent,
        Self::Discarded,
        Self::Postponed,
        Self::Abandoned,
    ];

    /// Its word, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Discarded => "discarded",
            Self::Postponed => "postponed",
            Self::Abandoned => "abandoned",
        }
    }
}

crate::text_form::word!(Delivery by as_str, "must be what became of a mail");

impl Mails {
    /// Claims mails that are due, at most `limit`. Each is to be
    /// [delivered](Self::deliver) at once: the claim holds for two minutes.
    /// Bookkeeping: it writes no event.
    ///
    /// Takes no proof of who is calling: it belongs in a job, never behind a
    /// request.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn claim(&self, limit: u32) -> Result<Vec<ClaimedMail>> {
        let store = &self.context.ports.store;
        let now = self.context.now();
        if !store.outbox().has_due(now).await? {
            return Ok(Vec::new());
        }
        let unit = store.begin().await?;
        let lease_until = ClaimedMail::lease_until(now);
        let claimed = unit.outbox().claim(now, lease_until, limit).await?;
        unit.commit(&[]).await?;
        Ok(claimed)
    }

    /// Sends a claimed mail, or decides that it is not to be sent, with no unit
    /// of work open meanwhile. A mail that brings a token gets it now. Writes
    /// `mail.abandoned` where it is given up.
    ///
    /// Takes no proof of who is calling: it belongs in a job, never behind a
    /// request.
    ///
    /// # Errors
    /// Those of the store; the mail is tried again when its claim ends. What the
    /// mailer says is no error but a [`Delivery`].
    pub async fn deliver(&self, claimed: ClaimedMail) -> Result<Delivery> {
        let now = self.context.now();
        if claimed.is_exhausted() {
            let attempt = Attempt {
                state: MailState::Abandoned,
                last_error: Some("perhaps sent: a process ended while it sent it".to_owned()),
                ..claimed.attempt.clone()
            };
            return self.keep(&claimed, attempt).await;
        }
        let Some(letter) = self.letter(&claimed.mail, now).await? else {
            return self.remove(&claimed, Delivery::Discarded).await;
        };
        match self.context.ports.mailer.send(&letter).await {
            Ok(()) => self.remove(&claimed, Delivery::Sent).await,
            Err(failure) => {
                let mut spread = [0];
                self.context.ports.entropy.fill(&mut spread)?;
                let [spread] = spread;
                let attempt = claimed.after(&failure, self.context.now(), spread);
                self.keep(&claimed, attempt).await
            }
        }
    }

    /// What is to be sent; `None` where nobody is to have it (any more).
    async fn letter(&self, mail: &Mail, now: Timestamp) -> Result<Option<Letter>> {
        let context = &self.context;
        let Some(user_id) = mail.user_id else {
            return Ok(None);
        };
        let users = context.ports.store.users();
        let found = users.find_with_credentials(&UserKey::Id(user_id)).await?;
        let Some((user, credentials)) = found.filter(|(user, _)| user.deleted_at.is_none()) else {
            return Ok(None);
        };
        let name = user.first_name.as_ref().map(PersonName::as_str);
        let name = name.or(user.username.as_ref().map(Username::as_str));
        let mut letter = Letter {
            id: mail.id,
            kind: mail.kind,
            to: mail.to.clone(),
            name: name.map(str::to_owned),
            token: None,
            expires_at: None,
            other_address: mail.other_address.clone(),
            happened_at: mail.created_at,
            origin: mail.origin.clone(),
        };
        let Some((purpose, life)) = mail.kind.token(&context.rules.policy().lifetimes) else {
            return Ok(Some(letter));
        };
        if !is_still_wanted(mail, &user, &credentials) {
            return Ok(None);
        }
        let raw = RawToken::generate(purpose, context.ports.entropy.as_ref())?;
        let is_change = mail.kind == MailKind::ConfirmEmailChange;
        let token = HandedOutToken {
            hash: raw.hash(),
            purpose,
            user_id,
            auth_version: credentials.auth_version,
            address: user.email.clone(),
            new_address: is_change.then(|| mail.to.clone()),
            created_at: mail.created_at,
            expires_at: now + life,
        };
        let unit = context.ports.store.begin().await?;
        if !unit.handed_out_tokens().replace(&token).await? {
            // A mail that comes late must not void what was asked for since.
            return Ok(None);
        }
        unit.commit(&[]).await?;
        letter.expires_at = Some(token.expires_at);
        letter.token = Some(raw);
        Ok(Some(letter))
    }

    async fn remove(&self, claimed: &ClaimedMail, delivery: Delivery) -> Result<Delivery> {
        self.settle(claimed, &Settlement::Remove, &[]).await?;
        Ok(delivery)
    }

    async fn keep(&self, claimed: &ClaimedMail, attempt: Attempt) -> Result<Delivery> {
        let mut events = Vec::new();
        let delivery = match attempt.state {
            MailState::Pending => Delivery::Postponed,
            MailState::Abandoned => {
                let now = self.context.now();
                let actor = Actor::operator(OPERATOR);
                let origin = Origin::default();
                let mut event =
                    self.context
                        .event(now, EventKind::MailAbandoned, &actor, &origin)?;
                event.subject = claimed.mail.user_id;
                events.push(event);
                Delivery::Abandoned
            }
        };
        self.settle(claimed, &Settlement::Keep(attempt), &events)
            .await?;
        Ok(delivery)
    }

    async fn settle(
        &self,
        claimed: &ClaimedMail,
        settlement: &Settlement,
        events: &[AuditEvent],
    ) -> Result<()> {
        let unit = self.context.ports.store.begin().await?;
        if unit.outbox().settle(claimed, settlement).await? {
            unit.commit(events).await?;
        }
        Ok(())
    }
}

/// Whether a mail with a token is to be sent to this user as it is now.
fn is_still_wanted(mail: &Mail, user: &User, credentials: &Credentials) -> bool {
    let current = user.email.as_ref().map(EmailAddress::canonical);
    let bound = match mail.kind {
        MailKind::ConfirmEmailChange => mail.other_address.as_ref(),
        _ => Some(&mail.to),
    };
    let is_bound = bound.map(EmailAddress::canonical) == current;
    let is_needed = mail.kind != MailKind::VerifyEmail || !user.email_verified;
    let is_of_now = |version| version == credentials.auth_version;
    user.is_active() && is_bound && is_needed && mail.auth_version.is_none_or(is_of_now)
}

impl Context {
    /// A mail about an account, to its address; `None` where it has none.
    pub(crate) fn mail_to(
        &self,
        kind: MailKind,
        user: &User,
        credentials: Option<&Credentials>,
        origin: &Origin,
    ) -> Result<Option<Mail>> {
        let Some(to) = user.email.clone() else {
            return Ok(None);
        };
        let mut mail = self.mail(kind, to, origin)?;
        mail.user_id = Some(user.id);
        mail.auth_version = credentials.map(|one| one.auth_version);
        Ok(Some(mail))
    }

    /// A mail to an address that is nobody's so far.
    pub(crate) fn mail(&self, kind: MailKind, to: EmailAddress, origin: &Origin) -> Result<Mail> {
        let now = self.now();
        Ok(Mail {
            id: MailId::generate(now, self.ports.entropy.as_ref())?,
            kind,
            user_id: None,
            auth_version: None,
            to,
            other_address: None,
            created_at: now,
            origin: origin.clone(),
        })
    }
}

//! A mailer that sends nothing and remembers all of it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use secrecy::SecretString;
use userhub_domain::{
    mail::{Letter, MailFailure, MailKind, Mailer},
    secret::RawToken,
    users::EmailAddress,
};

use crate::locked;

/// Keeps every letter that it is given, in the order in which they came. Can
/// be told to fail. Clones share their memory.
#[derive(Debug, Clone, Default)]
pub struct RecordingMailer(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    letters: Vec<Letter>,
    failures: VecDeque<MailFailure>,
}

impl RecordingMailer {
    /// No letter yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next letter that was not spoken for fails with this. One that was
    /// [perhaps sent](MailFailure::Unknown) is kept as if it had arrived, the
    /// others are not.
    pub fn fail_next(&self, failure: MailFailure) {
        locked(&self.0).failures.push_back(failure);
    }

    /// Every letter, the first one first.
    pub fn letters(&self) -> Vec<Letter> {
        locked(&self.0).letters.clone()
    }

    /// The letters to an address, in canonical form; the first one first.
    pub fn letters_to(&self, address: &EmailAddress) -> Vec<Letter> {
        let wanted = address.canonical();
        let mut letters = self.letters();
        letters.retain(|letter| letter.to.canonical() == wanted);
        letters
    }

    /// What each letter was about, the first one first.
    pub fn kinds(&self) -> Vec<MailKind> {
        let letters = &locked(&self.0).letters;
        letters.iter().map(|letter| letter.kind).collect()
    }

    /// The token of the last letter of a kind, as its reader sends it back;
    /// nothing where no such letter came, or its kind brings none.
    pub fn last_token(&self, kind: MailKind) -> Option<SecretString> {
        let letters = &locked(&self.0).letters;
        let last = letters.iter().rfind(|letter| letter.kind == kind)?;
        last.token.as_ref().map(RawToken::reveal)
    }

    /// Forgets every letter.
    pub fn clear(&self) {
        locked(&self.0).letters.clear();
    }
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let mut inner = locked(&self.0);
        let failure = inner.failures.pop_front();
        if matches!(failure, None | Some(MailFailure::Unknown(_))) {
            inner.letters.push(letter.clone());
        }
        failure.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use userhub_domain::{
        audit::Origin,
        clock::{Clock, Entropy},
        mail::MailId,
        secret::TokenPurpose,
    };

    use super::*;
    use crate::{FixedClock, SeededEntropy};

    fn letter(kind: MailKind, to: &str, entropy: &dyn Entropy) -> Letter {
        let now = FixedClock::new().now();
        Letter {
            id: MailId::generate(now, entropy).unwrap(),
            kind,
            to: EmailAddress::parse(to).unwrap(),
            name: None,
            token: Some(RawToken::generate(TokenPurpose::PasswordReset, entropy).unwrap()),
            expires_at: None,
            other_address: None,
            happened_at: now,
            origin: Origin::default(),
        }
    }

    #[tokio::test]
    async fn letters_are_kept_and_the_last_token_is_found() {
        let (mailer, entropy) = <(RecordingMailer, SeededEntropy)>::default();
        let again = mailer.clone();
        let first = letter(MailKind::ResetPassword, "ann@example.org", &entropy);
        let second = letter(MailKind::ResetPassword, "Ben@example.org", &entropy);
        for one in [&first, &second] {
            again.send(one).await.unwrap();
        }
        let token = mailer.last_token(MailKind::ResetPassword).unwrap();
        let sent = second.token.as_ref().unwrap().reveal();
        assert_eq!(token.expose_secret(), sent.expose_secret());
        assert!(mailer.last_token(MailKind::VerifyEmail).is_none());
        let to_ben = mailer.letters_to(&EmailAddress::parse("ben@example.org").unwrap());
        assert_eq!((to_ben.len(), to_ben[0].id), (1, second.id));
    }

    #[tokio::test]
    async fn ordered_failures_come_once_each_and_in_turn() {
        let (mailer, entropy) = <(RecordingMailer, SeededEntropy)>::default();
        let one = letter(MailKind::AccountExists, "ann@example.org", &entropy);
        let not_sent = MailFailure::NotSent("451".to_owned());
        let unknown = MailFailure::Unknown("silence".to_owned());
        mailer.fail_next(not_sent.clone());
        mailer.fail_next(unknown.clone());
        assert_eq!(mailer.send(&one).await, Err(not_sent));
        assert!(mailer.letters().is_empty());
        assert_eq!(mailer.send(&one).await, Err(unknown));
        assert_eq!(mailer.send(&one).await, Ok(()));
        assert_eq!(mailer.kinds(), [MailKind::AccountExists; 2]);
        mailer.clear();
        assert!(mailer.letters().is_empty());
    }
}

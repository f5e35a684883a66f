//! What every mailer must do, as far as it can be read where mail arrives.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use userhub_domain::{
    audit::Origin,
    clock::Clock,
    mail::{Letter, MailId, MailKind, Mailer},
    policy::Lifetimes,
    secret::RawToken,
    users::EmailAddress,
};

use super::steps::{an_origin, later};
use crate::{FixedClock, RecordingMailer, SeededEntropy};

/// A mailer that a check has for itself, and the other end of it.
#[async_trait]
pub trait MailerFactory: Send + Sync {
    /// The mailer. Panics where there can be none.
    async fn mailer(&self) -> Arc<dyn Mailer>;

    /// Everything that has arrived by now, in any order: whatever the mailer
    /// said that it sent is among it. May wait for it.
    async fn arrived(&self) -> Vec<ArrivedMail>;
}

/// A mail as its recipient has it.
#[derive(Debug, Clone)]
pub struct ArrivedMail {
    /// To whom it was delivered: those that the mail server was told, or, where
    /// there is none, those that the mail itself names.
    pub recipients: Vec<String>,
    /// Subject and every body, decoded.
    pub text: String,
}

/// The same mailer at both ends.
#[async_trait]
impl MailerFactory for RecordingMailer {
    async fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(self.clone())
    }

    async fn arrived(&self) -> Vec<ArrivedMail> {
        let letters = self.letters().into_iter();
        letters
            .map(|letter| {
                let token = letter.token.as_ref().map(RawToken::reveal);
                let token = token.as_ref().map_or("", |token| token.expose_secret());
                ArrivedMail {
                    recipients: vec![letter.to.to_string()],
                    text: format!("{} {token}", letter.kind.as_str()),
                }
            })
            .collect()
    }
}

/// Makes a `#[test]` of each obligation of a
/// [`Mailer`](userhub_domain::mail::Mailer). The expression makes a new
/// [`MailerFactory`](crate::conformance::mailer::MailerFactory) for each of
/// them; it may await.
///
/// ```
/// mod recording {
///     userhub_testkit::mailer_conformance!(userhub_testkit::RecordingMailer::new());
/// }
/// ```
#[macro_export]
macro_rules! mailer_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { mailer $with
            a_letter_arrives_once_at_its_address
            a_token_arrives_with_its_letter
            every_kind_of_letter_arrives
            no_name_leads_a_letter_astray
            letters_sent_at_once_all_arrive
        }
    };
    ($factory:expr) => {
        $crate::mailer_conformance! { @list [$crate::conformance_tests] ($factory) }
    };
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// A letter with everything that its kind can have.
fn a_letter(kind: MailKind, number: u64) -> Letter {
    let entropy = SeededEntropy::new(number);
    let now = FixedClock::new().now();
    let token = kind.token(&Lifetimes::default());
    Letter {
        id: MailId::generate(now, &entropy).unwrap(),
        kind,
        to: address(&format!("reader-{number}@example.org")),
        name: Some("Zoë O'Brien".to_owned()),
        token: token.map(|(purpose, _)| RawToken::generate(purpose, &entropy).unwrap()),
        expires_at: token.map(|(_, lifetime)| now + lifetime),
        other_address: names_another_address(kind).then(|| address("other@example.net")),
        happened_at: later(-90),
        origin: an_origin(),
    }
}

fn names_another_address(kind: MailKind) -> bool {
    matches!(
        kind,
        MailKind::ConfirmEmailChange | MailKind::EmailChangeRequested | MailKind::EmailChanged
    )
}

fn token(letter: &Letter) -> String {
    let token = letter.token.as_ref().expect("its kind brings one");
    token.reveal().expose_secret().to_owned()
}

/// The one mail that has arrived for a letter.
fn only(arrived: &[ArrivedMail], letter: &Letter) -> ArrivedMail {
    let to = letter.to.as_str();
    let is_theirs = |mail: &&ArrivedMail| mail.recipients.iter().any(|one| one == to);
    let theirs: Vec<_> = arrived.iter().filter(is_theirs).collect();
    let [mail] = theirs[..] else {
        panic!("{} mails for {to}, {}", theirs.len(), letter.kind.as_str());
    };
    assert_eq!(mail.recipients, [to], "to nobody else");
    mail.clone()
}

pub async fn a_letter_arrives_once_at_its_address(factory: &dyn MailerFactory) {
    let mailer = factory.mailer().await;
    assert_eq!(factory.arrived().await.len(), 0);
    // As it was written, and whatever else may stand in front of the `@`.
    let addresses = ["Ann@Example.org", "o'brien+%_{x}@example.org"];
    for (number, to) in (1..).zip(addresses) {
        let letter = Letter {
            to: address(to),
            ..a_letter(MailKind::EmailChanged, number)
        };
        mailer.send(&letter).await.unwrap();
        let arrived = factory.arrived().await;
        assert_eq!(Ok(arrived.len()), usize::try_from(number));
        only(&arrived, &letter);
    }
}

pub async fn a_token_arrives_with_its_letter(factory: &dyn MailerFactory) {
    let mailer = factory.mailer().await;
    let lifetimes = Lifetimes::default();
    let brings_one = |kind: &&MailKind| kind.token(&lifetimes).is_some();
    let kinds = MailKind::ALL.iter().filter(brings_one);
    // Two of each: every reader gets their own.
    let letters: Vec<Letter> = kinds
        .flat_map(|kind| [*kind; 2])
        .zip(1..)
        .map(|(kind, number)| a_letter(kind, number))
        .collect();
    for letter in &letters {
        mailer.send(letter).await.unwrap();
    }
    let notice = a_letter(MailKind::PasswordChanged, 99);
    mailer.send(&notice).await.unwrap();
    let arrived = factory.arrived().await;
    for letter in letters.iter().chain([&notice]) {
        let mail = only(&arrived, letter);
        for other in &letters {
            let is_there = mail.text.contains(&token(other));
            assert_eq!(is_there, other.id == letter.id, "{}", letter.kind.as_str());
        }
    }
}

pub async fn every_kind_of_letter_arrives(factory: &dyn MailerFactory) {
    let mailer = factory.mailer().await;
    let mut letters = Vec::new();
    for (number, kind) in (0..).zip(MailKind::ALL) {
        let full = a_letter(*kind, 2 * number);
        let bare = Letter {
            name: None,
            origin: Origin::default(),
            ..a_letter(*kind, 2 * number + 1)
        };
        letters.extend([full, bare]);
    }
    for letter in &letters {
        let sent = mailer.send(letter).await;
        assert_eq!(sent, Ok(()), "{}", letter.kind.as_str());
    }
    let arrived = factory.arrived().await;
    assert_eq!(arrived.len(), letters.len());
    for letter in &letters {
        let mail = only(&arrived, letter);
        assert!(!mail.text.trim().is_empty(), "{}", letter.kind.as_str());
    }
}

pub async fn no_name_leads_a_letter_astray(factory: &dyn MailerFactory) {
    let mailer = factory.mailer().await;
    let names = [
        "Eve <eve@example.com>",
        "\"Eve\" <eve@example.com>, Adam",
        "eve@example.com",
        "Bcc: eve@example.com",
        "{{ token }} {% raw %}",
        "<script>alert(1)</script>",
        "\u{1f980} \u{202e}\u{5d0}",
        "\\",
        ".",
    ];
    for (number, name) in (1..).zip(names) {
        let letter = Letter {
            name: Some(name.to_owned()),
            ..a_letter(MailKind::ResetPassword, number)
        };
        mailer.send(&letter).await.unwrap();
        let mail = only(&factory.arrived().await, &letter);
        assert!(mail.text.contains(&token(&letter)), "{name}");
    }
    assert_eq!(factory.arrived().await.len(), names.len());
}

pub async fn letters_sent_at_once_all_arrive(factory: &dyn MailerFactory) {
    let mailer = factory.mailer().await;
    let kinds = MailKind::ALL.iter().cycle();
    let letters: Vec<Letter> = kinds
        .zip(0..30)
        .map(|(kind, number)| a_letter(*kind, number))
        .collect();
    let sending = letters.iter().map(|letter| mailer.send(letter));
    for sent in super::all_at_once(sending).await {
        assert_eq!(sent, Ok(()));
    }
    let arrived = factory.arrived().await;
    assert_eq!(arrived.len(), letters.len());
    for letter in &letters {
        let mail = only(&arrived, letter);
        if letter.token.is_some() {
            assert!(mail.text.contains(&token(letter)));
        }
    }
}

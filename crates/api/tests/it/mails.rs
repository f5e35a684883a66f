//! The mails that a test's application sends.

use secrecy::ExposeSecret;
use userhub_domain::{
    mail::{Delivery, Letter, MailKind},
    users::EmailAddress,
};

use crate::test_app::TestApp;

impl TestApp {
    /// Delivers what is in the outbox until nothing is due; says what became
    /// of each mail.
    pub(crate) async fn deliver(&self) -> Vec<Delivery> {
        let mails = &self.state.services.mails;
        let mut deliveries = Vec::new();
        loop {
            let claimed = mails.claim(100).await.expect("claims");
            if claimed.is_empty() {
                return deliveries;
            }
            for mail in claimed {
                deliveries.push(mails.deliver(mail).await.expect("delivers"));
            }
        }
    }

    /// Every letter so far, delivered now.
    pub(crate) async fn mails(&self) -> Vec<Letter> {
        self.deliver().await;
        self.mailer.letters()
    }

    /// What the letters to an address are about, the first one first.
    pub(crate) async fn mails_to(&self, address: &str) -> Vec<MailKind> {
        self.deliver().await;
        let address = EmailAddress::parse(address).expect("an address");
        let letters = self.mailer.letters_to(&address);
        letters.iter().map(|letter| letter.kind).collect()
    }

    /// The token of the last letter of a kind, as its reader sends it.
    pub(crate) async fn mailed_token(&self, kind: MailKind) -> String {
        self.deliver().await;
        let token = self.mailer.last_token(kind).expect("a letter with a token");
        token.expose_secret().to_owned()
    }
}

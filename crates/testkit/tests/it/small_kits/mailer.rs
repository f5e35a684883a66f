//! Mailers that do something wrong.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use secrecy::ExposeSecret;
use userhub_domain::mail::{Letter, MailFailure, MailKind, Mailer};
use userhub_testkit::conformance::mailer::{ArrivedMail, MailerFactory};

use super::{Proof, defects, failed};

defects! {
    SentTwice: "every letter is sent twice" => a_letter_arrives_once_at_its_address;
    AlsoToTheOtherAddress: "a letter about two addresses goes to both" => a_letter_arrives_once_at_its_address;
    AddressInLowerCase: "addresses are written in lower case" => a_letter_arrives_once_at_its_address;
    TokenLeftOut: "the token is left out" => a_token_arrives_with_its_letter;
    TokenOfTheOneBefore: "a letter brings the token of the one before" => a_token_arrives_with_its_letter;
    TokenInEveryMail: "a letter brings the tokens of those before too" => a_token_arrives_with_its_letter;
    OneKindUnknown: "one kind of letter has no template" => every_kind_of_letter_arrives;
    NameNeeded: "a reader without a name gets nothing" => every_kind_of_letter_arrives;
    NameReadAsRecipients: "a name is read as a list of recipients" => no_name_leads_a_letter_astray;
    LostUnderLoad: "letters are lost where more than three are under way" => letters_sent_at_once_all_arrive;
}

#[derive(Clone)]
struct BrokenMailer {
    wrong: Option<Wrong>,
    sent: Arc<Mutex<Vec<ArrivedMail>>>,
    tokens: Arc<Mutex<Vec<String>>>,
    under_way: Arc<AtomicU32>,
}

impl BrokenMailer {
    fn with(wrong: Option<Wrong>) -> Self {
        Self {
            wrong,
            sent: Arc::default(),
            tokens: Arc::default(),
            under_way: Arc::default(),
        }
    }

    fn recipients(&self, letter: &Letter) -> Vec<String> {
        let to = letter.to.to_string();
        let other = letter.other_address.as_ref().map(ToString::to_string);
        match self.wrong {
            Some(Wrong::AlsoToTheOtherAddress) => [Some(to), other].into_iter().flatten().collect(),
            Some(Wrong::AddressInLowerCase) => vec![to.to_lowercase()],
            Some(Wrong::NameReadAsRecipients) => {
                let header = format!("{} <{to}>", letter.name.clone().unwrap_or_default());
                let named = header.split(',').map(|one| {
                    let address = one.split_once('<').map_or(one, |(_, rest)| rest);
                    address.split('>').next().unwrap().trim().to_owned()
                });
                named.collect()
            }
            _ => vec![to],
        }
    }

    fn text(&self, letter: &Letter) -> String {
        let token = letter.token.as_ref().map(|token| token.reveal());
        let token = token.map_or(String::new(), |token| token.expose_secret().to_owned());
        let mut tokens = self.tokens.lock().unwrap();
        let before = tokens.last().cloned().unwrap_or_default();
        tokens.push(token.clone());
        let shown = match self.wrong {
            Some(Wrong::TokenLeftOut) => String::new(),
            Some(Wrong::TokenOfTheOneBefore) => before,
            Some(Wrong::TokenInEveryMail) => tokens.concat(),
            _ => token,
        };
        format!("{} {shown}", letter.kind.as_str())
    }
}

#[async_trait]
impl Mailer for BrokenMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        let is_refused = match self.wrong {
            Some(Wrong::OneKindUnknown) => letter.kind == MailKind::RecoveryCodesRenewed,
            Some(Wrong::NameNeeded) => letter.name.is_none(),
            _ => false,
        };
        if is_refused {
            return Err(MailFailure::Refused("no template".to_owned()));
        }
        let others = self.under_way.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        if self.wrong == Some(Wrong::LostUnderLoad) && others > 3 {
            return Ok(());
        }
        let mail = ArrivedMail {
            recipients: self.recipients(letter),
            text: self.text(letter),
        };
        let times = if self.wrong == Some(Wrong::SentTwice) {
            2
        } else {
            1
        };
        let mut sent = self.sent.lock().unwrap();
        sent.extend(std::iter::repeat_n(mail, times));
        Ok(())
    }
}

#[async_trait]
impl MailerFactory for BrokenMailer {
    async fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(self.clone())
    }

    async fn arrived(&self) -> Vec<ArrivedMail> {
        self.sent.lock().unwrap().clone()
    }
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["mailer_conformance", "mailers"],
        &[include_str!("../../../src/conformance/mailer.rs")],
        DEFECTS,
        |wrong| userhub_testkit::mailer_conformance!(@list [failed] (BrokenMailer::with(wrong))),
    )
}

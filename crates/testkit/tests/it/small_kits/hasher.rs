//! Hashers that recognise hashes of other systems wrongly.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{
    Result,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::{Broken, ViolationCode},
};
use userhub_testkit::InstantHasher;

use super::{compare, failed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    RecognisesAnything,
    DoesNotKnowItsOwn,
    CostIgnored,
    TextRepeated,
    PanicsWhereItIsCut,
}

const CASES: [(Wrong, &str); 5] = [
    (
        Wrong::RecognisesAnything,
        "what_is_recognised_can_be_verified",
    ),
    (
        Wrong::DoesNotKnowItsOwn,
        "what_is_recognised_can_be_verified",
    ),
    (
        Wrong::CostIgnored,
        "a_foreign_hash_that_costs_too_much_is_refused",
    ),
    (
        Wrong::TextRepeated,
        "what_is_not_recognised_is_not_repeated",
    ),
    (
        Wrong::PanicsWhereItIsCut,
        "what_is_not_recognised_is_not_repeated",
    ),
];

struct BrokenHasher {
    wrong: Wrong,
    inner: InstantHasher,
}

#[async_trait]
impl PasswordHasher for BrokenHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        self.inner.hash(password).await
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Verification> {
        self.inner.verify(attempt, hash).await
    }

    fn recognise(&self, foreign: &SecretString) -> Result<PasswordHash, Broken> {
        let text = foreign.expose_secret();
        let accepts = match self.wrong {
            Wrong::RecognisesAnything => true,
            Wrong::CostIgnored => text.starts_with("$6$rounds="),
            _ => false,
        };
        if accepts {
            return Ok(PasswordHash::new(text));
        }
        let refused = |detail: String| Err(Broken::new(ViolationCode::InvalidFormat, detail));
        match self.wrong {
            Wrong::DoesNotKnowItsOwn => refused("is in no form that is known".to_owned()),
            Wrong::TextRepeated => match self.inner.recognise(foreign) {
                Ok(hash) => Ok(hash),
                Err(_) => refused(format!("{text} is in no form that is known")),
            },
            Wrong::PanicsWhereItIsCut if &text[..1] != "$" => self.inner.recognise(foreign),
            _ => self.inner.recognise(foreign),
        }
    }

    async fn verify_decoy(&self, attempt: PasswordAttempt) -> Result<()> {
        self.inner.verify_decoy(attempt).await
    }
}

fn broken(wrong: Wrong) -> BrokenHasher {
    let inner = InstantHasher::new();
    BrokenHasher { wrong, inner }
}

#[test]
fn every_hasher_that_recognises_wrongly_is_found() {
    compare(&CASES.map(|(wrong, check)| {
        let found = failed!(password_hasher (broken(wrong))
            what_is_recognised_can_be_verified
            a_foreign_hash_that_costs_too_much_is_refused
            what_is_not_recognised_is_not_repeated);
        (check, found)
    }));
}

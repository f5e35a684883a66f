//! Signers that believe too much, or forget.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{DurationRound, TimeDelta};
use secrecy::SecretString;
use userhub_domain::{
    Error, Result,
    clock::Clock,
    sessions::{AccessClaims, AccessTokens, VerificationKey},
    users::Role,
};
use userhub_testkit::FixedClock;

use super::{
    Proof, defects, failed,
    signed_tokens::{
        HEADER, LETTERS, NAMELESS, SECRET, STRANGE, UNSIGNED, read, signature, written,
    },
};

defects! {
    EverybodyAUser: "everybody has the role of a user" => every_claim_survives_a_round_trip;
    TimesInMinutes: "times are cut to minutes" => every_claim_survives_a_round_trip;
    ExpiryByRule: "every token expires 15 minutes after it was issued" => every_claim_survives_a_round_trip;
    WithABlank: "a token begins with `Bearer` and a blank" => a_token_fits_into_a_header;
    TooLong: "a token is longer than 4096 bytes" => a_token_fits_into_a_header;
    GoodOnce: "a token is good once" => a_token_is_verified_again_and_again;
    FirstRemembered: "the answer to the first token is given to all" => a_token_is_verified_again_and_again;
    JunkIsAnError: "what does not have three parts is an error" => what_is_no_token_is_nothing_and_no_error;
    JunkPanics: "what does not have three parts is a panic" => what_is_no_token_is_nothing_and_no_error;
    BlanksTrimmed: "blanks around a token are cut off" => what_is_no_token_is_nothing_and_no_error;
    RestIgnored: "what follows a token is ignored" => what_is_no_token_is_nothing_and_no_error;
    HeaderNotSigned: "the header is not signed" => a_token_with_another_letter_is_nothing;
    HalfCompared: "the first half of a signature is compared" => a_token_with_another_letter_is_nothing;
    LastLetterDecoded: "bits of the last letter that stand for nothing are ignored" => a_token_with_another_letter_is_nothing;
    ClaimsNotSigned: "the claims are not signed" => parts_of_two_tokens_are_no_token;
    NoneBelieved: "where the header says `none`, no signature is needed" => an_unsigned_token_is_nothing;
    PublishedIsSecret: "the published key signs too" => what_is_published_signs_nothing;
    DecodedIsSecret: "the published key signs too, once it is decoded" => what_is_published_signs_nothing;
    NothingIsSecret: "an empty secret signs too" => what_is_published_signs_nothing;
    KeyNotNamed: "a token does not name its key" => a_token_names_a_published_key;
    KeyNotPublished: "a token names a key that is not published" => a_token_names_a_published_key;
    AnotherAlgorithm: "the key is published for another algorithm" => a_token_names_a_published_key;
    ExpiredIsNothing: "an expired token is nothing" => time_is_left_to_the_domain;
    EarlyIsNothing: "a token that is issued in the future is nothing" => time_is_left_to_the_domain;
    PrivateMember: "the private member of the key is published" => keys_hold_nothing_secret;
    TwoOfOneId: "two keys have the same id" => keys_hold_nothing_secret;
    KeyOfNoKind: "a key does not say what kind it is" => keys_hold_nothing_secret;
    MixedUp: "claims are mixed up where several are signed at once" => many_at_once_are_signed_and_verified;
}

/// Of 32 bytes, all zero.
const PUBLISHED: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const SIGNATURE_LETTERS: usize = 43;
const SALT_LETTERS: usize = 8;

struct BrokenTokens {
    wrong: Option<Wrong>,
    seen: Mutex<BTreeSet<String>>,
    first: Mutex<Option<AccessClaims>>,
    under_way: Mutex<Option<AccessClaims>>,
}

impl BrokenTokens {
    fn with(wrong: Option<Wrong>) -> Self {
        Self {
            wrong,
            seen: Mutex::default(),
            first: Mutex::default(),
            under_way: Mutex::default(),
        }
    }

    fn is(&self, wrong: Wrong) -> bool {
        self.wrong == Some(wrong)
    }

    fn prefix(&self) -> String {
        match self.wrong {
            Some(Wrong::WithABlank) => "Bearer ".to_owned(),
            Some(Wrong::TooLong) => "x".repeat(4096),
            _ => String::new(),
        }
    }

    fn header(&self) -> &'static str {
        match self.wrong {
            Some(Wrong::KeyNotNamed) => NAMELESS,
            Some(Wrong::KeyNotPublished) => STRANGE,
            _ => HEADER,
        }
    }

    fn is_good(&self, header: &str, claims: &str, given: &str) -> bool {
        if self.is(Wrong::ClaimsNotSigned) {
            let salt = given.get(..SALT_LETTERS).unwrap_or_default();
            return given == salted(header, salt);
        }
        let both = format!("{header}.{claims}");
        let signed = match self.wrong {
            Some(Wrong::HeaderNotSigned) => claims,
            _ => &both,
        };
        let right = signature(SECRET, signed);
        let more: Option<&[u8]> = match self.wrong {
            Some(Wrong::PublishedIsSecret) => Some(PUBLISHED.as_bytes()),
            Some(Wrong::DecodedIsSecret) => Some(&[0; 32]),
            Some(Wrong::NothingIsSecret) => Some(b""),
            _ => None,
        };
        match self.wrong {
            Some(Wrong::HalfCompared) => given.get(..20) == right.get(..20),
            Some(Wrong::LastLetterDecoded) => decoded(given) == decoded(&right),
            Some(Wrong::NoneBelieved) if header == UNSIGNED => given.is_empty(),
            _ => given == right || more.is_some_and(|more| given == signature(more, signed)),
        }
    }

    fn seen_by_the_clock(&self, claims: AccessClaims) -> Option<AccessClaims> {
        let now = FixedClock::new().now();
        let is_nothing = match self.wrong {
            Some(Wrong::ExpiredIsNothing) => claims.expires_at <= now,
            Some(Wrong::EarlyIsNothing) => claims.issued_at > now + TimeDelta::minutes(1),
            _ => false,
        };
        (!is_nothing).then_some(claims)
    }
}

/// The letters without the two bits of the last one that stand for nothing.
fn decoded(signature: &str) -> Option<(&[u8], usize)> {
    let (last, begin) = signature.as_bytes().split_last()?;
    let value = LETTERS.iter().position(|letter| letter == last)?;
    Some((begin, value >> 2))
}

/// Another for each token, and good for the claims of every other.
fn salted(header: &str, salt: &str) -> String {
    let signature = signature(SECRET, &format!("{header}.{salt}"));
    format!("{salt}{signature}")
}

fn content<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl AccessTokens for BrokenTokens {
    async fn sign(&self, claims: &AccessClaims) -> Result<SecretString> {
        let mut claims = claims.clone();
        match self.wrong {
            Some(Wrong::EverybodyAUser) => claims.role = Role::User,
            Some(Wrong::TimesInMinutes) => {
                let minute = TimeDelta::minutes(1);
                claims.issued_at = claims.issued_at.duration_trunc(minute).unwrap();
                claims.expires_at = claims.expires_at.duration_trunc(minute).unwrap();
            }
            Some(Wrong::ExpiryByRule) => {
                claims.expires_at = claims.issued_at + TimeDelta::minutes(15);
            }
            Some(Wrong::MixedUp) => {
                *content(&self.under_way) = Some(claims.clone());
                tokio::task::yield_now().await;
                claims = content(&self.under_way).clone().unwrap_or(claims);
            }
            _ => {}
        }
        let (header, claims) = (self.header(), written(&claims));
        let both = format!("{header}.{claims}");
        let signature = match self.wrong {
            Some(Wrong::HeaderNotSigned) => signature(SECRET, &claims),
            Some(Wrong::ClaimsNotSigned) => {
                salted(header, &signature(SECRET, &claims)[..SALT_LETTERS])
            }
            _ => signature(SECRET, &both),
        };
        Ok(format!("{}{both}.{signature}", self.prefix()).into())
    }

    async fn verify(&self, token: &str) -> Result<Option<AccessClaims>> {
        if self.is(Wrong::GoodOnce) && !content(&self.seen).insert(token.to_owned()) {
            return Ok(None);
        }
        let blank = if self.is(Wrong::BlanksTrimmed) {
            " "
        } else {
            ""
        };
        let token = token.trim_matches(|letter| blank.contains(letter));
        let prefix = self.prefix();
        let Some(rest) = token.strip_prefix(prefix.as_str()) else {
            return Ok(None);
        };
        let parts: Vec<&str> = match self.wrong {
            Some(Wrong::RestIgnored) => rest.splitn(3, '.').collect(),
            _ => rest.split('.').collect(),
        };
        let [header, claims, mut given] = parts[..] else {
            return match self.wrong {
                Some(Wrong::JunkIsAnError) => Err(Error::internal("a token has three parts")),
                Some(Wrong::JunkPanics) => panic!("a token has three parts"),
                _ => Ok(None),
            };
        };
        if self.is(Wrong::RestIgnored) {
            given = given.get(..SIGNATURE_LETTERS).unwrap_or(given);
        }
        if !self.is_good(header, claims, given) {
            return Ok(None);
        }
        let found = read(claims).and_then(|claims| self.seen_by_the_clock(claims));
        match (&mut *content(&self.first), found) {
            (Some(first), Some(_)) if self.is(Wrong::FirstRemembered) => Ok(Some(first.clone())),
            (first, found) => {
                first.clone_from(&found);
                Ok(found)
            }
        }
    }

    async fn verification_keys(&self) -> Result<Vec<VerificationKey>> {
        let mut key = VerificationKey {
            id: "one".to_owned(),
            algorithm: "EdDSA".to_owned(),
            parameters: [("kty", "OKP"), ("crv", "Ed25519"), ("x", PUBLISHED)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        };
        match self.wrong {
            Some(Wrong::AnotherAlgorithm) => key.algorithm = "ES256".to_owned(),
            Some(Wrong::PrivateMember) => {
                key.parameters.push(("d".to_owned(), PUBLISHED.to_owned()));
            }
            Some(Wrong::TwoOfOneId) => return Ok(vec![key.clone(), key]),
            Some(Wrong::KeyOfNoKind) => key.parameters.retain(|(name, _)| name != "kty"),
            _ => {}
        }
        Ok(vec![key])
    }
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["access_tokens_conformance", "signers"],
        &[
            include_str!("../../../src/conformance/access_tokens.rs"),
            include_str!("../../../src/conformance/forged_tokens.rs"),
        ],
        DEFECTS,
        |wrong| userhub_testkit::access_tokens_conformance!(@list [failed] (BrokenTokens::with(wrong))),
    )
}

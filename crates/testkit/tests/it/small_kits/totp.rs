//! One-time codes that are made or checked wrongly.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    clock::Timestamp,
    second_factor::{SealedSeed, Totp, TotpCode, TotpEnrolment, TotpSeed},
    users::UserId,
};
use userhub_testkit::FakeTotp;
use uuid::Uuid;

use super::{compare, failed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    FourSteps,
    OneStep,
    StepOfNow,
    SomeCodesPass,
    SeedBesideTheSeal,
    OpensForEverybody,
    BrokenIsNothing,
    AnotherSeedShown,
    AccountAsItIs,
}

const CASES: [(Wrong, &str); 9] = [
    (
        Wrong::FourSteps,
        "a_code_is_right_for_its_step_and_those_beside_it",
    ),
    (
        Wrong::OneStep,
        "a_code_is_right_for_its_step_and_those_beside_it",
    ),
    (
        Wrong::StepOfNow,
        "a_code_is_right_for_its_step_and_those_beside_it",
    ),
    (Wrong::SomeCodesPass, "every_other_code_is_nothing"),
    (
        Wrong::SeedBesideTheSeal,
        "what_is_sealed_shows_nothing_of_the_seed",
    ),
    (Wrong::OpensForEverybody, "a_seal_opens_for_its_user_alone"),
    (
        Wrong::BrokenIsNothing,
        "a_broken_seal_is_an_error_and_no_panic",
    ),
    (Wrong::AnotherSeedShown, "an_app_is_shown_the_seed"),
    (Wrong::AccountAsItIs, "an_app_is_shown_the_seed"),
];

struct BrokenTotp(Wrong);

impl Totp for BrokenTotp {
    fn enrol(&self, user: UserId, seed: &TotpSeed, account: &str) -> Result<TotpEnrolment> {
        let mut shown = FakeTotp.enrol(user, seed, account)?;
        match self.0 {
            Wrong::SeedBesideTheSeal => {
                let both = [shown.sealed.as_bytes(), seed.expose()].concat();
                shown.sealed = SealedSeed::new(both);
            }
            Wrong::AnotherSeedShown => shown.secret = "A".repeat(32).into(),
            Wrong::AccountAsItIs => {
                let secret = shown.secret.expose_secret();
                shown.uri = format!("otpauth://totp/{account}?secret={secret}").into();
            }
            _ => {}
        }
        Ok(shown)
    }

    fn matching_step(
        &self,
        user: UserId,
        sealed: &SealedSeed,
        code: &TotpCode,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        let bytes = sealed.as_bytes();
        let current = FakeTotp.step_at(now);
        let (mut user, mut sealed) = (user, sealed.clone());
        match (self.0, bytes.get(..16)) {
            (Wrong::OpensForEverybody, Some(owner)) => {
                user = UserId::from_uuid(Uuid::from_slice(owner).unwrap());
            }
            (Wrong::SeedBesideTheSeal, _) => {
                sealed = SealedSeed::new(bytes[..bytes.len().saturating_sub(20)].to_vec());
            }
            _ => {}
        }
        let found = FakeTotp.matching_step(user, &sealed, code, now);
        match self.0 {
            Wrong::FourSteps => {
                let before = now - TimeDelta::seconds(30);
                let earlier = FakeTotp.matching_step(user, &sealed, code, before)?;
                found.map(|found| found.or(earlier))
            }
            Wrong::OneStep => found.map(|found| found.filter(|step| *step == current)),
            Wrong::StepOfNow => found.map(|found| found.map(|_| current)),
            Wrong::SomeCodesPass if code.expose().ends_with("77") => Ok(Some(current)),
            Wrong::BrokenIsNothing => Ok(found.unwrap_or_default()),
            _ => found,
        }
    }
}

#[test]
fn every_broken_totp_is_found() {
    compare(&CASES.map(|(wrong, check)| {
        let found = failed!(totp (BrokenTotp(wrong))
            a_code_is_right_for_its_step_and_those_beside_it
            every_other_code_is_nothing
            what_is_sealed_shows_nothing_of_the_seed
            a_seal_opens_for_its_user_alone
            a_broken_seal_is_an_error_and_no_panic
            an_app_is_shown_the_seed);
        (check, found)
    }));
}

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

use super::{Proof, defects, failed};

defects! {
    FourSteps: "the codes of one more step are right" => a_code_is_right_for_its_step_and_those_beside_it;
    OneStep: "the steps beside the current one do not count" => a_code_is_right_for_its_step_and_those_beside_it;
    StepOfNow: "the step of every code is the current one" => a_code_is_right_for_its_step_and_those_beside_it;
    SomeCodesPass: "every code that ends in 77 is right" => every_other_code_is_nothing;
    SeedBesideTheSeal: "what is sealed ends with the seed" => what_is_sealed_shows_nothing_of_the_seed;
    OpensForEverybody: "a seal opens for everybody" => a_seal_opens_for_its_user_alone;
    BrokenIsNothing: "no code is right under a broken seal, and that is all" => a_broken_seal_is_an_error_and_no_panic;
    AnotherSeedShown: "another seed is shown to be typed" => an_app_is_shown_the_seed;
    AccountAsItIs: "the account stands in the address as it is" => an_app_is_shown_the_seed;
}

struct BrokenTotp(Option<Wrong>);

impl Totp for BrokenTotp {
    fn enrol(&self, user: UserId, seed: &TotpSeed, account: &str) -> Result<TotpEnrolment> {
        let mut shown = FakeTotp.enrol(user, seed, account)?;
        match self.0 {
            Some(Wrong::SeedBesideTheSeal) => {
                let both = [shown.sealed.as_bytes(), seed.expose()].concat();
                shown.sealed = SealedSeed::new(both);
            }
            Some(Wrong::AnotherSeedShown) => shown.secret = "A".repeat(32).into(),
            Some(Wrong::AccountAsItIs) => {
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
            (Some(Wrong::OpensForEverybody), Some(owner)) => {
                user = UserId::from_uuid(Uuid::from_slice(owner).unwrap());
            }
            (Some(Wrong::SeedBesideTheSeal), _) => {
                sealed = SealedSeed::new(bytes[..bytes.len().saturating_sub(20)].to_vec());
            }
            _ => {}
        }
        let found = FakeTotp.matching_step(user, &sealed, code, now);
        match self.0 {
            Some(Wrong::FourSteps) => {
                let before = now - TimeDelta::seconds(30);
                let earlier = FakeTotp.matching_step(user, &sealed, code, before)?;
                found.map(|found| found.or(earlier))
            }
            Some(Wrong::OneStep) => found.map(|found| found.filter(|step| *step == current)),
            Some(Wrong::StepOfNow) => found.map(|found| found.map(|_| current)),
            Some(Wrong::SomeCodesPass) if code.expose().ends_with("77") => Ok(Some(current)),
            Some(Wrong::BrokenIsNothing) => Ok(found.unwrap_or_default()),
            _ => found,
        }
    }
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["totp_conformance", "makers of one-time codes"],
        &[include_str!("../../../src/conformance/totp.rs")],
        DEFECTS,
        |wrong| userhub_testkit::totp_conformance!(@list [failed] (BrokenTotp(wrong))),
    )
}

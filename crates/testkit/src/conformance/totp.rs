//! What everything that makes and checks one-time codes must do. The codes of
//! the checks are computed here, as an app does it.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use userhub_domain::{
    clock::{Clock, Timestamp},
    second_factor::{SealedSeed, Totp, TotpCode, TotpEnrolment, TotpSeed},
    users::UserId,
};

use crate::{FixedClock, SeededEntropy, a_user};

const STEP_SECONDS: i64 = 30;

/// Makes a `#[test]` of each obligation of a
/// [`Totp`](userhub_domain::second_factor::Totp). The expression makes a new
/// one for each of them; it may await.
///
/// ```
/// mod fake {
///     userhub_testkit::totp_conformance!(userhub_testkit::FakeTotp::new());
/// }
/// ```
#[macro_export]
macro_rules! totp_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { totp $with
            a_code_is_right_for_its_step_and_those_beside_it
            every_other_code_is_nothing
            what_is_sealed_shows_nothing_of_the_seed
            a_seal_opens_for_its_user_alone
            a_broken_seal_is_an_error_and_no_panic
            an_app_is_shown_the_seed
        }
    };
    ($totp:expr) => {
        $crate::totp_conformance! { @list [$crate::conformance_tests] ($totp) }
    };
}

/// The digits that an app shows in a step of time (RFC 6238: SHA-1, 6 digits).
pub(crate) fn digits(seed: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).unwrap();
    mac.update(&step.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let offset = usize::from(mac[19] & 15);
    let word = mac[offset..offset + 4]
        .iter()
        .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

struct Enrolled {
    user: UserId,
    seed: TotpSeed,
    shown: TotpEnrolment,
}

fn enrolled(totp: &dyn Totp, number: u64) -> Enrolled {
    let user = a_user().id;
    let seed = TotpSeed::generate(&SeededEntropy::new(number)).unwrap();
    let shown = totp.enrol(user, &seed, "ann@example.org").unwrap();
    Enrolled { user, seed, shown }
}

impl Enrolled {
    fn code(&self, step: i64) -> TotpCode {
        TotpCode::parse(&digits(self.seed.expose(), step)).unwrap()
    }

    fn matching(&self, totp: &dyn Totp, code: &TotpCode, now: Timestamp) -> Option<i64> {
        let found = totp.matching_step(self.user, &self.shown.sealed, code, now);
        found.unwrap()
    }
}

fn now() -> Timestamp {
    FixedClock::new().now()
}

fn step_at(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(STEP_SECONDS)
}

fn at_step(step: i64) -> Timestamp {
    DateTime::from_timestamp(step * STEP_SECONDS, 0).unwrap()
}

pub async fn a_code_is_right_for_its_step_and_those_beside_it(totp: &dyn Totp) {
    let app = enrolled(totp, 1);
    let is_short = |step: &i64| digits(app.seed.expose(), *step).starts_with('0');
    let with_a_zero = (step_at(now())..).find(is_short).unwrap();
    for step in [step_at(now()), with_a_zero] {
        // From the first moment of a step to its last.
        for micros in [0, 15_000_000, 29_999_999] {
            let now = at_step(step) + TimeDelta::microseconds(micros);
            for other in step - 4..=step + 4 {
                let is_near = (step - 1..=step + 1).contains(&other);
                let found = app.matching(totp, &app.code(other), now);
                assert_eq!(found, is_near.then_some(other), "{}", other - step);
            }
        }
    }
}

pub async fn every_other_code_is_nothing(totp: &dyn Totp) {
    let app = enrolled(totp, 2);
    let step = step_at(now());
    let right = [step - 1, step, step + 1].map(|step| digits(app.seed.expose(), step));
    for number in (0..1_000_000).step_by(997) {
        let text = format!("{number:06}");
        let code = TotpCode::parse(&text).unwrap();
        let found = app.matching(totp, &code, now());
        assert_eq!(found.is_some(), right.contains(&text), "{text}");
    }
    // Right for somebody else.
    let other = enrolled(totp, 3);
    assert_eq!(app.matching(totp, &other.code(step), now()), None);
}

pub async fn what_is_sealed_shows_nothing_of_the_seed(totp: &dyn Totp) {
    let app = enrolled(totp, 4);
    let sealed = app.shown.sealed.as_bytes();
    assert!((20..=1024).contains(&sealed.len()), "{}", sealed.len());
    let secret = app.shown.secret.expose_secret().as_bytes();
    for shown in [app.seed.expose(), secret] {
        // Neither a part of it, nor turned around.
        let turned: Vec<u8> = shown.iter().rev().copied().collect();
        for part in shown.windows(4).chain(turned.windows(4)) {
            assert!(!sealed.windows(4).any(|window| window == part));
        }
    }
    let again = totp.enrol(a_user().id, &app.seed, "ann").unwrap();
    assert!(again.sealed != app.shown.sealed, "for another user");
}

pub async fn a_seal_opens_for_its_user_alone(totp: &dyn Totp) {
    let [app, other] = [enrolled(totp, 5), enrolled(totp, 6)];
    let step = step_at(now());
    for (user, of) in [(other.user, &app), (app.user, &other)] {
        let found = totp.matching_step(user, &of.shown.sealed, &of.code(step), now());
        assert!(!matches!(found, Ok(Some(_))), "moved to another user");
    }
    for app in [&app, &other] {
        assert_eq!(app.matching(totp, &app.code(step), now()), Some(step));
    }
}

pub async fn a_broken_seal_is_an_error_and_no_panic(totp: &dyn Totp) {
    let app = enrolled(totp, 7);
    let whole = app.shown.sealed.as_bytes();
    let code = app.code(step_at(now()));
    let mut broken = vec![Vec::new(), vec![0; whole.len()], [whole, whole].concat()];
    for place in 0..whole.len() {
        let mut other = whole.to_vec();
        other[place] ^= 1;
        broken.extend([other, whole[..place].to_vec()]);
    }
    for bytes in broken {
        let length = bytes.len();
        let found = totp.matching_step(app.user, &SealedSeed::new(bytes), &code, now());
        assert!(found.is_err(), "{length} bytes");
    }
}

pub async fn an_app_is_shown_the_seed(totp: &dyn Totp) {
    let app = enrolled(totp, 8);
    let secret = app.shown.secret.expose_secret();
    assert_eq!(secret.replace(' ', ""), base32(app.seed.expose()));
    let odd = "Ann & Co?:#%/ \u{1f980}";
    let odd = totp.enrol(app.user, &app.seed, odd).unwrap();
    for shown in [&app.shown, &odd] {
        let uri = shown.uri.expose_secret();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        let query = uri.strip_prefix("otpauth://totp/").expect("a key URI");
        let (_, query) = query.split_once('?').expect("a query");
        let wanted = base32(app.seed.expose());
        let mut is_there = false;
        for pair in query.split('&') {
            // What every app understands, whether it stands there or not.
            match pair.split_once('=').expect("a name and a value") {
                ("secret", secret) => is_there = secret == wanted,
                ("algorithm", name) => assert_eq!(name, "SHA1"),
                ("digits", number) => assert_eq!(number, "6"),
                ("period", seconds) => assert_eq!(seconds, "30"),
                _ => {}
            }
        }
        assert!(is_there, "the seed is in {uri}");
        let picture = shown.qr_svg.expose_secret().trim();
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>"));
        assert!(!picture.contains("<script"));
    }
}

/// RFC 4648, section 6; 20 bytes need no padding.
fn base32(bytes: &[u8; 20]) -> String {
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    bits.chunks(5)
        .map(|group| {
            let index = group
                .iter()
                .fold(0, |index, bit| index << 1 | usize::from(*bit));
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[index])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of eight digits.
    #[test]
    fn the_codes_of_the_checks_are_those_of_the_standard() {
        for (seconds, expected) in [
            (59_i64, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = seconds / STEP_SECONDS;
            assert_eq!(digits(b"12345678901234567890", step), expected);
        }
        assert_eq!(base32(b"foobafoobafoobafooba"), "MZXW6YTB".repeat(4));
    }
}

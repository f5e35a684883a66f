use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use userhub_testkit::SeededEntropy;
use uuid::Uuid;

use super::*;

fn totp(key: u8) -> SealingTotp {
    let key = EncryptionKey::from_bytes(&[key; 32]).unwrap();
    SealingTotp::new(&key, Arc::new(SeededEntropy::default()), "Example: Shop").unwrap()
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn code(text: &str) -> TotpCode {
    TotpCode::parse(text).unwrap()
}

/// Fills with the seed of RFC 6238, appendix B.
struct RfcSeed;

impl Entropy for RfcSeed {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.copy_from_slice(b"12345678901234567890");
        Ok(())
    }
}

fn enrolled(totp: &SealingTotp) -> TotpEnrolment {
    let seed = TotpSeed::generate(&RfcSeed).unwrap();
    totp.enrol(user(1), &seed, "ann@example.org").unwrap()
}

/// Appendix B of RFC 6238, SHA-1, the last six of its eight digits.
const VECTORS: [(i64, &str); 6] = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
];

#[test]
fn the_codes_are_those_of_the_standard() {
    let totp = totp(1);
    let sealed = enrolled(&totp).sealed;
    for (seconds, text) in VECTORS {
        let step = totp.matching_step(user(1), &sealed, &code(text), at(seconds));
        assert_eq!(step.unwrap(), Some(seconds / 30), "{text}");
    }
}

#[test]
fn a_code_is_right_in_its_step_and_those_beside_it() {
    let totp = totp(1);
    let sealed = enrolled(&totp).sealed;
    // 1 111 111 109 is in the step from …080 to …109.
    for (seconds, is_right) in [
        (1_111_111_049, false),
        (1_111_111_050, true),
        (1_111_111_080, true),
        (1_111_111_139, true),
        (1_111_111_140, false),
        (-1, false),
        (0, false),
    ] {
        let step = totp.matching_step(user(1), &sealed, &code("081804"), at(seconds));
        let expected = is_right.then_some(1_111_111_109 / 30);
        assert_eq!(step.unwrap(), expected, "{seconds}");
    }
    let wrong = totp.matching_step(user(1), &sealed, &code("081805"), at(1_111_111_109));
    assert_eq!(wrong.unwrap(), None);
}

#[test]
fn a_seed_opens_for_its_user_under_its_key_alone() {
    let sealed = enrolled(&totp(1)).sealed;
    let (now, right) = (at(59), code("287082"));
    for (totp, user, sealed) in [
        (totp(2), user(1), sealed.clone()),
        (totp(1), user(2), sealed.clone()),
        (totp(1), user(1), SealedSeed::new(Vec::new())),
        (
            totp(1),
            user(1),
            SealedSeed::new(sealed.as_bytes()[..40].to_vec()),
        ),
    ] {
        let error = totp.matching_step(user, &sealed, &right, now).unwrap_err();
        assert_eq!(error.code(), "internal");
        assert!(!error.to_string().contains("12345678"), "{error}");
    }
}

#[test]
fn an_enrolment_shows_the_seed_in_every_form_that_apps_read() {
    let shown = enrolled(&totp(1));
    assert_eq!(
        shown.secret.expose_secret(),
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    );
    assert_eq!(
        shown.uri.expose_secret(),
        "otpauth://totp/Example%20Shop:ann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20Shop"
    );
    let picture = shown.qr_svg.expose_secret();
    assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
    assert!(!picture.contains("script") && !picture.contains("<?xml"));
    let sealed = shown.sealed.as_bytes();
    assert!(
        !sealed
            .windows(20)
            .any(|part| part == b"12345678901234567890")
    );
    assert!(!format!("{shown:?}").contains("GEZD"));
}

#[test]
fn an_account_is_named_whatever_it_is_called() {
    let seed = TotpSeed::generate(&RfcSeed).unwrap();
    for account in ["", ":", "a:b", "Zoë & <co>", "100%"] {
        let shown = totp(1).enrol(user(1), &seed, account).unwrap();
        let uri = url::Url::parse(shown.uri.expose_secret()).unwrap();
        assert_eq!(uri.scheme(), "otpauth");
        assert!(uri.path().starts_with("/Example%20Shop:"), "{uri}");
    }
}

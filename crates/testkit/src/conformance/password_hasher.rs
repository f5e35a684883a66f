//! What every password hasher must do.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::time::{Duration, Instant};

use secrecy::SecretString;
use userhub_domain::{
    users::{
        NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, PasswordRules, Verification,
    },
    violation::ViolationCode,
};

use crate::FakeStrength;

/// Makes a `#[test]` of each obligation of a
/// [`PasswordHasher`](userhub_domain::users::PasswordHasher). The expression
/// makes a new hasher for each of them, cheap parameters are fine; it may
/// await.
///
/// ```
/// mod instant {
///     userhub_testkit::password_hasher_conformance!(userhub_testkit::InstantHasher::new());
/// }
/// ```
#[macro_export]
macro_rules! password_hasher_conformance {
    ($hasher:expr) => {
        $crate::conformance_tests! { password_hasher ($hasher)
            the_password_is_right_and_every_other_is_wrong
            two_hashes_of_one_password_differ
            a_hash_is_a_line_that_does_not_hold_the_password
            every_byte_of_a_long_password_counts
            any_character_is_part_of_a_password
            what_is_no_hash_is_wrong_and_no_error
            a_hash_that_costs_too_much_is_not_computed
            a_decoy_takes_the_time_of_a_check
            many_at_once_are_answered_or_refused
            what_is_recognised_can_be_verified
            a_foreign_hash_that_costs_too_much_is_refused
            what_is_not_recognised_is_not_repeated
        }
    };
}

fn new(text: &str) -> NewPassword {
    let rules = PasswordRules {
        min_length: 8,
        min_score: 0,
    };
    NewPassword::parse(&text.into(), &rules, &FakeStrength::refusing(&[]), &[]).unwrap()
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::parse(&text.into()).unwrap()
}

async fn verify(hasher: &dyn PasswordHasher, text: &str, hash: &PasswordHash) -> Verification {
    hasher.verify(attempt(text), hash.clone()).await.unwrap()
}

/// A hash that is right for this text, and wrong for the other one.
async fn tells_apart(hasher: &dyn PasswordHasher, text: &str, other: &str) {
    let hash = hasher.hash(new(text)).await.unwrap();
    assert_eq!(verify(hasher, text, &hash).await, Verification::Right);
    assert_eq!(verify(hasher, other, &hash).await, Verification::Wrong);
}

pub async fn the_password_is_right_and_every_other_is_wrong(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    assert_eq!(
        verify(hasher, "open sesame", &hash).await,
        Verification::Right
    );
    for other in [
        "",
        "open",
        "open sesam",
        "open sesame ",
        "Open sesame",
        "open-sesame",
    ] {
        assert_eq!(
            verify(hasher, other, &hash).await,
            Verification::Wrong,
            "{other:?}"
        );
    }
}

pub async fn two_hashes_of_one_password_differ(hasher: &dyn PasswordHasher) {
    let first = hasher.hash(new("open sesame")).await.unwrap();
    let second = hasher.hash(new("open sesame")).await.unwrap();
    assert!(first != second, "each has a salt of its own");
}

pub async fn a_hash_is_a_line_that_does_not_hold_the_password(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("OpenSesame123")).await.unwrap();
    let text = hash.expose();
    assert!(text.starts_with('$') && text.len() <= 512, "a PHC string");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!text.to_lowercase().contains("opensesame123"));
}

pub async fn every_byte_of_a_long_password_counts(hasher: &dyn PasswordHasher) {
    for length in [71, 72, 127, 1023] {
        let begin = "x".repeat(length);
        tells_apart(hasher, &format!("{begin}1"), &format!("{begin}2")).await;
    }
}

pub async fn any_character_is_part_of_a_password(hasher: &dyn PasswordHasher) {
    tells_apart(hasher, "zero\0one two", "zero\0two one").await;
    tells_apart(hasher, "crab \u{1f980} legs", "crab \u{1f981} legs").await;
    tells_apart(
        hasher,
        "\u{540d}\u{524d}\u{540d}\u{524d}12345678",
        "\u{540d}\u{524d}12345678",
    )
    .await;
    tells_apart(hasher, "$argon2id$:'\"\\%", "$argon2id$:'\"\\_").await;
}

pub async fn what_is_no_hash_is_wrong_and_no_error(hasher: &dyn PasswordHasher) {
    let good = hasher.hash(new("open sesame")).await.unwrap();
    let good = good.expose();
    let half = good.get(..good.len() / 2).unwrap_or_default().to_owned();
    let long = format!("{good}{}", "A".repeat(100_000));
    for text in [
        "",
        "$",
        "$$$$",
        "open sesame",
        "$unknown$v=1$c2FsdA$aGFzaA",
        "\u{1f980}",
        &half,
        &long,
    ] {
        let found = verify(hasher, "open sesame", &PasswordHash::new(text)).await;
        assert_eq!(found, Verification::Wrong, "{:.40}", text);
    }
}

/// What no server should compute for anybody.
fn costly() -> Vec<String> {
    let salt = "c29tZXNhbHRzb21lc2FsdA";
    let hash = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE";
    vec![
        format!("$argon2id$v=19$m=4194304,t=1000000,p=1${salt}${hash}"),
        format!("$argon2id$v=19$m=4294967295,t=4294967295,p=16777215${salt}${hash}"),
        format!("$scrypt$ln=40,r=64,p=64${salt}${hash}"),
        "$2b$31$abcdefghijklmnopqrstuuAbCdEfGhIjKlMnOpQrStUvWxYz01234".to_owned(),
        format!("$pbkdf2-sha256$i=4294967295${salt}${hash}"),
        format!("pbkdf2_sha256$4294967295$somesalt${hash}="),
        format!("$6$rounds=999999999$somesalt${}", "a".repeat(86)),
    ]
}

pub async fn a_hash_that_costs_too_much_is_not_computed(hasher: &dyn PasswordHasher) {
    for text in costly() {
        let stored = PasswordHash::new(text.clone());
        let found =
            tokio::time::timeout(Duration::from_secs(20), verify(hasher, "x", &stored)).await;
        assert_eq!(
            found.expect("it is not computed"),
            Verification::Wrong,
            "{text}"
        );
    }
}

/// Generous, since other tests run at the same time: it finds a decoy that
/// does nothing.
pub async fn a_decoy_takes_the_time_of_a_check(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let mut checks = Vec::new();
    let mut decoys = Vec::new();
    for _ in 0..7 {
        let begin = Instant::now();
        verify(hasher, "another one", &hash).await;
        checks.push(begin.elapsed());
        let begin = Instant::now();
        hasher.verify_decoy(attempt("another one")).await.unwrap();
        decoys.push(begin.elapsed());
    }
    let [check, decoy] = [checks, decoys].map(|times| times.into_iter().min().unwrap());
    // Below this nobody can tell from outside.
    let is_measurable = check > Duration::from_millis(2);
    assert!(
        !is_measurable || decoy * 3 > check,
        "{decoy:?} instead of {check:?}"
    );
}

pub async fn many_at_once_are_answered_or_refused(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let asking = (0..24).map(|number| {
        let text = if number % 2 == 0 {
            "open sesame"
        } else {
            "open says me"
        };
        let hash = hash.clone();
        async move { (number % 2 == 0, hasher.verify(attempt(text), hash).await) }
    });
    let mut answered = 0;
    for (is_right, found) in super::all_at_once(asking).await {
        match found {
            Ok(found) => {
                assert_eq!(found == Verification::Right, is_right);
                answered += 1;
            }
            Err(error) => assert_eq!(error.code(), "overloaded"),
        }
    }
    assert!(answered > 0);
    assert_eq!(
        verify(hasher, "open sesame", &hash).await,
        Verification::Right
    );
}

/// Hashes of `Hello world!` as other systems make them, at little cost: libxcrypt,
/// OpenSSL, Django, passlib, and the argon2 of the reference.
const FOREIGN: [&str; 9] = [
    "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK",
    "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    "pbkdf2_sha256$1000$somesalt$BW5Rnr8a02/TCpM5zdI0ZjryvD3I9tw9rx4Nz4Y/zYk=",
    "$pbkdf2-sha256$1000$c29tZXNhbHQ$BW5Rnr8a02/TCpM5zdI0ZjryvD3I9tw9rx4Nz4Y/zYk",
    "$scrypt$ln=10,r=8,p=1$c29tZXNhbHQ$oiy6mnasr0IvUtwcjb4elbFW9A159km0SWADneSbj1I",
    "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$jGr/U/nVfx1BYs7BiHVMV7/LttaLxw5i8pDjEk6daQA",
    "$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHQ$BQZVVfC2/VyX/JSowkkgV6oL+hbE5PdnSO0JGB0XDpQ",
    "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$sWB/ywBX+dXm/eT1QooEZRDisi9hDVruRuwuiWW8kog",
];

/// It need not know any form but its own.
pub async fn what_is_recognised_can_be_verified(hasher: &dyn PasswordHasher) {
    let own = hasher.hash(new("Hello world!")).await.unwrap();
    let own = SecretString::from(own.expose());
    let mut known = vec![hasher.recognise(&own).expect("its own form")];
    let foreign = FOREIGN.map(SecretString::from);
    known.extend(
        foreign
            .iter()
            .filter_map(|text| hasher.recognise(text).ok()),
    );
    for hash in known {
        let form: String = hash.expose().chars().take(12).collect();
        let found = verify(hasher, "Hello world?", &hash).await;
        assert_eq!(found, Verification::Wrong, "{form}");
        match verify(hasher, "Hello world!", &hash).await {
            Verification::Right => {}
            Verification::Outdated(newer) => {
                let found = verify(hasher, "Hello world!", &newer).await;
                assert_eq!(found, Verification::Right, "{form}");
            }
            Verification::Wrong => panic!("{form} was recognised and cannot be verified"),
        }
    }
}

pub async fn a_foreign_hash_that_costs_too_much_is_refused(hasher: &dyn PasswordHasher) {
    for text in costly() {
        let begin = Instant::now();
        let refused = hasher.recognise(&text.as_str().into());
        let broken = refused.expect_err("nobody wants to check it");
        let codes = [ViolationCode::InvalidFormat, ViolationCode::NotAllowed];
        assert!(codes.contains(&broken.code), "{text}: {:?}", broken.code);
        assert!(begin.elapsed() < Duration::from_secs(2), "{text}");
    }
}

pub async fn what_is_not_recognised_is_not_repeated(hasher: &dyn PasswordHasher) {
    let own = hasher.hash(new("open sesame")).await.unwrap();
    let mut texts: Vec<String> = FOREIGN.map(str::to_owned).into();
    texts.extend(costly());
    texts.push(own.expose().to_owned());
    // Cut short, run together, and with something else in every place.
    let cut = texts.iter().flat_map(|text| {
        let places = 0..text.len();
        places.map(|place| text.get(..place).unwrap_or_default().to_owned())
    });
    let mut junk: Vec<String> = cut.collect();
    for text in &texts {
        for odd in [
            "",
            "$",
            "=",
            "\0",
            "-1",
            "99999999999999999999",
            "\u{1f980}",
        ] {
            junk.push(text.replace('$', &format!("${odd}")));
            junk.push(text.replace(char::is_numeric, odd));
        }
        junk.push(text.repeat(2));
    }
    junk.extend(["plain-text-password".to_owned(), "a".repeat(1_000_000)]);
    junk.push(format!("$argon2id${}", "$".repeat(100_000)));
    for text in junk {
        let begin = Instant::now();
        let Err(broken) = hasher.recognise(&text.as_str().into()) else {
            continue;
        };
        assert!(begin.elapsed() < Duration::from_secs(2), "{:.40}", text);
        // A name of a form is shorter than any part that tells something.
        let parts = text.as_bytes().windows(16);
        let is_repeated = parts.take(1000).any(|part| {
            let mut shown = broken.detail.as_bytes().windows(16);
            shown.any(|window| window == part)
        });
        assert!(!is_repeated, "{:.40}: {}", text, broken.detail);
    }
}

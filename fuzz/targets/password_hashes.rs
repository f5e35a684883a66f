//! Password hashes of all forms: what is recognised is stored as it came and
//! can be checked; what is not is never right, and nothing of it is repeated.
//!
//! An input is a hash; or a password, a line break and a hash, which is then
//! checked, unless that takes more than a moment.
#![no_main]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use libfuzzer_sys::fuzz_target;
use userhub_domain::{
    users::{PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::{Broken, ViolationCode},
};
use userhub_infrastructure::crypto::{Argon2Hasher, HashingOptions};
use userhub_testkit::SeededEntropy;

/// Beginnings of hashes that are checked in a millisecond or two.
const CHEAP: [&str; 24] = [
    "$argon2id$v=19$m=8,t=1,p=1$",
    "$argon2i$v=19$m=64,t=2,p=1$",
    "$argon2d$v=16$m=64,t=2,p=2$",
    "argon2$argon2id$v=19$m=16,t=1,p=2$",
    "$2a$04$",
    "$2b$04$",
    "$2y$04$",
    "bcrypt$$2b$04$",
    "bcrypt_sha256$$2b$04$",
    "$bcrypt-sha256$2b,4$",
    "$bcrypt-sha256$v=2,t=2b,r=4$",
    "$scrypt$ln=1,",
    "$scrypt$ln=4,r=2,p=3$",
    "scrypt$2$",
    "$pbkdf2$1$",
    "$pbkdf2$i=1$",
    "$pbkdf2-sha1$i=1,",
    "$pbkdf2-sha256$10$",
    "$pbkdf2-sha512$1$",
    "$pbkdf2-sha512$i=1,",
    "pbkdf2_sha1$1$",
    "pbkdf2_sha256$1$",
    "$5$rounds=1000$",
    "$6$rounds=1000$",
];

static HASHER: LazyLock<Argon2Hasher> = LazyLock::new(|| {
    let options = HashingOptions {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        slots: 1,
        max_wait: Duration::from_secs(5),
    };
    Argon2Hasher::new(options, Arc::new(SeededEntropy::default())).expect("a hasher")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (password, hash) = match text.split_once('\n') {
        Some((password, hash)) => (Some(password), hash),
        None => (None, text),
    };
    let recognised = HASHER.recognise(&hash.into());
    match &recognised {
        Ok(stored) => {
            assert_eq!(stored.expose(), hash);
            assert!(hash.len() <= 512 && hash.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        Err(broken) => repeats_nothing(broken),
    }
    let is_checked = recognised.is_err() || CHEAP.iter().any(|form| hash.starts_with(form));
    if let Some(password) = password.filter(|password| is_checked && password.len() <= 100) {
        check(password, hash, recognised.is_ok());
    }
});

fn repeats_nothing(broken: &Broken) {
    assert!(matches!(
        broken.code,
        ViolationCode::InvalidFormat | ViolationCode::NotAllowed
    ));
    let form = broken
        .detail
        .trim_start_matches("is of the form ")
        .trim_start_matches("is no readable ")
        .trim_start_matches("is a ")
        .trim_end_matches(", which is not supported")
        .trim_end_matches(" hash")
        .trim_end_matches(" hash that would cost too much memory or time to check");
    assert!(
        form == "is of an unknown form" || form.len() <= 40,
        "{}",
        broken.detail
    );
}

fn check(password: &str, hash: &str, is_recognised: bool) {
    let verify = |hash: PasswordHash| {
        let attempt = PasswordAttempt::parse(&password.into()).expect("a short password");
        pollster::block_on(HASHER.verify(attempt, hash)).expect("never an error")
    };
    match verify(PasswordHash::new(hash)) {
        Verification::Wrong => {}
        Verification::Right => assert!(is_recognised && hash.starts_with("$argon2id$")),
        Verification::Outdated(today) => {
            assert!(is_recognised && today.expose().starts_with("$argon2id$"));
            assert_eq!(verify(today), Verification::Right);
        }
    }
}

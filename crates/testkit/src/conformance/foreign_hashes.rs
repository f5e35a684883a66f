//! What a password hasher owes to the hashes of other systems.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::time::{Duration, Instant};

use secrecy::SecretString;
use userhub_domain::{
    users::{PasswordHash, PasswordHasher, Verification},
    violation::ViolationCode,
};

use super::password_hasher::{new, verify};

/// What no server should compute for anybody.
pub(super) fn costly() -> Vec<String> {
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

/// Hashes of a password with an a and its ring, by systems that do not
/// normalise.
const AS_SENT: [&str; 7] = [
    "$2b$04$abcdefghijklmnopqrstuuBoPCBJHi99lAqNEgIXE0DcZKnbzULuO",
    "$5$saltstring$1QET7kx6/zlSmB.Lnqes2YGAuXl8X/5CumYtOBxznc1",
    "$6$saltstring$E3OCPNKLxQunww14AlVs0A71bcYFLFYUDXNaN70rKXexF8pcjICBaQBK2K6kIxzcvGW6wfTJS6n/DWW7f7z5n.",
    "pbkdf2_sha256$1000$somesalt$B2oZzkMrT7fEXvp4xOOkOxhVBRM9PX/PTHu5iEY8VyI=",
    "$pbkdf2-sha256$1000$c29tZXNhbHQ$B2oZzkMrT7fEXvp4xOOkOxhVBRM9PX/PTHu5iEY8VyI",
    "$scrypt$ln=10,r=8,p=1$c29tZXNhbHQ$44W6aKKQ5ku1bPzNzRWppYHzOt+EMl1Ba9l3D54/g4s",
    "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$OAcP+GmK8aitEhiOqOfHvt0xZOpDtMJAuh9oQ74eAoY",
];

fn form(hash: &PasswordHash) -> String {
    hash.expose().chars().take(12).collect()
}

/// As it stands, or with a newer hash of the same password.
async fn is_right(hasher: &dyn PasswordHasher, text: &str, hash: &PasswordHash) {
    let form = form(hash);
    match verify(hasher, text, hash).await {
        Verification::Right => {}
        Verification::Outdated(newer) => {
            let found = verify(hasher, text, &newer).await;
            assert_eq!(found, Verification::Right, "{form}");
        }
        Verification::Wrong => panic!("{form} was recognised and cannot be verified"),
    }
}

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
        let found = verify(hasher, "Hello world?", &hash).await;
        assert_eq!(found, Verification::Wrong, "{}", form(&hash));
        is_right(hasher, "Hello world!", &hash).await;
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
        let shown: &str = &broken.detail;
        let mut parts = (0..shown.len()).filter_map(|place| shown.get(place..place + 16));
        let is_repeated = parts.any(|part| text.contains(part));
        assert!(!is_repeated, "{:.40}: {}", text, broken.detail);
    }
}

pub async fn a_foreign_hash_is_compared_with_what_was_sent(hasher: &dyn PasswordHasher) {
    for text in AS_SENT.map(SecretString::from) {
        if let Ok(hash) = hasher.recognise(&text) {
            is_right(hasher, "sa\u{30a}same 12", &hash).await;
            let found = verify(hasher, "sasame 12", &hash).await;
            assert_eq!(found, Verification::Wrong, "{}", form(&hash));
        }
    }
}

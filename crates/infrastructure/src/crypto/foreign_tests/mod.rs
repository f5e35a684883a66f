//! Hashes of other systems: every golden one is recognised, checked and
//! replaced; nothing else is.

mod properties;
mod refusals;

use std::sync::Arc;

use userhub_domain::{
    users::{PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::Broken,
};

use super::{
    Argon2Hasher, HashingOptions,
    argon2_hash::Ceilings,
    stored_hash::{StoredHash, Unusable},
};
use crate::clock::SystemEntropy;

const GOLDEN: &str = include_str!("../../../tests/golden/foreign_hashes.txt");

/// Passwords and hashes that other programs made of them.
fn golden() -> Vec<(String, &'static str)> {
    let lines = GOLDEN.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (password, hash) = line.rsplit_once(' ').unwrap();
            (serde_json::from_str(password).unwrap(), hash)
        })
        .collect()
}

/// Those that are checked in no time, for tests that check many.
fn cheap() -> Vec<(String, &'static str)> {
    let costly = [
        "$2y$10$",
        "$2b$12$",
        "ln=14",
        "ln=16",
        "scrypt$16384$",
        "rounds=5",
        "rounds=6",
        "rounds=100000$",
        "$1000000$",
        "m=65536",
        "m=102400",
        "$25000$",
        "m=19456",
    ];
    let mut all = golden();
    all.retain(|(_, hash)| !costly.iter().any(|costly| hash.contains(costly)));
    all
}

fn hasher() -> Argon2Hasher {
    let options = HashingOptions {
        memory_kib: 64,
        iterations: 2,
        parallelism: 1,
        slots: 2,
        ..HashingOptions::default()
    };
    Argon2Hasher::new(options, Arc::new(SystemEntropy)).unwrap()
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::parse(&text.into()).unwrap()
}

async fn verify(password: &str, hash: &str) -> Verification {
    let hash = PasswordHash::new(hash);
    hasher().verify(attempt(password), hash).await.unwrap()
}

fn recognise(text: &str) -> Result<PasswordHash, Broken> {
    hasher().recognise(&text.into())
}

fn parse(text: &str) -> Result<StoredHash, Unusable> {
    StoredHash::parse(text, &Ceilings::above(&argon2::Params::DEFAULT))
}

fn is_of(password: &str, hash: &str) -> bool {
    match parse(hash) {
        Ok(StoredHash::Foreign(hash)) => hash.is_of(password),
        Ok(StoredHash::Argon2(_)) | Err(_) => false,
    }
}

#[tokio::test]
async fn every_golden_hash_is_recognised_checked_and_replaced() {
    let hasher = hasher();
    let all = golden();
    assert!(all.len() > 150, "{}", all.len());
    for (password, text) in all {
        let hash = hasher.recognise(&text.into()).unwrap();
        assert_eq!(hash.expose(), text);
        let verified = hasher.verify(attempt(&password), hash.clone()).await;
        let own_parameters = text.contains("argon2id$v=19$");
        match verified.unwrap() {
            Verification::Outdated(renewed) => {
                assert!(renewed.expose().starts_with("$argon2id$v=19$m=64,"));
                let again = hasher.verify(attempt(&password), renewed).await;
                assert_eq!(again.unwrap(), Verification::Right, "{text}");
            }
            Verification::Right => assert!(own_parameters, "{text}"),
            Verification::Wrong => panic!("{text}"),
        }
        let wrong = hasher.verify(attempt("marble tundra violin oat"), hash);
        assert_eq!(wrong.await.unwrap(), Verification::Wrong, "{text}");
    }
}

#[tokio::test]
async fn a_password_is_tried_normalised_and_as_it_was_sent() {
    let (composed, decomposed) = ("Grüße aus Köln", "Gru\u{308}ße aus Ko\u{308}ln");
    let of = |password: &str| {
        let made = ::bcrypt::bcrypt(
            4,
            *b"0123456789abcdef",
            &[password.as_bytes(), b"\0"].concat(),
        );
        let engine = base64::engine::GeneralPurpose::new(
            &base64::alphabet::BCRYPT,
            base64::engine::general_purpose::NO_PAD,
        );
        let encode = |bytes: &[u8]| base64::Engine::encode(&engine, bytes);
        format!(
            "$2b$04${}{}",
            encode(b"0123456789abcdef"),
            encode(&made[..23])
        )
    };
    // What was stored, what is sent, whether it is right.
    for (stored, sent, right) in [
        (composed, composed, true),
        (composed, decomposed, true),
        (decomposed, decomposed, true),
        // Nobody can tell how another system had been sent it.
        (decomposed, composed, false),
    ] {
        let verified = verify(sent, &of(stored)).await;
        assert_eq!(
            matches!(verified, Verification::Outdated(_)),
            right,
            "{stored:?} {sent:?}"
        );
        if let Verification::Outdated(renewed) = verified {
            for spelling in [composed, decomposed] {
                let again = verify(spelling, renewed.expose()).await;
                assert_eq!(again, Verification::Right);
            }
        }
    }
}

#[tokio::test]
async fn an_argon2id_hash_of_what_was_not_normalised_is_replaced() {
    let decomposed = "Gru\u{308}ße aus Ko\u{308}ln, su\u{308}ß";
    let stored = golden()
        .into_iter()
        .find(|(password, hash)| password == decomposed && hash.contains("m=19456,t=2,p=1"));
    let (_, hash) = stored.unwrap();
    let Verification::Outdated(renewed) = verify(decomposed, hash).await else {
        panic!("not outdated, though its spelling is another system's");
    };
    for spelling in [decomposed, "Grüße aus Köln, süß"] {
        assert_eq!(
            verify(spelling, renewed.expose()).await,
            Verification::Right
        );
    }
}

#[test]
fn bcrypt_cuts_where_its_origin_did_and_over_a_sha_256_nowhere() {
    let long = "0123456789".repeat(8);
    let (within, beyond) = (format!("{}x", &long[..71]), format!("{}x", &long[..79]));
    let mut seen = (0, 0);
    for (password, hash) in cheap() {
        if password != long || !hash.contains("$2") && !hash.starts_with("$bcrypt-sha256$") {
            continue;
        }
        assert!(is_of(&long, hash), "{hash}");
        assert!(!is_of(&within, hash), "{hash}");
        let cuts = hash.starts_with("$2");
        assert_eq!(is_of(&beyond, hash), cuts, "{hash}");
        assert_eq!(is_of(&long[..72], hash), cuts, "{hash}");
        if cuts { seen.0 += 1 } else { seen.1 += 1 }
    }
    assert!(seen.0 >= 6 && seen.1 >= 2, "{seen:?}");
}

#[test]
fn nul_is_a_character_like_any_other() {
    for (password, hash) in cheap() {
        let with_nul = format!("{password}\0x");
        if !hash.starts_with("$2") || password.len() < 70 {
            assert!(!is_of(&with_nul, hash), "{hash}");
        }
        let _ = is_of("\0", hash);
        let _ = is_of(&"\0".repeat(1024), hash);
    }
}

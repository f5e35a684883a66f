//! What is refused, and that a refusal gives nothing away.

use userhub_domain::{users::Verification, violation::ViolationCode};

use super::{golden, is_of, recognise, verify};

#[test]
fn what_would_cost_too_much_is_not_allowed() {
    let bcrypt = "abcdefghijklmnopqrstuu3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG";
    let output = "CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4";
    let sha_crypt = "YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9";
    let within = [
        format!("$2b$14${bcrypt}"),
        format!("$scrypt$ln=17,r=8,p=1$${output}"),
        format!("$scrypt$ln=14,r=8,p=8$${output}"),
        format!("$pbkdf2-sha256$i=2500000$${output}"),
        format!("pbkdf2_sha256$1500000$salt${output}="),
        format!("$5$rounds=1000000$salt${sha_crypt}"),
    ];
    for text in within {
        assert!(recognise(&text).is_ok(), "{text}");
    }
    let beyond = [
        format!("$2b$15${bcrypt}"),
        format!("$2b$31${bcrypt}"),
        format!("bcrypt_sha256$$2b$15${bcrypt}"),
        format!(
            "$bcrypt-sha256$v=2,t=2b,r=15${}${}",
            &bcrypt[..22],
            &bcrypt[22..]
        ),
        format!("$scrypt$ln=18,r=8,p=1$${output}"),
        format!("$scrypt$ln=17,r=8,p=2$${output}"),
        format!("$scrypt$ln=10,r=8,p=4294967295$${output}"),
        format!("$scrypt$ln=1,r=4294967295,p=4294967295$${output}"),
        format!("$scrypt$ln=64,r=8,p=1$${output}"),
        format!("$scrypt$ln=4294967295,r=8,p=1$${output}"),
        format!("scrypt$2147483648$salt$8$1${output}="),
        format!("$pbkdf2-sha256$i=2500001$${output}"),
        format!("$pbkdf2$i=1250001$${output}"),
        format!("$pbkdf2-sha512$4294967295$${output}"),
        format!("$5$rounds=1000001$salt${sha_crypt}"),
        format!("$5$rounds=999999999$salt${sha_crypt}"),
        format!("$argon2id$v=19$m=8388608,t=1,p=1$c2FsdHNhbHQ${output}"),
    ];
    for text in beyond {
        let broken = recognise(&text).unwrap_err();
        assert_eq!(broken.code, ViolationCode::NotAllowed, "{text}");
    }
}

#[tokio::test]
async fn what_stands_in_the_database_beyond_the_ceilings_is_wrong() {
    let (password, hash) = (
        "",
        "$2b$31$abcdefghijklmnopqrstuu3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG",
    );
    assert_eq!(verify(password, hash).await, Verification::Wrong);
}

#[test]
fn unreadable_and_unknown_texts_are_refused_by_name_and_not_repeated() {
    for (text, name) in [
        ("$2b$12$tooshort", "bcrypt"),
        (
            "$2b$3$abcdefghijklmnopqrstuu3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG",
            "bcrypt",
        ),
        (
            "$2b$+4$abcdefghijklmnopqrstuu3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG",
            "bcrypt",
        ),
        // Bits that mean nothing are zero in what bcrypt writes.
        (
            "$2b$04$abcdefghijklmnopqrstuv3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG",
            "bcrypt",
        ),
        (
            "$bcrypt-sha256$v=3,t=2b,r=4$y6YHlS49/NF7hTVlqfUHO.$K0DV/P8a7dW5Z4BumAUwcCxv7vPpPc6",
            "bcrypt",
        ),
        ("$scrypt$ln=5,r=8$salt$hash", "scrypt"),
        (
            "$scrypt$ln=0,r=8,p=1$c2FsdA$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "scrypt",
        ),
        (
            "$scrypt$ln=05,r=8,p=1$c2FsdA$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "scrypt",
        ),
        (
            "$pbkdf2-sha256$010$c2FsdA$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "PBKDF2",
        ),
        (
            "$5$rounds=01000$salt$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9",
            "SHA-crypt",
        ),
        (
            "scrypt$1000$salt$8$1$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4=",
            "scrypt",
        ),
        (
            "$pbkdf2-sha256$0$c2FsdA$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "PBKDF2",
        ),
        (
            "$pbkdf2-sha256$i=10,l=33$c2FsdA$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "PBKDF2",
        ),
        ("$pbkdf2-sha256$10$c2FsdA$CuNS", "PBKDF2"),
        ("pbkdf2_sha256$10$salt", "PBKDF2"),
        (
            "$5$rounds=999$salt$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9",
            "SHA-crypt",
        ),
        (
            "$5$rounds=$salt$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9",
            "SHA-crypt",
        ),
        (
            "$5$seventeenletters!$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9",
            "SHA-crypt",
        ),
        (
            "$6$salt$YdT5fDh4j59X4gURX4OT/GEOPrQOCZVFNJ3r25hjwx9",
            "SHA-crypt",
        ),
        ("$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ", "argon2"),
        (
            "argon2$argon2x$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$CuNSZcNsnnbSjCC7Cgl5pByDO2bHpPdcFPEFZFRSSR4",
            "argon2",
        ),
        (
            "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
            "md5-crypt, which is not supported",
        ),
        (
            "{SSHA}x1yBUBUIkYmv6JkWrIkmcJRc5vcyVpRQ",
            "LDAP {SSHA}, which",
        ),
        (
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
            "unsalted SHA-1, which",
        ),
        ("", "unknown form"),
        ("hunter2 in plain text", "unknown form"),
        (
            "$2b$04$abcdefghijklmnopqrstuu3WzwsPqp0Ylc2vGrUMAQiuF1TnBvwTG\n",
            "unknown form",
        ),
    ] {
        let broken = recognise(text).unwrap_err();
        assert_eq!(broken.code, ViolationCode::InvalidFormat, "{text}");
        assert!(broken.detail.contains(name), "{text}: {}", broken.detail);
        let long_parts = text.split(['$', '}']).filter(|part| part.len() > 8);
        for part in long_parts {
            assert!(!broken.detail.contains(part), "{text}: {}", broken.detail);
        }
    }
    assert!(recognise(&"a".repeat(10_000_000)).is_err());
    assert!(recognise(&"$".repeat(512)).is_err());
}

#[test]
fn sha_crypt_does_not_try_a_password_whose_length_would_cost_seconds() {
    let hash = golden()
        .into_iter()
        .find(|(_, hash)| hash.starts_with("$6$rounds=656000"));
    let (_, hash) = hash.unwrap();
    let hash = hash.replace("656000", "1000000");
    let started = std::time::Instant::now();
    assert!(!is_of(&"x".repeat(1024), &hash));
    assert!(started.elapsed() < std::time::Duration::from_millis(50));
}

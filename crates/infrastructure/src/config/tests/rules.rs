//! What each setting may be.

use super::*;

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let both = errors(&[("PORT", "1"), ("USERHUB__SERVER__PORT", "2")]);
    assert_eq!(
        both,
        ["PORT and USERHUB__SERVER__PORT: contradict each other; set only one"]
    );
    assert_eq!(
        load(&[("PORT", "1"), ("USERHUB__SERVER__PORT", "1")])
            .server
            .port,
        1
    );
    assert_eq!(
        load(&[
            ("DATABASE_URL", ""),
            ("USERHUB__DATABASE__URL", "sqlite://a.db")
        ])
        .database
        .display_url(),
        "sqlite://a.db"
    );
    refused(
        "USERHUB__TOKENS__SECRET",
        &[("USERHUB__TOKENS__SECRET", SECRET)],
    );
    refused(
        "USERHUB__TOKENS__REFRESH_TTL",
        &[("USERHUB__TOKENS__REFRESH_TTL", "31d")],
    );
    refused(
        "USERHUB__TOKENS__ACCESS_TTL",
        &[
            ("USERHUB__TOKENS__ACCESS_TTL", "1h"),
            ("USERHUB__TOKENS__REFRESH_TTL", "30m"),
        ],
    );
    let key = "-----BEGIN PRIVATE KEY-----";
    let hs256 = [
        ("USERHUB__TOKENS__ALGORITHM", "HS256"),
        ("USERHUB__TOKENS__SECRET", SECRET),
        ("USERHUB__TOKENS__SIGNING_KEY", key),
    ];
    refused("USERHUB__TOKENS__SIGNING_KEY", &hs256);
}

#[test]
fn an_hs256_secret_must_be_there_and_be_random() {
    let settings = load(&[
        ("USERHUB__TOKENS__ALGORITHM", "HS256"),
        ("USERHUB__TOKENS__SECRET", SECRET),
    ]);
    assert_eq!(settings.tokens.secret.unwrap().expose_secret(), SECRET);
    let lines = errors(&[("USERHUB__TOKENS__ALGORITHM", "HS256")]);
    assert!(
        lines[0].starts_with("USERHUB__TOKENS__SECRET: must be set"),
        "{lines:?}"
    );
    for secret in [
        "",
        "secret",
        "changeme",
        &SECRET[..31],
        "your-secret-key-change-in-production-please",
    ] {
        for algorithm in ["HS256", "EdDSA"] {
            let lines = errors(&[
                ("USERHUB__TOKENS__ALGORITHM", algorithm),
                ("USERHUB__TOKENS__SECRET", secret),
            ]);
            assert!(
                lines
                    .iter()
                    .all(|line| line.starts_with("USERHUB__TOKENS__SECRET: ")),
                "{lines:?}"
            );
            assert!(
                secret.len() < 9 || !lines.join(" ").contains(secret),
                "{lines:?}"
            );
        }
    }
}

#[test]
fn a_signing_key_must_fit_its_algorithm() {
    let ed25519 = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIIlPnp0qapx4j0cwC+FKej7fOHWHo8TiwR/mMaQ5meVY\\n-----END PRIVATE KEY-----";
    let p256 = "-----BEGIN PRIVATE KEY-----\\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBWAkA+jLPPAy64sK\\nb0dasDewaC5gn/AR3S5X2F4tsQShRANCAATaeS7TcZ4ILc7XN3Pqt4wc1euk1mJv\\no6IJNyDHx26piMB0wFCYum5yZgDTPa4Aw/E1MU/Bk2BtU2rLCJbQfDj1\\n-----END PRIVATE KEY-----";
    let settings = load(&[("USERHUB__TOKENS__SIGNING_KEY", ed25519)]);
    assert_eq!(
        settings
            .tokens
            .signing_key
            .unwrap()
            .expose_secret()
            .lines()
            .count(),
        3
    );
    refused(
        "USERHUB__TOKENS__SIGNING_KEY",
        &[
            ("USERHUB__TOKENS__ALGORITHM", "ES256"),
            ("USERHUB__TOKENS__SIGNING_KEY", ed25519),
        ],
    );
    refused(
        "USERHUB__TOKENS__SIGNING_KEY",
        &[("USERHUB__TOKENS__SIGNING_KEY", p256)],
    );
    load(&[
        ("USERHUB__TOKENS__ALGORITHM", "ES256"),
        ("USERHUB__TOKENS__SIGNING_KEY", p256),
    ]);
    for key in [
        "-----BEGIN EC PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "rubbish",
    ] {
        refused(
            "USERHUB__TOKENS__SIGNING_KEY",
            &[("USERHUB__TOKENS__SIGNING_KEY", key)],
        );
    }
}

#[test]
fn production_refuses_what_development_warns_of() {
    let weak = [
        ("USERHUB__HASHING__MEMORY_KIB", "8192"),
        ("USERHUB__HASHING__ITERATIONS", "2"),
    ];
    let settings = load(&weak);
    assert!(
        settings.warnings()[0].starts_with("USERHUB__HASHING__MEMORY_KIB: weaker"),
        "{:?}",
        settings.warnings()
    );
    refused(
        "USERHUB__HASHING__MEMORY_KIB",
        &[weak[0], weak[1], ("USERHUB__ENVIRONMENT", "production")],
    );
    let everybody = ("USERHUB__SERVER__TRUSTED_PROXIES", "0.0.0.0/0");
    assert_eq!(load(&[everybody]).warnings().len(), 1);
    refused(
        everybody.0,
        &[everybody, ("USERHUB__ENVIRONMENT", "production")],
    );
    let plain = (
        "USERHUB__SERVER__PUBLIC_URL",
        "http://users.example.org/hub/",
    );
    assert_eq!(
        load(&[plain]).server.public_url.as_deref(),
        Some("http://users.example.org/hub")
    );
    refused(plain.0, &[plain, ("USERHUB__ENVIRONMENT", "production")]);
    refused(
        "USERHUB__SERVER__CORS_ORIGINS",
        &[
            ("USERHUB__SERVER__CORS_ORIGINS", "http://localhost:3000"),
            ("USERHUB__ENVIRONMENT", "production"),
        ],
    );
}

#[test]
fn hashing_keeps_its_bounds() {
    for (memory, iterations, enough) in [
        ("19456", "2", true),
        ("12288", "3", true),
        ("9216", "4", true),
        ("7168", "5", true),
        ("47104", "1", true),
        ("19455", "2", false),
        ("47103", "1", false),
        ("7167", "9", false),
    ] {
        let settings = load(&[
            ("USERHUB__HASHING__MEMORY_KIB", memory),
            ("USERHUB__HASHING__ITERATIONS", iterations),
        ]);
        assert_eq!(
            settings.hashing.meets_owasp_floor(),
            enough,
            "{memory} {iterations}"
        );
    }
    refused(
        "USERHUB__HASHING__MEMORY_KIB",
        &[
            ("USERHUB__HASHING__MEMORY_KIB", "31"),
            ("USERHUB__HASHING__PARALLELISM", "4"),
        ],
    );
    assert_eq!(
        load(&[("USERHUB__HASHING__SLOTS", "0")]).hashing.slots,
        None
    );
    assert_eq!(
        load(&[("USERHUB__HASHING__SLOTS", "3")]).hashing.slots,
        Some(3)
    );
}

#[test]
fn the_encryption_key_is_32_bytes_in_base64() {
    let key = "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=";
    let settings = load(&[("USERHUB__SECRETS__ENCRYPTION_KEY", key)]);
    assert_eq!(
        settings
            .secrets
            .encryption_key
            .unwrap()
            .expose_secret()
            .len(),
        32
    );
    for wrong in [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "3q2+7wABAgM=",
        "not base64",
        "",
    ] {
        refused(
            "USERHUB__SECRETS__ENCRYPTION_KEY",
            &[("USERHUB__SECRETS__ENCRYPTION_KEY", wrong)],
        );
    }
}

//! Signing and verifying, and which keys will do.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta};
use secrecy::{ExposeSecret as _, SecretString};
use userhub_domain::{
    clock::Timestamp,
    sessions::{AccessClaims, AccessTokenId, AccessTokens, SessionId},
    users::{Role, UserId},
};
use userhub_testkit::FixedClock;
use uuid::Uuid;

use super::{JwtTokens, KeyDirectory, MemoryKeyDirectory, SigningMethod, TokenOptions};

pub(super) const SECRET: &str = "mQ4r9vXw2LkT7pZs8NfYb3HcJd6GeA1u";

pub(super) fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(super) fn claims() -> AccessClaims {
    AccessClaims {
        id: AccessTokenId::from_uuid(Uuid::from_u128(1)),
        user_id: UserId::from_uuid(Uuid::from_u128(2)),
        session_id: SessionId::from_uuid(Uuid::from_u128(3)),
        role: Role::Admin,
        issued_at: now(),
        expires_at: now() + TimeDelta::minutes(15),
    }
}

pub(super) fn options(signing: SigningMethod) -> TokenOptions {
    TokenOptions {
        signing,
        issuer: "userhub".to_owned(),
        audience: "userhub".to_owned(),
        access_ttl: Duration::from_secs(900),
    }
}

pub(super) fn eddsa() -> SigningMethod {
    SigningMethod::EdDsa { key: None }
}

pub(super) fn es256() -> SigningMethod {
    SigningMethod::Es256 { key: None }
}

pub(super) fn hs256() -> SigningMethod {
    SigningMethod::Hs256 {
        secret: SECRET.into(),
    }
}

pub(super) fn instance(signing: SigningMethod, directory: &MemoryKeyDirectory) -> JwtTokens {
    let clock = Arc::new(FixedClock::at(now()));
    JwtTokens::new(options(signing), Arc::new(directory.clone()), clock).unwrap()
}

pub(super) async fn signed(tokens: &JwtTokens, claims: &AccessClaims) -> String {
    tokens
        .sign(claims)
        .await
        .unwrap()
        .expose_secret()
        .to_owned()
}

fn pem(der: impl AsRef<[u8]>) -> SecretString {
    let base64 = STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n").into()
}

fn part(token: &str, index: usize) -> serde_json::Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_signed_is_verified_with_every_algorithm() {
    for (signing, name) in [(eddsa(), "EdDSA"), (es256(), "ES256"), (hs256(), "HS256")] {
        let tokens = instance(signing, &MemoryKeyDirectory::default());
        let token = signed(&tokens, &claims()).await;
        assert_eq!(
            tokens.verify(&token).await.unwrap(),
            Some(claims()),
            "{name}"
        );
        assert_eq!(
            tokens.verify(&token).await.unwrap(),
            Some(claims()),
            "{name}, remembered"
        );
        assert!(token.len() < 700, "{name}: {}", token.len());
        let header = part(&token, 0);
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&"at+jwt".into(), &name.into())
        );
        assert_eq!(header["kid"].is_string(), name != "HS256");
    }
}

#[tokio::test]
async fn a_token_says_what_the_contract_says_and_no_more() {
    let token = signed(
        &instance(eddsa(), &MemoryKeyDirectory::default()),
        &claims(),
    )
    .await;
    assert_eq!(
        part(&token, 1),
        serde_json::json!({
            "iss": "userhub", "aud": "userhub", "client_id": "userhub",
            "jti": "00000000-0000-0000-0000-000000000001",
            "sub": "00000000-0000-0000-0000-000000000002",
            "sid": "00000000-0000-0000-0000-000000000003",
            "role": "admin", "iat": 1_800_000_000, "exp": 1_800_000_900,
        })
    );
}

#[tokio::test]
async fn time_is_not_judged_here() {
    let tokens = instance(eddsa(), &MemoryKeyDirectory::default());
    let old = AccessClaims {
        issued_at: now() - TimeDelta::days(9),
        expires_at: now() - TimeDelta::days(8),
        ..claims()
    };
    let token = signed(&tokens, &old).await;
    assert_eq!(tokens.verify(&token).await.unwrap(), Some(old));
}

#[tokio::test]
async fn instances_verify_each_other_and_one_of_another_algorithm() {
    let directory = MemoryKeyDirectory::default();
    let (first, second, third) = (
        instance(eddsa(), &directory),
        instance(eddsa(), &directory),
        instance(es256(), &directory),
    );
    for signer in [&first, &second, &third] {
        let token = signed(signer, &claims()).await;
        for verifier in [&first, &second, &third] {
            assert_eq!(verifier.verify(&token).await.unwrap(), Some(claims()));
        }
    }
    let apart = instance(eddsa(), &MemoryKeyDirectory::default());
    assert_eq!(
        apart
            .verify(&signed(&first, &claims()).await)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn the_key_set_has_all_keys_and_only_public_members() {
    let directory = MemoryKeyDirectory::default();
    let (first, second) = (instance(eddsa(), &directory), instance(es256(), &directory));
    assert_eq!(
        first.verification_keys().await.unwrap().len(),
        1,
        "its own, published or not"
    );
    first.publish(now()).await.unwrap();
    second.publish(now()).await.unwrap();
    let keys = first.verification_keys().await.unwrap();
    assert_eq!(keys, second.verification_keys().await.unwrap());
    let members: BTreeSet<_> = keys
        .iter()
        .map(|key| {
            let names: Vec<_> = key
                .parameters
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            (key.algorithm.as_str(), names.join(" "))
        })
        .collect();
    let expected = [
        ("EdDSA", "crv kty x".to_owned()),
        ("ES256", "crv kty x y".to_owned()),
    ];
    assert_eq!(members, BTreeSet::from(expected));
    for row in directory.list(now()).await.unwrap() {
        assert!(!row.jwk.contains("\"d\""), "{}", row.jwk);
        assert!(keys.iter().any(|key| key.id == row.kid));
    }
    assert!(
        instance(hs256(), &directory)
            .verification_keys()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_configured_key_is_the_same_after_a_restart() {
    let ed = Ed25519KeyPair::generate().unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .unwrap()
        .to_pkcs8v1()
        .unwrap();
    let methods = [
        SigningMethod::EdDsa {
            key: Some(pem(ed.to_pkcs8v1().unwrap())),
        },
        SigningMethod::EdDsa {
            key: Some(pem(ed.to_pkcs8().unwrap())),
        },
        SigningMethod::Es256 { key: Some(pem(ec)) },
    ];
    for method in methods {
        let directory = MemoryKeyDirectory::default();
        let before = instance(method.clone(), &directory);
        let token = signed(&before, &claims()).await;
        let after = instance(method, &MemoryKeyDirectory::default());
        assert_eq!(after.verify(&token).await.unwrap(), Some(claims()));
        signed(&instance(eddsa(), &directory), &claims()).await;
        assert_eq!(directory.list(now()).await.unwrap().len(), 2);
    }
}

#[test]
fn a_key_that_does_not_fit_is_refused_without_showing_it() {
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)
        .unwrap()
        .to_pkcs8v1()
        .unwrap();
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .unwrap()
        .to_pkcs8v1()
        .unwrap();
    let ed = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let refused = [
        (
            SigningMethod::Es256 {
                key: Some(pem(p384)),
            },
            "tokens.signing_key",
        ),
        (
            SigningMethod::Es256 { key: Some(pem(ed)) },
            "tokens.signing_key",
        ),
        (
            SigningMethod::EdDsa {
                key: Some(pem(p256)),
            },
            "tokens.signing_key",
        ),
        (
            SigningMethod::EdDsa {
                key: Some(pem(b"hunter2")),
            },
            "tokens.signing_key",
        ),
        (
            SigningMethod::EdDsa {
                key: Some("hunter2".into()),
            },
            "tokens.signing_key",
        ),
        (
            SigningMethod::EdDsa {
                key: Some("".into()),
            },
            "tokens.signing_key",
        ),
        (
            SigningMethod::Hs256 {
                secret: "hunter2hunter2hunter2hunter2hun".into(),
            },
            "tokens.secret",
        ),
        (SigningMethod::Hs256 { secret: "".into() }, "tokens.secret"),
    ];
    for (method, setting) in refused {
        assert!(!format!("{:?}", options(method.clone())).contains("hunter2"));
        let directory = Arc::new(MemoryKeyDirectory::default());
        let error = JwtTokens::new(options(method), directory, Arc::new(FixedClock::at(now())))
            .unwrap_err();
        assert_eq!(error.setting, setting);
        assert!(
            error.to_string().starts_with(setting) && !error.to_string().contains("hunter2"),
            "{error}"
        );
    }
}

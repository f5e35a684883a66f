//! Tokens that look almost right.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use userhub_domain::sessions::{AccessTokens, VerificationKey};

use super::{
    JwtTokens, MemoryKeyDirectory, Signing,
    tests::{SECRET, claims, eddsa, es256, hs256, instance, signed},
};

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Header, payload and signature of a good token.
async fn good(tokens: &JwtTokens) -> (Value, Value, String) {
    let token = signed(tokens, &claims()).await;
    let mut parts = token.split('.');
    let mut next = || parts.next().unwrap().to_owned();
    (decode(&next()), decode(&next()), next())
}

/// Signs any header and payload, as only the holder of the key could.
fn sign_as(tokens: &JwtTokens, header: &Value, payload: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let (key, algorithm) = match &tokens.signing {
        Signing::Own(own) => (&own.pair.signing, own.pair.public.curve.algorithm()),
        Signing::Shared { signing, .. } => (signing, Algorithm::HS256),
    };
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn hmac(header: &Value, payload: &Value, secret: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn with(value: &Value, member: &str, new: Value) -> Value {
    let mut value = value.clone();
    value[member] = new;
    value
}

async fn assert_refused(tokens: &JwtTokens, token: &str) {
    assert_eq!(
        tokens.verify(token).await.unwrap(),
        None,
        "{}",
        &token[..token.len().min(300)]
    );
}

#[tokio::test]
async fn nothing_but_the_key_s_own_algorithm() {
    for method in [eddsa(), es256(), hs256()] {
        let tokens = instance(method, &MemoryKeyDirectory::default());
        let (header, payload, signature) = good(&tokens).await;
        for alg in [
            "none", "None", "NONE", "nOnE", "", "EdDSA ", "RS256", "PS256", "ES384", "HS384",
            "HS512", "eddsa",
        ] {
            let header = with(&header, "alg", alg.into());
            let message = format!("{}.{}", encode(&header), encode(&payload));
            for token in [
                format!("{message}."),
                format!("{message}.{signature}"),
                message,
            ] {
                assert_refused(&tokens, &token).await;
            }
            assert_refused(&tokens, &sign_as(&tokens, &header, &payload)).await;
        }
        for alg in [Value::Null, json!(["EdDSA"]), json!(1), json!({})] {
            assert_refused(
                &tokens,
                &sign_as(&tokens, &with(&header, "alg", alg), &payload),
            )
            .await;
        }
        // The same construction with nothing changed is good, so the above says something.
        assert!(
            tokens
                .verify(&sign_as(&tokens, &header, &payload))
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    for method in [eddsa(), es256()] {
        let directory = MemoryKeyDirectory::default();
        let tokens = instance(method, &directory);
        let (header, payload, _) = good(&tokens).await;
        let keys: Vec<VerificationKey> = tokens.verification_keys().await.unwrap();
        let x = &keys[0]
            .parameters
            .iter()
            .find(|(name, _)| name == "x")
            .unwrap()
            .1;
        let jwk = super::key::PublicKey::to_json(match &tokens.signing {
            Signing::Own(own) => &own.pair.public,
            Signing::Shared { .. } => unreachable!(),
        });
        let raw = URL_SAFE_NO_PAD.decode(x).unwrap();
        let secrets: [&[u8]; 8] = [
            x.as_bytes(),
            &raw,
            jwk.as_ref().unwrap().as_bytes(),
            b"",
            b"secret",
            b"changeme",
            SECRET.as_bytes(),
            keys[0].id.as_bytes(),
        ];
        for secret in secrets {
            let header = with(&header, "alg", "HS256".into());
            assert_refused(&tokens, &hmac(&header, &payload, secret)).await;
            let mut without = header.clone();
            without.as_object_mut().unwrap().remove("kid");
            assert_refused(&tokens, &hmac(&without, &payload, secret)).await;
        }
    }
}

#[tokio::test]
async fn shared_secrets_and_key_pairs_do_not_mix() {
    let directory = MemoryKeyDirectory::default();
    let (shared, pair) = (instance(hs256(), &directory), instance(eddsa(), &directory));
    assert_refused(&shared, &signed(&pair, &claims()).await).await;
    assert_refused(&pair, &signed(&shared, &claims()).await).await;
    let (header, payload, _) = good(&shared).await;
    for secret in [
        "secret",
        "changeme",
        "",
        "password",
        "mQ4r9vXw2LkT7pZs8NfYb3HcJd6GeA1v",
    ] {
        assert_refused(&shared, &hmac(&header, &payload, secret.as_bytes())).await;
    }
    let kid = with(&header, "kid", "1".into());
    assert_refused(&shared, &hmac(&kid, &payload, SECRET.as_bytes())).await;
}

#[tokio::test]
async fn headers_that_bring_their_own_key_or_more_are_refused() {
    let directory = MemoryKeyDirectory::default();
    let tokens = instance(eddsa(), &directory);
    let stranger = instance(eddsa(), &MemoryKeyDirectory::default());
    let (header, payload, _) = good(&tokens).await;
    let (foreign, ..) = good(&stranger).await;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": stranger.verification_keys().await.unwrap()[0].parameters[2].1});
    let extras = [
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("jwk", jwk),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ];
    for (name, value) in extras {
        assert_refused(
            &tokens,
            &sign_as(&tokens, &with(&header, name, value.clone()), &payload),
        )
        .await;
        for base in [&header, &foreign] {
            assert_refused(
                &tokens,
                &sign_as(&stranger, &with(base, name, value.clone()), &payload),
            )
            .await;
        }
    }
    for typ in [
        json!("JWT"),
        json!("at+JWT"),
        json!("rt+jwt"),
        json!(""),
        Value::Null,
        json!(1),
    ] {
        assert_refused(
            &tokens,
            &sign_as(&tokens, &with(&header, "typ", typ), &payload),
        )
        .await;
    }
    let twice = header.to_string().replacen('{', r#"{"alg":"none","#, 1);
    let token = sign_as(&tokens, &header, &payload);
    let (_, rest) = token.split_once('.').unwrap();
    assert_refused(
        &tokens,
        &format!("{}.{rest}", URL_SAFE_NO_PAD.encode(twice)),
    )
    .await;
}

#[tokio::test]
async fn names_of_keys_lead_nowhere_else() {
    let tokens = instance(eddsa(), &MemoryKeyDirectory::default());
    let stranger = instance(eddsa(), &MemoryKeyDirectory::default());
    let (header, payload, _) = good(&tokens).await;
    let kids = [
        json!("../../../../dev/null"),
        json!("/dev/null"),
        json!("' OR 1=1 --"),
        json!("' UNION SELECT 'AAAA' --"),
        json!("x".repeat(43)),
        json!("é".repeat(22)),
        json!(""),
        json!("\0"),
        json!(1),
        json!(["a"]),
        Value::Null,
        header["kid"].clone(),
    ];
    for kid in kids {
        assert_refused(
            &tokens,
            &sign_as(&stranger, &with(&header, "kid", kid), &payload),
        )
        .await;
    }
}

#[tokio::test]
async fn changed_and_broken_tokens_are_refused() {
    for method in [eddsa(), es256(), hs256()] {
        let tokens = instance(method, &MemoryKeyDirectory::default());
        let token = signed(&tokens, &claims()).await;
        // Every character of the token changed once.
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            assert_refused(&tokens, &String::from_utf8(bytes).unwrap()).await;
        }
        let (header, payload, signature) = good(&tokens).await;
        for (name, value) in [
            ("role", json!("user")),
            ("sub", json!("00000000-0000-0000-0000-000000000009")),
            ("exp", json!(9_999_999_999_i64)),
        ] {
            let token = format!(
                "{}.{}.{signature}",
                encode(&header),
                encode(&with(&payload, name, value))
            );
            assert_refused(&tokens, &token).await;
        }
        let broken = [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
            "junk".to_owned(),
            "a.b.c".to_owned(),
            "uhr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "ü.ü.ü".to_owned(),
            format!("{token}."),
            format!("{token}="),
            format!("{token}.{token}"),
            format!(" {token}"),
            format!("{token}\n"),
            token.replace('.', ".."),
            token[..token.len() - 1].to_owned(),
            token[..token.rfind('.').unwrap()].to_owned(),
            "a".repeat(7000),
            format!("{token}{}", "A".repeat(7000)),
            format!("{}.{}.", "e30", "A".repeat(7000)),
        ];
        for token in broken {
            assert_refused(&tokens, &token).await;
        }
        let padded = with(&payload, "padding", "x".repeat(7000).into());
        assert_refused(&tokens, &sign_as(&tokens, &header, &padded)).await;
        assert!(tokens.verify(&token).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn every_claim_is_required_and_has_its_type() {
    for method in [eddsa(), hs256()] {
        let tokens = instance(method, &MemoryKeyDirectory::default());
        let (header, payload, _) = good(&tokens).await;
        for name in [
            "iss",
            "aud",
            "sub",
            "sid",
            "jti",
            "client_id",
            "iat",
            "exp",
            "role",
        ] {
            let mut without = payload.clone();
            without.as_object_mut().unwrap().remove(name);
            assert_refused(&tokens, &sign_as(&tokens, &header, &without)).await;
            let text = payload[name].is_string();
            let own = payload[name].clone();
            let wrong = [
                Value::Null,
                json!(true),
                json!([own]),
                json!({"a": own}),
                json!(""),
                json!(-1.5),
                json!("other"),
            ];
            for value in wrong {
                assert_refused(
                    &tokens,
                    &sign_as(&tokens, &header, &with(&payload, name, value)),
                )
                .await;
            }
            let swapped = if text {
                json!(1)
            } else {
                json!(payload[name].to_string())
            };
            assert_refused(
                &tokens,
                &sign_as(&tokens, &header, &with(&payload, name, swapped)),
            )
            .await;
        }
        for value in [
            json!(1_800_000_000.0),
            json!(1.8e9),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(i64::MIN),
        ] {
            for name in ["iat", "exp"] {
                assert_refused(
                    &tokens,
                    &sign_as(&tokens, &header, &with(&payload, name, value.clone())),
                )
                .await;
            }
        }
        for (name, value) in [
            ("aud", json!(["userhub"])),
            ("aud", json!("userhub2")),
            ("iss", json!("USERHUB")),
            ("client_id", json!("app")),
            ("role", json!("Admin")),
            ("nbf", json!(null)),
            ("nbf", json!("0")),
            ("nbf", json!(i64::MAX)),
        ] {
            assert_refused(
                &tokens,
                &sign_as(&tokens, &header, &with(&payload, name, value)),
            )
            .await;
        }
        for payload in [json!(null), json!([]), json!("text"), json!({})] {
            assert_refused(&tokens, &sign_as(&tokens, &header, &payload)).await;
        }
        // It counts from the later of both times.
        let later = payload["iat"].as_i64().unwrap() + 600;
        let waiting = sign_as(&tokens, &header, &with(&payload, "nbf", json!(later)));
        let claims = tokens.verify(&waiting).await.unwrap().unwrap();
        assert_eq!(claims.issued_at.timestamp(), later);
        // What a later version adds does not sign anybody out.
        assert!(
            tokens
                .verify(&sign_as(
                    &tokens,
                    &header,
                    &with(&payload, "more", json!(1))
                ))
                .await
                .unwrap()
                .is_some()
        );
    }
}

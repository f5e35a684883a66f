//! Against a UserHub that really serves its key set.
#![cfg(test)]

mod user_hub;

use std::time::Duration;

use axum::{body::Body, http::Request};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::AlgorithmParameters};
use serde_json::json;
use tower::ServiceExt;
use user_hub::UserHub;
use verify_elsewhere::{Freshness, KeySet, Refused, Verifier};

fn verifier(hub: &UserHub, freshness: Freshness) -> Verifier {
    Verifier::new(KeySet::new(hub.key_set(), freshness), "hub", "shop")
}

/// Fetches again as often as it likes.
fn eager() -> Freshness {
    Freshness {
        pause: Duration::ZERO,
        ..Freshness::default()
    }
}

#[tokio::test]
async fn whoever_has_signed_in_at_userhub_may_come_in() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let app = verify_elsewhere::app(verifier(&hub, Freshness::default()));
    for (header, status) in [
        (format!("Bearer {token}"), 200),
        (format!("Bearer {token}x"), 401),
        ("Bearer forged".to_owned(), 401),
        ("Basic YTpi".to_owned(), 401),
    ] {
        let request = Request::get("/hello").header("authorization", &header);
        let request = request.body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status().as_u16(), status, "{header}");
    }
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens() {
    let hub = UserHub::start().await;
    let verifier = verifier(&hub, Freshness::default());
    for name in ["ann", "bob", "cleo"] {
        let token = hub.sign_in(name).await;
        let claims = verifier.verify(&token).await.expect("believed");
        assert_eq!(claims.role, "user");
    }
    assert_eq!(hub.fetches(), 1);
}

#[tokio::test]
async fn old_keys_are_fetched_anew() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let verifier = verifier(
        &hub,
        Freshness {
            refresh_after: Duration::ZERO,
            ..eager()
        },
    );
    verifier.verify(&token).await.expect("believed");
    verifier.verify(&token).await.expect("believed");
    assert_eq!(hub.fetches(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_by_one_more_fetch() {
    let hub = UserHub::start().await;
    let verifier = verifier(&hub, eager());
    let old = hub.sign_in("ann").await;
    verifier.verify(&old).await.expect("believed");
    hub.new_key();
    let new = hub.sign_in("bob").await;
    verifier.verify(&new).await.expect("believed");
    verifier
        .verify(&old)
        .await
        .expect("the old key's last token");
    assert_eq!(hub.fetches(), 2);
}

#[tokio::test]
async fn made_up_keys_cause_no_flood() {
    let hub = UserHub::start().await;
    let verifier = verifier(&hub, Freshness::default());
    let stranger = UserHub::start().await;
    let token = stranger.sign_in("eve").await;
    for _ in 0..20 {
        assert_eq!(verifier.verify(&token).await, Err(Refused::Token));
    }
    assert_eq!(hub.fetches(), 1);
}

#[tokio::test]
async fn the_public_key_is_not_taken_as_a_secret() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    let id = header.kid.as_deref().expect("an id");
    let keys = KeySet::new(hub.key_set(), eager());
    let key = keys.find(id).await.expect("keys").expect("the key");
    let AlgorithmParameters::OctetKeyPair(public) = key.algorithm else {
        panic!("an Ed25519 key")
    };
    let forged = Header {
        alg: Algorithm::HS256,
        ..header
    };
    let claims = json!({ "iss": "hub", "aud": "shop", "sub": "x", "sid": "x", "role": "admin", "exp": u32::MAX });
    let secret = EncodingKey::from_secret(public.x.as_bytes());
    let forged = jsonwebtoken::encode(&forged, &claims, &secret).expect("signed");
    let verifier = verifier(&hub, eager());
    assert_eq!(verifier.verify(&forged).await, Err(Refused::Token));
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    for (issuer, audience) in [("other", "shop"), ("hub", "bank")] {
        let keys = KeySet::new(hub.key_set(), eager());
        let verifier = Verifier::new(keys, issuer, audience);
        assert_eq!(verifier.verify(&token).await, Err(Refused::Token));
    }
}

#[tokio::test]
async fn keys_outlive_a_userhub_that_is_away_for_a_while() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let patient = Freshness {
        refresh_after: Duration::ZERO,
        ..eager()
    };
    let strict = Freshness {
        drop_after: Duration::ZERO,
        ..patient
    };
    let (patient, strict) = (verifier(&hub, patient), verifier(&hub, strict));
    patient.verify(&token).await.expect("believed");
    hub.stop().await;
    patient.verify(&token).await.expect("still believed");
    assert_eq!(strict.verify(&token).await, Err(Refused::NoKeys));
}

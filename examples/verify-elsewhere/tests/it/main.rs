//! Against a UserHub that really serves its key set.
#![cfg(test)]

mod user_hub;

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request, response::Redirect, routing::get};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::AlgorithmParameters};
use serde_json::json;
use tower::ServiceExt;
use user_hub::UserHub;
use verify_elsewhere::{Freshness, KeySet, Refused, Verifier};

fn keys(url: &str, freshness: Freshness) -> KeySet {
    KeySet::new(url, freshness).expect("a safe address")
}

fn verifier(hub: &UserHub, freshness: Freshness) -> Verifier {
    Verifier::new(keys(&hub.key_set(), freshness), "hub", "shop")
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
        (format!("bearer {token}"), 200),
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
    let keys = keys(&hub.key_set(), eager());
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
        let keys = keys(&hub.key_set(), eager());
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

#[tokio::test]
async fn nobody_waits_while_one_asks_for_keys_that_are_known() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let always_old = Freshness {
        refresh_after: Duration::ZERO,
        ..eager()
    };
    let verifier = Arc::new(verifier(&hub, always_old));
    verifier.verify(&token).await.expect("believed");

    hub.hang();
    let (one, its_token) = (verifier.clone(), token.clone());
    let one = tokio::spawn(async move { one.verify(&its_token).await });
    for _ in 0..100 {
        if hub.fetches() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(hub.fetches(), 2);
    for _ in 0..20 {
        let other = tokio::time::timeout(Duration::from_millis(500), verifier.verify(&token));
        other.await.expect("at once").expect("believed");
    }
    assert!(!one.is_finished());
    one.await.expect("no panic").expect("believed in the end");
    assert_eq!(hub.fetches(), 2);
}

#[test]
fn keys_come_by_https_or_from_this_machine() {
    for (url, is_safe) in [
        ("https://hub.example/.well-known/jwks.json", true),
        ("http://127.0.0.1:8000/", true),
        ("http://[::1]:8000/", true),
        ("http://localhost:8000/", true),
        ("http://hub.example/.well-known/jwks.json", false),
        ("http://192.0.2.1/", false),
        ("http://127.0.0.1.example/", false),
        ("nonsense", false),
    ] {
        let keys = KeySet::new(url, Freshness::default());
        assert_eq!(keys.is_ok(), is_safe, "{url}");
    }
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_or_never_ends_has_no_keys() {
    let hub = UserHub::start().await;
    let token = hub.sign_in("ann").await;
    let elsewhere = hub.key_set();
    let long = format!(r#"{{"keys":[]{}}}"#, " ".repeat(1 << 20));
    let answers = Router::new()
        .route(
            "/moved",
            get(|| async move { Redirect::temporary(&elsewhere) }),
        )
        .route("/long", get(|| async { long }))
        .route("/empty", get(|| async { r#"{"keys":[]}"# }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async { axum::serve(listener, answers).await });
    for (path, refused) in [
        ("moved", Refused::NoKeys),
        ("long", Refused::NoKeys),
        ("empty", Refused::Token),
    ] {
        let keys = keys(&format!("http://{address}/{path}"), eager());
        let verifier = Verifier::new(keys, "hub", "shop");
        assert_eq!(verifier.verify(&token).await, Err(refused), "{path}");
    }
    assert_eq!(hub.fetches(), 0);
}

//! How instances find each other's keys, and for how long.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use userhub_domain::{
    Error, Result,
    clock::{Clock, Timestamp},
    sessions::{AccessClaims, AccessTokens},
    users::Role,
};
use userhub_testkit::FixedClock;

use super::{
    JwtTokens, KeyDirectory, MemoryKeyDirectory, PublishedKey,
    tests::{claims, eddsa, instance, now, options, signed},
};

#[tokio::test]
async fn a_key_stands_until_its_last_token_has_expired() {
    let directory = MemoryKeyDirectory::default();
    let clock = Arc::new(FixedClock::at(now()));
    let own: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let first = JwtTokens::new(
        options(eddsa()),
        Arc::new(directory.clone()),
        Arc::clone(&own),
    )
    .unwrap();
    let token = signed(&first, &claims()).await;
    // Nobody published it but the first signature; hours later the next one does again.
    clock.advance(TimeDelta::hours(5));
    assert_eq!(directory.list(clock.now()).await.unwrap(), []);
    let later = AccessClaims {
        issued_at: clock.now(),
        expires_at: clock.now() + TimeDelta::minutes(15),
        ..claims()
    };
    let newer = signed(&first, &later).await;
    drop(first);

    let second = JwtTokens::new(options(eddsa()), Arc::new(directory.clone()), own).unwrap();
    clock.set(later.expires_at - TimeDelta::seconds(1));
    assert_eq!(second.verify(&newer).await.unwrap(), Some(later));
    assert!(
        second.verify(&token).await.unwrap().is_some(),
        "expired, but that is the domain's to say"
    );
    assert_eq!(second.verification_keys().await.unwrap().len(), 2);
    clock.advance(TimeDelta::hours(2));
    let other = AccessClaims {
        role: Role::User,
        ..claims()
    };
    assert_eq!(second.verification_keys().await.unwrap().len(), 1);
    assert_eq!(
        second.verify(&signed(&second, &other).await).await.unwrap(),
        Some(other)
    );
}

/// The policy's life of a token and the signer's are set apart from each other.
#[tokio::test]
async fn a_token_that_lives_longer_than_expected_keeps_its_key() {
    let directory = MemoryKeyDirectory::default();
    let signer = instance(eddsa(), &directory);
    signer.publish(now()).await.unwrap();
    let long = AccessClaims {
        expires_at: now() + TimeDelta::hours(24),
        ..claims()
    };
    let token = signed(&signer, &long).await;
    // Neither the rounds nor a shorter token take it back.
    signer.publish(now()).await.unwrap();
    signed(&signer, &claims()).await;

    let clock = Arc::new(FixedClock::at(long.expires_at - TimeDelta::seconds(1)));
    let other = JwtTokens::new(options(eddsa()), Arc::new(directory), clock).unwrap();
    assert_eq!(other.verify(&token).await.unwrap(), Some(long));
}

/// Counts what is read, and fails on demand.
#[derive(Default)]
struct Watched {
    keys: MemoryKeyDirectory,
    reads: AtomicUsize,
    down: AtomicBool,
}

#[async_trait]
impl KeyDirectory for Watched {
    async fn publish(&self, key: &PublishedKey) -> Result<()> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::storage_unavailable("down"));
        }
        self.keys.publish(key).await
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<PublishedKey>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::storage_unavailable("down"));
        }
        self.keys.list(now).await
    }
}

fn watched() -> (Arc<Watched>, Arc<JwtTokens>) {
    let directory = Arc::new(Watched::default());
    let clock = Arc::new(FixedClock::at(now()));
    let tokens = JwtTokens::new(options(eddsa()), Arc::clone(&directory) as _, clock).unwrap();
    (directory, Arc::new(tokens))
}

#[tokio::test]
async fn made_up_keys_do_not_hammer_the_directory() {
    let (directory, tokens) = watched();
    let mut all = Vec::new();
    for index in 0..500 {
        // Signed well, by keys that nobody published.
        let kid = URL_SAFE_NO_PAD.encode([u8::try_from(index % 250).unwrap(); 32]);
        let header = serde_json::json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kid});
        let token = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header.to_string()));
        let tokens = Arc::clone(&tokens);
        all.push(tokio::spawn(
            async move { tokens.verify(&token).await.unwrap() },
        ));
    }
    for one in all {
        assert_eq!(one.await.unwrap(), None);
    }
    assert!(
        directory.reads.load(Ordering::SeqCst) <= 3,
        "{:?}",
        directory.reads
    );
    // A key that is published now is found all the same.
    let other = instance(eddsa(), &directory.keys);
    assert!(
        tokens
            .verify(&signed(&other, &claims()).await)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn without_the_directory_nothing_is_signed_that_others_could_not_verify() {
    let (directory, tokens) = watched();
    directory.down.store(true, Ordering::SeqCst);
    assert_eq!(
        tokens.sign(&claims()).await.unwrap_err().code(),
        "storage_unavailable"
    );
    assert!(tokens.verification_keys().await.is_err());
    let other = instance(eddsa(), &directory.keys);
    let foreign = signed(&other, &claims()).await;
    assert_eq!(
        tokens.verify(&foreign).await.unwrap_err().code(),
        "storage_unavailable"
    );

    directory.down.store(false, Ordering::SeqCst);
    let own = signed(&tokens, &claims()).await;
    assert!(tokens.verify(&foreign).await.unwrap().is_some());
    directory.down.store(true, Ordering::SeqCst);
    assert!(
        tokens.verify(&own).await.unwrap().is_some(),
        "its own key it knows"
    );
    assert!(
        tokens
            .verify(
                &signed(
                    &tokens,
                    &AccessClaims {
                        role: Role::User,
                        ..claims()
                    }
                )
                .await
            )
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        tokens.verification_keys().await.unwrap().len(),
        2,
        "as last known"
    );
}

#[tokio::test]
async fn a_published_row_that_contradicts_itself_is_left_out() {
    let directory = MemoryKeyDirectory::default();
    let signer = instance(eddsa(), &directory);
    let token = signed(&signer, &claims()).await;
    let good = directory.list(now()).await.unwrap().remove(0);
    let changes: [fn(&mut PublishedKey); 4] = [
        |row| row.algorithm = "HS256".to_owned(),
        |row| row.jwk = "no JSON".to_owned(),
        |row| row.jwk = row.jwk.replace("Ed25519", "Ed448"),
        |row| row.jwk = r#"{"kty":"oct","k":"AAAA"}"#.to_owned(),
    ];
    for change in changes {
        let mut row = good.clone();
        change(&mut row);
        let directory = MemoryKeyDirectory::default();
        directory.publish(&row).await.unwrap();
        assert_eq!(
            instance(eddsa(), &directory).verify(&token).await.unwrap(),
            None,
            "{row:?}"
        );
    }
}

#[test]
fn the_kid_is_the_thumbprint_of_rfc_8037() {
    // RFC 8037, appendix A.3.
    let row = PublishedKey {
        kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".to_owned(),
        algorithm: "EdDSA".to_owned(),
        jwk: r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
            .to_owned(),
        created_at: now(),
        expires_at: now(),
    };
    assert!(super::key::PublicKey::from_published(&row).is_some());
}

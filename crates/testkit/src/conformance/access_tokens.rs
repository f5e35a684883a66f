//! What every signer of access tokens must do.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    clock::{Clock, Timestamp},
    sessions::{AccessClaims, AccessTokenId, AccessTokens, SessionId},
    users::{Role, UserId},
};
use uuid::Uuid;

pub use super::forged_tokens::{
    a_token_names_a_published_key, an_unsigned_token_is_nothing, what_is_published_signs_nothing,
};
use crate::FixedClock;

/// Makes a `#[test]` of each obligation of
/// [`AccessTokens`](userhub_domain::sessions::AccessTokens). The expression
/// makes a new signer for each of them; it may await. Claims are of about the
/// time at which a new [`FixedClock`](crate::FixedClock) stands.
///
/// ```
/// mod fake {
///     userhub_testkit::access_tokens_conformance!(userhub_testkit::FakeAccessTokens::new());
/// }
/// ```
#[macro_export]
macro_rules! access_tokens_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { access_tokens $with
            every_claim_survives_a_round_trip
            a_token_fits_into_a_header
            a_token_is_verified_again_and_again
            what_is_no_token_is_nothing_and_no_error
            a_token_with_another_letter_is_nothing
            parts_of_two_tokens_are_no_token
            an_unsigned_token_is_nothing
            what_is_published_signs_nothing
            a_token_names_a_published_key
            time_is_left_to_the_domain
            keys_hold_nothing_secret
            many_at_once_are_signed_and_verified
        }
    };
    ($tokens:expr) => {
        $crate::access_tokens_conformance! { @list [$crate::conformance_tests] ($tokens) }
    };
}

fn claims_at(number: u128, issued_at: Timestamp) -> AccessClaims {
    AccessClaims {
        id: AccessTokenId::from_uuid(Uuid::from_u128(number)),
        user_id: UserId::from_uuid(Uuid::from_u128(number + 1_000_000)),
        session_id: SessionId::from_uuid(Uuid::from_u128(u128::MAX - number)),
        role: if number.is_multiple_of(2) {
            Role::User
        } else {
            Role::Admin
        },
        issued_at,
        expires_at: issued_at + TimeDelta::minutes(15),
    }
}

/// Others for each number, below 60.
pub(super) fn claims(number: u32) -> AccessClaims {
    let seconds = TimeDelta::seconds(i64::from(number));
    let mut claims = claims_at(number.into(), FixedClock::new().now() + seconds);
    claims.expires_at -= seconds * 2;
    claims
}

pub(super) async fn sign(tokens: &dyn AccessTokens, claims: &AccessClaims) -> String {
    let token = tokens.sign(claims).await.unwrap();
    token.expose_secret().to_owned()
}

pub(super) async fn verify(tokens: &dyn AccessTokens, token: &str) -> Option<AccessClaims> {
    tokens.verify(token).await.unwrap()
}

pub async fn every_claim_survives_a_round_trip(tokens: &dyn AccessTokens) {
    for number in 1..5 {
        let claims = claims(number);
        let token = sign(tokens, &claims).await;
        assert_eq!(verify(tokens, &token).await, Some(claims));
    }
}

pub async fn a_token_fits_into_a_header(tokens: &dyn AccessTokens) {
    let token = sign(tokens, &claims(1)).await;
    // The letters of a bearer token (RFC 6750, section 2.1).
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    assert!(token.bytes().all(is_fit));
    assert!((1..=4096).contains(&token.len()));
}

pub async fn a_token_is_verified_again_and_again(tokens: &dyn AccessTokens) {
    let [first, second] = [claims(1), claims(2)];
    let signed = [sign(tokens, &first).await, sign(tokens, &second).await];
    assert_ne!(signed[0], signed[1]);
    for _ in 0..3 {
        assert_eq!(verify(tokens, &signed[0]).await.as_ref(), Some(&first));
        assert_eq!(verify(tokens, &signed[1]).await.as_ref(), Some(&second));
    }
}

pub async fn what_is_no_token_is_nothing_and_no_error(tokens: &dyn AccessTokens) {
    let good = sign(tokens, &claims(1)).await;
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.";
    let long = "a".repeat(1_000_000);
    let padded = format!(" {good}");
    let twice = format!("{good}{good}");
    let upper = good.to_uppercase();
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "\0",
        "\u{1f980}",
        unsigned,
        &long,
        &padded,
        &twice,
        &upper,
    ] {
        assert_eq!(verify(tokens, text).await, None, "{:.40}", text);
    }
}

pub async fn a_token_with_another_letter_is_nothing(tokens: &dyn AccessTokens) {
    let good = sign(tokens, &claims(1)).await;
    for place in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).unwrap();
        assert_eq!(verify(tokens, &other).await, None, "at {place}");
        let (begin, _) = good.split_at(place);
        assert_eq!(verify(tokens, begin).await, None, "cut at {place}");
    }
    // The last letter of a part may hold bits that a decoder throws away.
    let dots = good.match_indices('.').map(|(place, _)| place);
    for end in dots.chain([good.len()]) {
        let letters = ('0'..='9').chain('A'..='Z').chain('a'..='z');
        for letter in letters.chain(['-', '_', '=']) {
            let (begin, rest) = good.split_at(end);
            let other = match begin.char_indices().next_back() {
                Some((last, own)) if own != letter => &begin[..last],
                _ => continue,
            };
            let other = format!("{other}{letter}{rest}");
            assert_eq!(verify(tokens, &other).await, None, "{letter} before {end}");
        }
    }
}

pub async fn parts_of_two_tokens_are_no_token(tokens: &dyn AccessTokens) {
    let [user, admin] = [
        sign(tokens, &claims(2)).await,
        sign(tokens, &claims(3)).await,
    ];
    let [user, admin] = [&user, &admin].map(|token| token.split('.').collect::<Vec<_>>());
    for place in 0..user.len() {
        let mut mixed = user.clone();
        mixed[place] = admin[place];
        if mixed != user && mixed != admin {
            assert_eq!(verify(tokens, &mixed.join(".")).await, None, "part {place}");
        }
    }
}

/// It judges by its own clock, which a test can move.
pub async fn time_is_left_to_the_domain(tokens: &dyn AccessTokens) {
    let now = FixedClock::new().now();
    for issued_at in [now - TimeDelta::days(400), now + TimeDelta::days(400)] {
        let claims = claims_at(1, issued_at);
        let token = sign(tokens, &claims).await;
        assert_eq!(verify(tokens, &token).await, Some(claims));
    }
}

pub async fn keys_hold_nothing_secret(tokens: &dyn AccessTokens) {
    sign(tokens, &claims(1)).await;
    let keys = tokens.verification_keys().await.unwrap();
    let mut ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), keys.len(), "each has an id of its own");
    for key in keys {
        assert!(!key.id.is_empty() && !key.algorithm.is_empty());
        let names: Vec<&str> = key
            .parameters
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(names.contains(&"kty"));
        // The private members of RFC 7518, section 6.
        for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!names.contains(&secret), "{secret}");
        }
    }
}

pub async fn many_at_once_are_signed_and_verified(tokens: &dyn AccessTokens) {
    let working = (10..60).map(|number| async move {
        let claims = claims(number);
        let token = sign(tokens, &claims).await;
        assert_eq!(verify(tokens, &token).await, Some(claims));
        token
    });
    let mut all = super::all_at_once(working).await;
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 50);
}

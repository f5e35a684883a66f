//! What every password hasher must do.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::{
    future::Future,
    time::{Duration, Instant},
};

use userhub_domain::users::{
    NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, PasswordRules, Verification,
};

use super::foreign_hashes::costly;
pub use super::foreign_hashes::{
    a_foreign_hash_is_compared_with_what_was_sent, a_foreign_hash_that_costs_too_much_is_refused,
    what_is_not_recognised_is_not_repeated, what_is_recognised_can_be_verified,
};
use crate::FakeStrength;

/// Makes a `#[test]` of each obligation of a
/// [`PasswordHasher`](userhub_domain::users::PasswordHasher). The expression
/// makes a new hasher for each of them, cheap parameters are fine; it may
/// await.
///
/// ```
/// mod instant {
///     userhub_testkit::password_hasher_conformance!(userhub_testkit::InstantHasher::new());
/// }
/// ```
#[macro_export]
macro_rules! password_hasher_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { password_hasher $with
            the_password_is_right_and_every_other_is_wrong
            two_hashes_of_one_password_differ
            a_hash_is_a_line_that_does_not_hold_the_password
            every_byte_of_a_long_password_counts
            any_character_is_part_of_a_password
            a_password_is_the_same_in_either_form_of_unicode
            what_is_no_hash_is_wrong_and_no_error
            a_hash_that_costs_too_much_is_not_computed
            a_decoy_takes_the_time_of_a_check
            a_hash_that_cannot_be_read_takes_the_time_of_a_check
            a_check_does_not_block_the_thread_that_polls_it
            many_at_once_are_answered_or_refused
            what_is_recognised_can_be_verified
            a_foreign_hash_that_costs_too_much_is_refused
            what_is_not_recognised_is_not_repeated
            a_foreign_hash_is_compared_with_what_was_sent
        }
    };
    ($hasher:expr) => {
        $crate::password_hasher_conformance! { @list [$crate::conformance_tests] ($hasher) }
    };
}

pub(super) fn new(text: &str) -> NewPassword {
    let rules = PasswordRules {
        min_length: 8,
        min_score: 0,
    };
    NewPassword::parse(&text.into(), &rules, &FakeStrength::refusing(&[]), &[]).unwrap()
}

pub(super) fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::parse(&text.into()).unwrap()
}

pub(super) async fn verify(
    hasher: &dyn PasswordHasher,
    text: &str,
    hash: &PasswordHash,
) -> Verification {
    hasher.verify(attempt(text), hash.clone()).await.unwrap()
}

/// A hash that is right for this text, and wrong for the other one.
async fn tells_apart(hasher: &dyn PasswordHasher, text: &str, other: &str) {
    let hash = hasher.hash(new(text)).await.unwrap();
    assert_eq!(verify(hasher, text, &hash).await, Verification::Right);
    assert_eq!(verify(hasher, other, &hash).await, Verification::Wrong);
}

pub async fn the_password_is_right_and_every_other_is_wrong(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    assert_eq!(
        verify(hasher, "open sesame", &hash).await,
        Verification::Right
    );
    for other in [
        "",
        "open",
        "open sesam",
        "open sesame ",
        "Open sesame",
        "open-sesame",
    ] {
        assert_eq!(
            verify(hasher, other, &hash).await,
            Verification::Wrong,
            "{other:?}"
        );
    }
}

pub async fn two_hashes_of_one_password_differ(hasher: &dyn PasswordHasher) {
    let first = hasher.hash(new("open sesame")).await.unwrap();
    let second = hasher.hash(new("open sesame")).await.unwrap();
    assert!(first != second, "each has a salt of its own");
}

pub async fn a_hash_is_a_line_that_does_not_hold_the_password(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("OpenSesame123")).await.unwrap();
    let text = hash.expose();
    assert!(text.starts_with('$') && text.len() <= 512, "a PHC string");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!text.to_lowercase().contains("opensesame123"));
}

pub async fn every_byte_of_a_long_password_counts(hasher: &dyn PasswordHasher) {
    for length in [71, 72, 127, 1023] {
        let begin = "x".repeat(length);
        tells_apart(hasher, &format!("{begin}1"), &format!("{begin}2")).await;
    }
}

pub async fn any_character_is_part_of_a_password(hasher: &dyn PasswordHasher) {
    tells_apart(hasher, "zero\0one two", "zero\0two one").await;
    tells_apart(hasher, "crab \u{1f980} legs", "crab \u{1f981} legs").await;
    tells_apart(
        hasher,
        "\u{540d}\u{524d}\u{540d}\u{524d}12345678",
        "\u{540d}\u{524d}12345678",
    )
    .await;
    tells_apart(hasher, "$argon2id$:'\"\\%", "$argon2id$:'\"\\_").await;
}

/// An å is one letter, or an a and its ring.
pub async fn a_password_is_the_same_in_either_form_of_unicode(hasher: &dyn PasswordHasher) {
    let forms = ["s\u{e5}same 12", "sa\u{30a}same 12"];
    for chosen in forms {
        let hash = hasher.hash(new(chosen)).await.unwrap();
        for typed in forms {
            let found = verify(hasher, typed, &hash).await;
            assert_eq!(found, Verification::Right, "{chosen:?} as {typed:?}");
        }
        let found = verify(hasher, "sasame 12", &hash).await;
        assert_eq!(found, Verification::Wrong);
    }
}

pub async fn what_is_no_hash_is_wrong_and_no_error(hasher: &dyn PasswordHasher) {
    let good = hasher.hash(new("open sesame")).await.unwrap();
    let good = good.expose();
    let half = good.get(..good.len() / 2).unwrap_or_default().to_owned();
    let long = format!("{good}{}", "A".repeat(100_000));
    for text in [
        "",
        "$",
        "$$$$",
        "open sesame",
        "$unknown$v=1$c2FsdA$aGFzaA",
        "\u{1f980}",
        &half,
        &long,
    ] {
        let found = verify(hasher, "open sesame", &PasswordHash::new(text)).await;
        assert_eq!(found, Verification::Wrong, "{:.40}", text);
    }
}

pub async fn a_hash_that_costs_too_much_is_not_computed(hasher: &dyn PasswordHasher) {
    for text in costly() {
        let stored = PasswordHash::new(text.clone());
        let found =
            tokio::time::timeout(Duration::from_secs(20), verify(hasher, "x", &stored)).await;
        assert_eq!(
            found.expect("it is not computed"),
            Verification::Wrong,
            "{text}"
        );
    }
}

/// Below this nobody can tell from outside.
const MEASURABLE: Duration = Duration::from_millis(2);
const TRIES: usize = 7;

async fn time_of(work: impl Future) -> Duration {
    let begin = Instant::now();
    work.await;
    begin.elapsed()
}

/// Generous, since other tests run at the same time: it finds what does nothing.
fn take_as_long(checks: &[Duration], others: &[Duration]) {
    let [check, other] = [checks, others].map(|times| times.iter().min().unwrap());
    assert!(
        *check <= MEASURABLE || *other * 3 > *check,
        "{other:?} instead of {check:?}"
    );
}

pub async fn a_decoy_takes_the_time_of_a_check(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let [mut checks, mut decoys] = [Vec::new(), Vec::new()];
    for _ in 0..TRIES {
        checks.push(time_of(verify(hasher, "another one", &hash)).await);
        let decoy = async { hasher.verify_decoy(attempt("another one")).await.unwrap() };
        decoys.push(time_of(decoy).await);
    }
    take_as_long(&checks, &decoys);
}

/// Or else it tells whose hash is broken.
pub async fn a_hash_that_cannot_be_read_takes_the_time_of_a_check(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let mut unusable = costly();
    unusable.truncate(1);
    unusable.extend(["", "$unknown$v=1$c2FsdA$aGFzaA"].map(str::to_owned));
    for text in unusable {
        let unusable = PasswordHash::new(text);
        let [mut checks, mut others] = [Vec::new(), Vec::new()];
        for _ in 0..TRIES {
            checks.push(time_of(verify(hasher, "another one", &hash)).await);
            others.push(time_of(verify(hasher, "another one", &unusable)).await);
        }
        take_as_long(&checks, &others);
    }
}

/// The time that a future keeps its thread from serving others.
async fn time_in_polls(work: impl Future) -> Duration {
    let mut work = std::pin::pin!(work);
    let mut spent = Duration::ZERO;
    std::future::poll_fn(|context| {
        let begin = Instant::now();
        let polled = work.as_mut().poll(context);
        spent += begin.elapsed();
        polled.map(drop)
    })
    .await;
    spent
}

/// As generous as those above.
pub async fn a_check_does_not_block_the_thread_that_polls_it(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let [mut checks, mut blocked] = [Vec::new(), Vec::new()];
    for _ in 0..TRIES {
        let begin = Instant::now();
        blocked.push(time_in_polls(verify(hasher, "another one", &hash)).await);
        checks.push(begin.elapsed());
    }
    let [check, blocked] = [checks, blocked].map(|times| times.into_iter().min().unwrap());
    assert!(
        check <= MEASURABLE || blocked * 2 < check,
        "{blocked:?} of {check:?}"
    );
}

pub async fn many_at_once_are_answered_or_refused(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(new("open sesame")).await.unwrap();
    let asking = (0..24).map(|number| {
        let text = if number % 2 == 0 {
            "open sesame"
        } else {
            "open says me"
        };
        let hash = hash.clone();
        async move { (number % 2 == 0, hasher.verify(attempt(text), hash).await) }
    });
    let mut answered = 0;
    for (is_right, found) in super::all_at_once(asking).await {
        match found {
            Ok(found) => {
                assert_eq!(found == Verification::Right, is_right);
                answered += 1;
            }
            Err(error) => assert_eq!(error.code(), "overloaded"),
        }
    }
    assert!(answered > 0);
    assert_eq!(
        verify(hasher, "open sesame", &hash).await,
        Verification::Right
    );
}

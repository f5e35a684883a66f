//! The hasher: what it makes and accepts, and that it stays within its bounds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use userhub_domain::{
    Error,
    users::{
        NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, PasswordRules, Verification,
    },
};

use super::{Argon2Hasher, HashingOptions, ZxcvbnStrength, hashing_queue::HashingQueue};
use crate::clock::SystemEntropy;

const SMALL: HashingOptions = HashingOptions {
    memory_kib: 64,
    iterations: 2,
    parallelism: 1,
    slots: 2,
    max_wait: Duration::from_secs(3),
};
/// Some tenths of a second in each build.
const SLOW: HashingOptions = HashingOptions {
    memory_kib: 65_536,
    iterations: 4,
    parallelism: 1,
    slots: 1,
    max_wait: Duration::from_secs(30),
};
const PASSWORD: &str = "marble tundra violin oats";

fn hasher(options: HashingOptions) -> Arc<Argon2Hasher> {
    Arc::new(Argon2Hasher::new(options, Arc::new(SystemEntropy)).unwrap())
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::parse(&text.into()).unwrap()
}

fn new_password(text: &str) -> NewPassword {
    NewPassword::parse(
        &text.into(),
        &PasswordRules::default(),
        &ZxcvbnStrength,
        &[],
    )
    .unwrap()
}

#[tokio::test]
async fn a_password_is_recognised_and_another_is_not() {
    let hasher = hasher(SMALL);
    let hash = hasher.hash(new_password(PASSWORD)).await.unwrap();
    assert!(
        hash.expose().starts_with("$argon2id$v=19$m=64,t=2,p=1$"),
        "{}",
        hash.expose()
    );
    let again = hasher.hash(new_password(PASSWORD)).await.unwrap();
    assert_ne!(hash, again, "salts are fresh");
    assert_eq!(
        hasher
            .verify(attempt(PASSWORD), hash.clone())
            .await
            .unwrap(),
        Verification::Right
    );
    for wrong in [
        "",
        "marble tundra violin oat",
        "Marble tundra violin oats",
        "marble tundra violin oats ",
    ] {
        assert_eq!(
            hasher.verify(attempt(wrong), hash.clone()).await.unwrap(),
            Verification::Wrong,
            "{wrong}"
        );
    }
    hasher.verify_decoy(attempt(PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn hashes_of_the_reference_implementation_are_recognised() {
    // From the test vectors of RFC 9106's reference implementation.
    let vectors = [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
    ];
    let hasher = hasher(SMALL);
    for vector in vectors {
        let verified = hasher
            .verify(attempt("password"), PasswordHash::new(vector))
            .await
            .unwrap();
        assert!(
            matches!(verified, Verification::Outdated(_)),
            "{vector}: a short salt is outdated"
        );
        let wrong = hasher
            .verify(attempt("passwort"), PasswordHash::new(vector))
            .await
            .unwrap();
        assert_eq!(wrong, Verification::Wrong);
    }
}

#[tokio::test]
async fn a_weaker_hash_is_made_anew_and_a_stronger_one_kept() {
    let weak = hasher(SMALL).hash(new_password(PASSWORD)).await.unwrap();
    let strong = hasher(HashingOptions {
        memory_kib: 256,
        ..SMALL
    });
    let Verification::Outdated(renewed) = strong
        .verify(attempt(PASSWORD), weak.clone())
        .await
        .unwrap()
    else {
        panic!("not outdated");
    };
    assert!(renewed.expose().contains("m=256,t=2,p=1"));
    assert_eq!(
        strong
            .verify(attempt(PASSWORD), renewed.clone())
            .await
            .unwrap(),
        Verification::Right
    );
    assert_eq!(
        strong.verify(attempt("wrong"), weak).await.unwrap(),
        Verification::Wrong
    );
    assert_eq!(
        hasher(SMALL)
            .verify(attempt(PASSWORD), renewed)
            .await
            .unwrap(),
        Verification::Right
    );
}

/// Hashes that are not compared with: too costly, of another kind, nonsense.
fn unusable(good: &str) -> [String; 6] {
    [
        good.replace("m=64", "m=8388608"),
        good.replace("t=2", "t=1000"),
        good.replace("p=1", "p=1024"),
        good.replace("argon2id", "scrypt"),
        "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234".to_owned(),
        String::new(),
    ]
}

#[tokio::test]
async fn a_hash_beyond_reason_or_reading_is_wrong() {
    let hasher = hasher(SMALL);
    let good = hasher.hash(new_password(PASSWORD)).await.unwrap();
    for text in unusable(good.expose()) {
        assert_ne!(text, good.expose());
        let verified = hasher
            .verify(attempt(PASSWORD), PasswordHash::new(text.clone()))
            .await
            .unwrap();
        assert_eq!(verified, Verification::Wrong, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_beyond_reason_or_reading_waits_for_a_check_like_any_other() {
    let good = hasher(SMALL).hash(new_password(PASSWORD)).await.unwrap();
    let hasher = hasher(HashingOptions {
        max_wait: Duration::from_millis(20),
        ..SLOW
    });
    let busy = {
        let hasher = Arc::clone(&hasher);
        tokio::spawn(async move { hasher.verify_decoy(attempt(PASSWORD)).await })
    };
    until(|| hasher.load().1 == 0).await;
    for text in unusable(good.expose()) {
        // Were it answered without the work of a check, it would be `Wrong` at once.
        let verified = hasher
            .verify(attempt(PASSWORD), PasswordHash::new(text.clone()))
            .await;
        assert_eq!(
            verified.map_err(|error| error.code()),
            Err("overloaded"),
            "{text}"
        );
    }
    busy.await.unwrap().unwrap();
}

#[tokio::test]
async fn parameters_that_do_not_go_together_are_named() {
    let options = HashingOptions {
        memory_kib: 8,
        parallelism: 4,
        ..SMALL
    };
    let error = Argon2Hasher::new(options, Arc::new(SystemEntropy)).unwrap_err();
    assert!(error.to_string().contains("hashing.memory_kib"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_threads_than_slots_however_many_come() {
    let hasher = hasher(HashingOptions {
        memory_kib: 1024,
        ..SMALL
    });
    let all: Vec<_> = (0..200)
        .map(|_| {
            let hasher = Arc::clone(&hasher);
            tokio::spawn(async move {
                hasher.verify_decoy(attempt(PASSWORD)).await.unwrap();
                hasher.load().2
            })
        })
        .collect();
    for one in all {
        assert!((1..=2).contains(&one.await.unwrap()));
    }
    assert_eq!(hasher.load().0, 0);
    assert_eq!(hasher.load().1, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_leaves_the_queue_and_frees_no_slot_early() {
    let hasher = hasher(SLOW);
    let start = |count: usize| -> Vec<_> {
        (0..count)
            .map(|_| {
                let hasher = Arc::clone(&hasher);
                tokio::spawn(async move { hasher.verify_decoy(attempt(PASSWORD)).await })
            })
            .collect()
    };
    let first = start(1);
    until(|| hasher.load().1 == 0).await;
    let others = start(10);
    until(|| hasher.load().0 == 10).await;
    for client in first.iter().chain(&others) {
        client.abort();
    }
    until(|| hasher.load().0 == 0).await;
    assert_eq!(
        hasher.load(),
        (0, 0, 1),
        "the hash that runs keeps its slot"
    );
    // The next one waits for that hash alone, not for ten that nobody wants.
    let last = start(1).remove(0);
    tokio::time::timeout(Duration::from_secs(20), last)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(hasher.load(), (0, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_would_wait_too_long_is_told_at_once() {
    let hasher = hasher(HashingOptions {
        max_wait: Duration::from_millis(20),
        ..SLOW
    });
    let busy = {
        let hasher = Arc::clone(&hasher);
        tokio::spawn(async move { hasher.verify_decoy(attempt(PASSWORD)).await })
    };
    until(|| hasher.load().1 == 0).await;
    for _ in 0..10 {
        let Err(error) = hasher.verify_decoy(attempt(PASSWORD)).await else {
            panic!("it was let in");
        };
        assert_eq!(error.code(), "overloaded");
        let Error::Unavailable(case) = error else {
            panic!("{error:?}");
        };
        assert!(
            (1..10).contains(&case.retry_after.as_secs()),
            "{:?}",
            case.retry_after
        );
    }
    assert_eq!(
        hasher.load().1,
        0,
        "they were told before the hash was done"
    );
    busy.await.unwrap().unwrap();
    assert_eq!(hasher.load().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_waited_too_long_is_sent_away() {
    // By the first guess this wait would do, by the clock it does not.
    let queue = HashingQueue::new(1, Duration::from_millis(50), Duration::ZERO);
    let slot = queue.enter().await.unwrap();
    let started = Instant::now();
    let error = queue.enter().await.unwrap_err();
    assert_eq!(error.code(), "overloaded");
    assert!(started.elapsed() >= Duration::from_millis(50));
    drop(slot);
    drop(queue.enter().await.unwrap());
    assert_eq!((queue.waiting(), queue.free()), (0, 1));
}

#[tokio::test]
async fn others_are_served_while_hashes_run() {
    // One thread for everything else, and more hashing than there are cores.
    let hasher = hasher(HashingOptions { slots: 4, ..SLOW });
    let all: Vec<_> = (0..4)
        .map(|_| {
            let hasher = Arc::clone(&hasher);
            tokio::spawn(async move { hasher.verify_decoy(attempt(PASSWORD)).await })
        })
        .collect();
    until(|| hasher.load().1 == 0).await;
    let mut served = 0;
    while hasher.load().1 == 0 && served < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        served += 1;
    }
    assert_eq!(
        served, 20,
        "this thread had its turns while all four were hashing"
    );
    for one in all {
        one.await.unwrap().unwrap();
    }
}

async fn until(condition: impl Fn() -> bool) {
    for _ in 0..4000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it did not come about");
}

//! What every source of randomness must do, as far as it can be seen from
//! outside: that nobody can guess it is the implementer's word.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::collections::BTreeSet;

use userhub_domain::clock::Entropy;

/// Makes a `#[test]` of each obligation of an
/// [`Entropy`](userhub_domain::clock::Entropy). The expression makes a new
/// source for each of them; it may await.
///
/// ```
/// mod seeded {
///     userhub_testkit::entropy_conformance!(userhub_testkit::SeededEntropy::new(1));
/// }
/// ```
#[macro_export]
macro_rules! entropy_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { entropy $with
            every_byte_is_filled
            no_call_repeats_another
            every_byte_is_as_frequent_as_the_others
            threads_do_not_share_bytes
        }
    };
    ($entropy:expr) => {
        $crate::entropy_conformance! { @list [$crate::conformance_tests] ($entropy) }
    };
}

fn filled(entropy: &dyn Entropy, mut bytes: Vec<u8>) -> Vec<u8> {
    entropy.fill(&mut bytes).unwrap();
    bytes
}

fn bytes(entropy: &dyn Entropy, length: usize) -> Vec<u8> {
    filled(entropy, vec![0; length])
}

pub async fn every_byte_is_filled(entropy: &dyn Entropy) {
    for length in [0, 1, 7, 16, 31, 32, 33, 1000] {
        // Whatever stood there before.
        let mut set = vec![0x00_u8; length];
        let mut kept = vec![0xff_u8; length];
        for _ in 0..16 {
            for (all, byte) in set.iter_mut().zip(bytes(entropy, length)) {
                *all |= byte;
            }
            let over_ones = filled(entropy, vec![0xff; length]);
            for (all, byte) in kept.iter_mut().zip(over_ones) {
                *all &= byte;
            }
        }
        assert!(set.iter().all(|all| *all != 0x00), "{length} bytes");
        assert!(kept.iter().all(|all| *all != 0xff), "{length} bytes");
    }
}

pub async fn no_call_repeats_another(entropy: &dyn Entropy) {
    let mut all: BTreeSet<Vec<u8>> = (0..1000).map(|_| bytes(entropy, 16)).collect();
    // Nor does a long one repeat a part of itself.
    let long = bytes(entropy, 1 << 18);
    all.extend(long.chunks(16).map(<[u8]>::to_vec));
    assert_eq!(all.len(), 1000 + (1 << 14));
}

pub async fn every_byte_is_as_frequent_as_the_others(entropy: &dyn Entropy) {
    let mut counts = [0_u32; 256];
    for byte in bytes(entropy, 1 << 18) {
        counts[usize::from(byte)] += 1;
    }
    // 1024 of each, give or take ten standard deviations.
    for (byte, count) in counts.into_iter().enumerate() {
        assert!((704..=1344).contains(&count), "{byte} comes {count} times");
    }
}

pub async fn threads_do_not_share_bytes(entropy: &dyn Entropy) {
    let all: BTreeSet<Vec<u8>> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..100).map(|_| bytes(entropy, 16)).collect::<Vec<_>>()))
            .collect();
        asking
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(all.len(), 800);
}

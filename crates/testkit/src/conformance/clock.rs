//! What every clock must do.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::Datelike;
use userhub_domain::clock::{Clock, microseconds};

/// Makes a `#[test]` of each obligation of a
/// [`Clock`](userhub_domain::clock::Clock). The expression makes a new clock
/// for each of them; it may await.
///
/// ```
/// mod fixed {
///     userhub_testkit::clock_conformance!(userhub_testkit::FixedClock::new());
/// }
/// ```
#[macro_export]
macro_rules! clock_conformance {
    (@list [$($then:tt)+] $with:tt) => {
        $($then)+! { clock $with
            time_is_cut_to_microseconds
            time_does_not_run_backwards
            time_is_in_years_of_four_digits
            many_threads_may_ask_at_once
        }
    };
    ($clock:expr) => {
        $crate::clock_conformance! { @list [$crate::conformance_tests] ($clock) }
    };
}

pub async fn time_is_cut_to_microseconds(clock: &dyn Clock) {
    for _ in 0..1000 {
        let now = clock.now();
        assert_eq!(now, microseconds(now));
    }
}

pub async fn time_does_not_run_backwards(clock: &dyn Clock) {
    let mut before = clock.now();
    for _ in 0..1000 {
        let now = clock.now();
        assert!(now >= before, "{now} after {before}");
        before = now;
    }
}

pub async fn time_is_in_years_of_four_digits(clock: &dyn Clock) {
    assert!((1970..10_000).contains(&clock.now().year()));
}

pub async fn many_threads_may_ask_at_once(clock: &dyn Clock) {
    let before = clock.now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut before = before;
                for _ in 0..100 {
                    let now = clock.now();
                    assert!(now >= before, "{now} after {before}");
                    before = now;
                }
            });
        }
    });
}

//! The small kits are questioned as that of the store is: adapters with one
//! defect each, every one of which fails the check that names it.

mod hasher;
mod mailer;
mod totp;

use std::{collections::BTreeSet, future::Future, panic::AssertUnwindSafe};

use userhub_testkit::conformance::on_a_runtime;

/// Whether a check finds something wrong.
fn fails(check: impl Future<Output = ()>) -> bool {
    std::panic::catch_unwind(AssertUnwindSafe(|| on_a_runtime(check))).is_err()
}

/// The checks of a kit that an adapter fails; one adapter is made for each.
macro_rules! failed {
    ($kit:ident ($subject:expr) $($check:ident)+) => {
        [$((
            stringify!($check),
            super::fails(async {
                let subject = $subject;
                userhub_testkit::conformance::$kit::$check(&subject).await;
            }),
        )),+]
    };
}
use failed;

/// What each defect was found by, against what has to find it.
fn compare<const N: usize>(found: &[(&'static str, [(&'static str, bool); N])]) {
    let mut used = BTreeSet::new();
    for (expected, checks) in found {
        let failed: Vec<_> = checks.iter().filter(|(_, failed)| *failed).collect();
        assert!(
            failed.iter().any(|(name, _)| name == expected),
            "{expected} finds nothing wrong, {failed:?} does"
        );
        used.extend(failed.iter().map(|(name, _)| *name));
    }
    let all = found.iter().flat_map(|(_, checks)| checks);
    let all: BTreeSet<_> = all.map(|(name, _)| *name).collect();
    assert_eq!(used, all, "every check is failed by something");
}

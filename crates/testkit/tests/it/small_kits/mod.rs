//! The small kits are questioned as that of the store is: adapters with one
//! defect each, every one of which fails the check that names it, and one
//! without any, which fails nothing.

mod access_tokens;
mod broken_hasher;
mod clock;
mod entropy;
mod hasher;
mod mailer;
mod proof;
mod signed_tokens;
mod totp;

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use self::proof::Proof;

/// What can be wrong with an adapter, one thing at a time: a name, a sentence,
/// and the check that has to find it.
macro_rules! defects {
    ($($name:ident: $sentence:literal => $check:ident;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Wrong { $($name),+ }

        const DEFECTS: &[(Wrong, &str, &str)] =
            &[$((Wrong::$name, $sentence, stringify!($check))),+];
    };
}
use defects;

/// Every check of a kit, and whether an adapter fails it; one is made for each.
macro_rules! failed {
    ($kit:ident ($subject:expr) $($check:ident)+) => {
        vec![$((
            stringify!($check),
            $crate::small_kits::fails(async {
                let subject = $subject;
                userhub_testkit::conformance::$kit::$check(&subject).await;
            }),
        )),+]
    };
}
use failed;

/// Longer than a check waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a check finds something wrong. Nobody waits: time goes on when
/// nothing else does.
fn fails(check: impl Future<Output = ()>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let run = AssertUnwindSafe(|| {
        runtime.block_on(async {
            let done = tokio::time::timeout(PATIENCE, check).await;
            done.expect("a check does not hang");
        });
    });
    std::panic::catch_unwind(run).is_err()
}

/// In the order of the documentation.
const KITS: [fn() -> Proof; 6] = [
    hasher::proof,
    access_tokens::proof,
    mailer::proof,
    totp::proof,
    clock::proof,
    entropy::proof,
];

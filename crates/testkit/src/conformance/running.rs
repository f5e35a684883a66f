//! How a check runs: on threads of its own as a server has them, and not for ever.

use std::{
    future::Future,
    panic::resume_unwind,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// Far longer than any check takes.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs a check to its end. One that does not end fails, also where it holds
/// every thread of its runtime: the thread of the test is none of them.
#[doc(hidden)]
pub fn on_a_runtime<F: Future<Output = ()>>(check: impl FnOnce() -> F + Send + 'static) {
    on_a_runtime_for(LONGEST, check);
}

fn on_a_runtime_for<F: Future<Output = ()>>(
    longest: Duration,
    check: impl FnOnce() -> F + Send + 'static,
) {
    let (running, over) = channel::<()>();
    let work = move || {
        // Gone when the check is over, however that came, and its runtime too.
        let _running = running;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.unwrap().block_on(check());
    };
    // Panics name their thread: the test's.
    let name = thread::current().name().unwrap_or("check").to_owned();
    let runner = thread::Builder::new().name(name).spawn(work).unwrap();
    if over.recv_timeout(longest) == Err(RecvTimeoutError::Timeout) {
        panic!(
            "not over after {longest:?}. Usually somebody waits for a turn that never comes: \
             `begin` holds its thread while it waits (a lock of the standard library, a loop \
             without an await), or a turn is not given back. See \"Waiting for a turn\" in \
             docs/writing-an-adapter.md"
        );
    }
    if let Err(panic) = runner.join() {
        resume_unwind(panic);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::{Arc, Mutex},
    };

    use super::*;
    use crate::locked;

    fn said(run: impl FnOnce()) -> String {
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        let text = panic.downcast_ref::<String>().cloned();
        text.unwrap_or_else(|| (*panic.downcast_ref::<&str>().unwrap()).to_owned())
    }

    /// As where `begin` waits for a lock of the standard library.
    #[test]
    fn a_check_that_holds_every_thread_fails_in_time() {
        let turn = Arc::new(Mutex::new(()));
        let held = locked(&turn);
        let waiting = turn.clone();
        let text = said(|| {
            on_a_runtime_for(Duration::from_millis(100), move || async move {
                for turn in [waiting.clone(), waiting.clone(), waiting.clone()] {
                    tokio::spawn(async move { drop(locked(&turn)) });
                }
                drop(locked(&waiting));
            });
        });
        assert!(text.starts_with("not over after 100ms."), "{text}");
        // Its threads come to their end.
        drop(held);
    }

    #[test]
    fn a_check_that_fails_says_what_it_said() {
        assert_eq!(said(|| on_a_runtime(|| async { panic!("red") })), "red");
        on_a_runtime(|| async {});
    }
}

//! Clocks that go wrong.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread::ThreadId,
};

use chrono::TimeDelta;
use userhub_domain::clock::{Clock, Timestamp};
use userhub_testkit::FixedClock;

use super::{Proof, defects, failed};

defects! {
    Nanoseconds: "it shows nanoseconds" => time_is_cut_to_microseconds;
    StepsBack: "every hundredth answer is a millisecond early" => time_does_not_run_backwards;
    MillisecondsAsSeconds: "milliseconds are read as seconds" => time_is_in_years_of_four_digits;
    BeforeTheEpoch: "it begins in 1900" => time_is_in_years_of_four_digits;
    OneThreadAlone: "it panics in every thread but the one that made it" => many_threads_may_ask_at_once;
    StoppedInOtherThreads: "other threads see the time at which it was made" => many_threads_may_ask_at_once;
    BackAndForthInOtherThreads: "in other threads it goes back and forth" => many_threads_may_ask_at_once;
}

/// Goes on by a microsecond with every answer.
struct BrokenClock {
    wrong: Option<Wrong>,
    begin: Timestamp,
    inner: FixedClock,
    answers: AtomicU32,
    home: ThreadId,
}

impl BrokenClock {
    fn with(wrong: Option<Wrong>) -> Self {
        let inner = FixedClock::new();
        let begin = inner.now();
        // Nobody has asked when it was made.
        inner.advance(TimeDelta::seconds(1));
        Self {
            wrong,
            begin,
            inner,
            answers: AtomicU32::new(0),
            home: std::thread::current().id(),
        }
    }
}

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        self.inner.advance(TimeDelta::microseconds(1));
        let now = self.inner.now();
        let answers = self.answers.fetch_add(1, Ordering::Relaxed);
        let is_at_home = std::thread::current().id() == self.home;
        match self.wrong {
            Some(Wrong::Nanoseconds) => now + TimeDelta::nanoseconds(1),
            Some(Wrong::StepsBack) if answers % 100 == 99 => now - TimeDelta::milliseconds(1),
            Some(Wrong::MillisecondsAsSeconds) => {
                Timestamp::from_timestamp(now.timestamp_millis(), 0).unwrap()
            }
            Some(Wrong::BeforeTheEpoch) => now - TimeDelta::days(126 * 365),
            Some(Wrong::OneThreadAlone) if !is_at_home => panic!("who is asking?"),
            Some(Wrong::StoppedInOtherThreads) if !is_at_home => self.begin,
            Some(Wrong::BackAndForthInOtherThreads) if !is_at_home => {
                now + TimeDelta::seconds(i64::from(answers % 2))
            }
            _ => now,
        }
    }
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["clock_conformance", "clocks"],
        &[include_str!("../../../src/conformance/clock.rs")],
        DEFECTS,
        |wrong| userhub_testkit::clock_conformance!(@list [failed] (BrokenClock::with(wrong))),
    )
}

//! What came of a verb, kept whole: a red check shows which verb it was, where
//! the check stands that called it, and everything that the adapter saw.

use std::{collections::BTreeMap, fmt, panic::Location};

use userhub_domain::{
    Error, Result,
    error::{Conflict, Identifier},
};

/// Where a check takes a step. Async functions do not know who called them, so
/// that a step makes this first, outside of its future.
#[derive(Clone, Copy)]
pub(super) struct Place(&'static Location<'static>);

impl Place {
    #[track_caller]
    pub(super) fn here() -> Self {
        Self(Location::caller())
    }

    /// What the verb gave; stops the check where it failed.
    pub(super) fn done<T>(self, verb: &str, result: Result<T>) -> T {
        result.unwrap_or_else(|error| {
            panic!("{verb} failed: {error:?}\n   in the step at {}", self.0)
        })
    }

    /// What the verb found; stops the check where that is nothing.
    pub(super) fn found<T>(self, verb: &str, found: Option<T>) -> T {
        found.unwrap_or_else(|| panic!("{verb} found nothing\n   in the step at {}", self.0))
    }

    /// Stops the check where the verb gave false.
    pub(super) fn held(self, verb: &str, held: bool) {
        assert!(held, "{verb} gave false\n   in the step at {}", self.0);
    }
}

/// How a verb ended: compared by the stable code of its failure.
pub(super) struct Outcome(Result<(), Error>);

impl Outcome {
    pub(super) fn code(&self) -> &'static str {
        self.0.as_ref().map_or_else(Error::code, |()| "done")
    }
}

impl PartialEq<&str> for Outcome {
    fn eq(&self, code: &&str) -> bool {
        self.code() == *code
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(()) => f.write_str("\"done\""),
            Err(error) => write!(f, "\"{}\", of {error:?}", error.code()),
        }
    }
}

/// The stable code of a failure.
pub(super) fn code<T>(result: Result<T>) -> Outcome {
    Outcome(result.map(drop))
}

/// How a verb ended: compared by the identifiers that it names as taken.
pub(super) struct Taken(Result<(), Error>);

impl Taken {
    fn named(&self) -> Option<&[Identifier]> {
        match &self.0 {
            Err(Error::Conflict(Conflict::Taken(all))) => Some(all),
            _ => None,
        }
    }
}

impl<T: AsRef<[Identifier]>> PartialEq<T> for Taken {
    fn eq(&self, wanted: &T) -> bool {
        self.named() == Some(wanted.as_ref())
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.named(), &self.0) {
            (Some(all), _) => all.fmt(f),
            (None, Ok(())) => f.write_str("done, and nothing was taken"),
            (None, Err(error)) => write!(f, "not taken but {error:?}"),
        }
    }
}

/// The identifiers that a failure names as taken.
pub(super) fn taken<T>(result: Result<T>) -> Taken {
    Taken(result.map(drop))
}

/// The place of the one caller who won, where all others were refused with a code.
#[track_caller]
pub(super) fn the_winner<T>(results: Vec<Result<T>>, refusal: &str) -> usize {
    let outcomes: Vec<Outcome> = results.into_iter().map(code).collect();
    let won = outcomes.iter().position(|one| *one == "done");
    let refused = outcomes.iter().filter(|one| **one == refusal).count();
    match won {
        Some(won) if refused + 1 == outcomes.len() => won,
        _ => panic!(
            "one is done, the others get {refusal:?}; got{}",
            counted(&outcomes)
        ),
    }
}

/// Each outcome once, with how many had it.
fn counted(outcomes: &[Outcome]) -> String {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for one in outcomes {
        *numbers.entry(format!("{one:?}")).or_default() += 1;
    }
    let lines = numbers.iter();
    lines
        .map(|(one, n)| format!("\n  {n} times {one}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn broken() -> Result<()> {
        let source = std::io::Error::other("no such column: usrname");
        Err(Error::internal_from("changing a user", source))
    }

    #[test]
    fn a_failure_that_is_not_the_expected_one_is_shown_with_its_source() {
        assert_eq!(code(Err::<(), _>(Conflict::Stale.into())), "edit_conflict");
        assert_eq!(format!("{:?}", code(Ok(1))), "\"done\"");
        let shown = format!("{:?}", code(broken()));
        assert!(shown.starts_with("\"internal\", of Internal("), "{shown}");
        assert!(shown.contains("no such column: usrname"), "{shown}");
    }

    #[test]
    fn success_and_other_failures_are_not_taken() {
        let refused = || Err::<(), Error>(Conflict::Taken(vec![Identifier::Email]).into());
        assert_eq!(taken(refused()), [Identifier::Email]);
        assert_ne!(taken(refused()), Identifier::ALL);
        assert_eq!(format!("{:?}", taken(refused())), "[Email]");
        for other in [Ok(()), broken(), Err(Conflict::Stale.into())] {
            assert_ne!(taken(other), Vec::new());
        }
        let shown = format!("{:?}", taken(broken()));
        assert!(shown.contains("no such column: usrname"), "{shown}");
    }

    #[test]
    #[should_panic(expected = "2 times \"internal\", of Internal(Internal { context: ")]
    fn losers_of_a_race_tell_what_they_got() {
        the_winner(vec![broken(), Ok(()), broken()], "edit_conflict");
    }

    #[test]
    fn a_race_has_one_winner_and_losers_who_are_told_so() {
        let stale = || Err(Conflict::Stale.into());
        let winner = the_winner(vec![stale(), Ok(()), stale()], "edit_conflict");
        assert_eq!(winner, 1);
        for wrong in [vec![Ok(()), Ok(())], vec![stale()], vec![Ok(()), broken()]] {
            let told = catch_unwind(AssertUnwindSafe(|| the_winner(wrong, "edit_conflict")));
            assert!(told.is_err());
        }
    }

    #[test]
    #[should_panic(expected = "outcome.rs:")]
    fn a_step_that_fails_tells_its_place() {
        Place::here().done("users().purge", broken());
    }
}

//! The kit against every broken store, and the table of what came of it.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{BrokenDatabase, DEFECTS, Defect, document};
use crate::{
    conformance::{StoreCheck, store_checks},
    locked,
};

/// The name of the threads whose panics are expected.
const THREAD: &str = "broken-store";
const THREADS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a store with this defect fails a check. One thread does it all, so
/// that races come out the same in every run.
fn fails(defect: Defect, check: StoreCheck) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Nobody waits: time goes on when nothing else does.
        .start_paused(true)
        .build()
        .unwrap();
    let database = BrokenDatabase::with(defect);
    let run = AssertUnwindSafe(|| {
        runtime.block_on(async {
            let done = tokio::time::timeout(PATIENCE, (check.run)(&database)).await;
            done.expect("a check does not hang");
        });
    });
    std::panic::catch_unwind(run).is_err()
}

/// The checks that each broken store fails, by the number of the defect.
fn run_all(checks: &[StoreCheck]) -> BTreeMap<usize, Vec<&'static str>> {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD) {
            usual(panic);
        }
    }));
    let jobs: Vec<(usize, StoreCheck)> = checks
        .iter()
        .flat_map(|check| (0..DEFECTS.len()).map(move |defect| (defect, *check)))
        .collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let work = || {
                while let Some((defect, check)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if fails(DEFECTS[*defect].0, *check) {
                        locked(&failed).push((*defect, check.name));
                    }
                }
            };
            let thread = std::thread::Builder::new().name(THREAD.to_owned());
            thread.spawn_scoped(scope, work).unwrap();
        }
    });
    let mut all: BTreeMap<usize, Vec<&'static str>> = BTreeMap::new();
    for (defect, check) in locked(&failed).drain(..) {
        all.entry(defect).or_default().push(check);
    }
    all
}

fn place(checks: &[StoreCheck], name: &str) -> usize {
    let place = checks.iter().position(|check| check.name == name);
    place.unwrap_or_else(|| panic!("there is no check {name}"))
}

fn table(checks: &[StoreCheck], failed: &BTreeMap<usize, Vec<&'static str>>) -> String {
    let mut text = format!(
        "{} checks, {} broken stores.\n\n",
        checks.len(),
        DEFECTS.len()
    );
    text.push_str("| broken store | fails | and also |\n| --- | --- | --- |\n");
    for (number, (_, sentence, witness)) in DEFECTS.iter().enumerate() {
        let mut others = failed.get(&number).cloned().unwrap_or_default();
        others.retain(|name| name != witness);
        others.sort_by_key(|name| place(checks, name));
        let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!(
            "| {sentence} | `{witness}` | {} |\n",
            others.join(", ")
        ));
    }
    text.push_str("\n| check | broken stores that fail it |\n| --- | ---: |\n");
    for check in checks {
        let count = failed
            .values()
            .filter(|all| all.contains(&check.name))
            .count();
        text.push_str(&format!("| `{}` | {count} |\n", check.name));
    }
    text
}

#[test]
fn every_broken_store_fails_the_check_that_names_it_and_every_check_is_failed() {
    let checks = store_checks();
    let failed = run_all(&checks);
    let mut missed = Vec::new();
    for (number, (defect, _, witness)) in DEFECTS.iter().enumerate() {
        place(&checks, witness);
        if !failed.get(&number).is_some_and(|all| all.contains(witness)) {
            missed.push(format!("{defect:?} passes {witness}"));
        }
    }
    for check in &checks {
        if !failed.values().any(|all| all.contains(&check.name)) {
            missed.push(format!("no broken store fails {}", check.name));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let found = table(&checks, &failed);
    document::compare("cargo test -p userhub-testkit --lib", &found);
}

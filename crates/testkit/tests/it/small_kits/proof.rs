//! The kits against every broken adapter, and the tables of what came of it.

use std::{collections::BTreeSet, fmt::Write, sync::OnceLock};

use super::KITS;

#[path = "../../../src/memory/broken/document.rs"]
mod document;

/// The checks of a kit, and whether an adapter fails them.
type Answers = Vec<(&'static str, bool)>;

/// What came of a kit.
pub(super) struct Proof {
    /// The name of its macro.
    kit: &'static str,
    /// What it asks, in the plural.
    adapters: &'static str,
    /// The sources of its checks.
    sources: &'static [&'static str],
    /// Of the adapter without a defect.
    sound: Answers,
    broken: Vec<Broken>,
}

struct Broken {
    sentence: &'static str,
    witness: &'static str,
    answers: Answers,
}

impl Broken {
    fn fails(&self, check: &str) -> bool {
        self.answers.contains(&(check, true))
    }
}

impl Proof {
    /// Runs every check on the adapter without a defect, and on one with each.
    pub(super) fn of<W: Copy>(
        [kit, adapters]: [&'static str; 2],
        sources: &'static [&'static str],
        defects: &[(W, &'static str, &'static str)],
        run: impl Fn(Option<W>) -> Answers,
    ) -> Self {
        let broken = defects.iter().map(|(wrong, sentence, witness)| Broken {
            sentence,
            witness,
            answers: run(Some(*wrong)),
        });
        Self {
            kit,
            adapters,
            sources,
            broken: broken.collect(),
            sound: run(None),
        }
    }

    fn checks(&self) -> impl Iterator<Item = &'static str> {
        self.sound.iter().map(|(name, _)| *name)
    }

    fn write_table(&self, text: &mut String) -> std::fmt::Result {
        let Self { kit, adapters, .. } = self;
        let [checks, broken] = [self.sound.len(), self.broken.len()];
        writeln!(text, "\n### `{kit}!`\n")?;
        writeln!(text, "{checks} checks, {broken} broken {adapters}.\n")?;
        writeln!(text, "| what is wrong | fails | and also |")?;
        writeln!(text, "| --- | --- | --- |")?;
        for broken in &self.broken {
            let others = self.checks().filter(|name| *name != broken.witness);
            let others = others.filter(|name| broken.fails(name));
            let others: Vec<String> = others.map(|name| format!("`{name}`")).collect();
            let (sentence, witness) = (broken.sentence, broken.witness);
            writeln!(text, "| {sentence} | `{witness}` | {} |", others.join(", "))?;
        }
        Ok(())
    }
}

/// Every kit, asked once.
fn proofs() -> &'static [Proof] {
    static PROOFS: OnceLock<Vec<Proof>> = OnceLock::new();
    PROOFS.get_or_init(|| {
        std::thread::scope(|scope| {
            let running: Vec<_> = KITS.map(|proof| scope.spawn(proof)).into();
            let done = running.into_iter().map(|thread| thread.join());
            done.map(|proof| proof.unwrap()).collect()
        })
    })
}

#[test]
fn every_broken_adapter_fails_the_check_that_names_it() {
    for proof in proofs() {
        for broken in &proof.broken {
            let witness = broken.witness;
            let exists = proof.checks().any(|name| name == witness);
            assert!(exists, "{}: there is no check {witness}", proof.kit);
            let found = broken.answers.iter().filter(|(_, failed)| *failed);
            let found: Vec<_> = found.map(|(name, _)| name).collect();
            assert!(
                broken.fails(witness),
                "{}: {:?} passes {witness}, and fails {found:?}",
                proof.kit,
                broken.sentence
            );
        }
    }
}

#[test]
fn every_check_is_failed_by_a_broken_adapter() {
    for proof in proofs() {
        for check in proof.checks() {
            let is_failed = proof.broken.iter().any(|broken| broken.fails(check));
            assert!(is_failed, "{}: nothing fails {check}", proof.kit);
        }
    }
}

#[test]
fn an_adapter_without_a_defect_fails_nothing() {
    for proof in proofs() {
        let failed = proof.sound.iter().filter(|(_, failed)| *failed);
        let failed: Vec<_> = failed.collect();
        assert!(failed.is_empty(), "{}: {failed:?}", proof.kit);
    }
}

/// One that is in no list would never run.
#[test]
fn every_check_is_in_the_list_of_its_kit() {
    for proof in proofs() {
        let lines = proof.sources.iter().flat_map(|text| text.lines());
        let written: BTreeSet<&str> = lines
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next())
            .collect();
        assert_eq!(proof.checks().collect::<BTreeSet<_>>(), written);
        assert_eq!(proof.sound.len(), written.len(), "{}: twice", proof.kit);
    }
}

#[test]
fn the_document_says_what_was_found() {
    let mut text = String::new();
    for proof in proofs() {
        proof.write_table(&mut text).unwrap();
    }
    document::compare("cargo test -p userhub-testkit --test it", &text);
}

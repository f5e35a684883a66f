//! The documentation of the use cases keeps its promises: the codes, events and
//! mails that it names are there, each is named by somebody, and what a file of
//! use cases visibly does is said in it.

mod promises;

use std::collections::BTreeSet;

use userhub_domain::{audit::EventKind, error::Identifier, mail::MailKind};

use self::promises::{cases, promised, steps};
use crate::documentation::{documented, read, rust_files};

pub(crate) const FOLDERS: [&str; 6] = [
    "src/accounts",
    "src/sessions",
    "src/second_factor",
    "src/api_keys",
    "src/mail",
    "src/admin",
];

/// Members and parameters that stand in `# Errors` beside the codes.
const MEMBERS: [&str; 4] = ["expected", "expires_at", "name", "new_password"];

/// What no use case names: what the outermost layer finds, and what the guide
/// says of all of them as "those of the store".
const OF_NO_USE_CASE: [&str; 3] = ["not_authenticated", "storage_unavailable", "internal"];

struct UseCase {
    name: String,
    doc: String,
    signature: String,
    body: String,
}

/// A file with use cases: its code without tests, and those.
struct File {
    path: String,
    code: String,
    use_cases: Vec<UseCase>,
}

impl UseCase {
    /// The section on errors.
    fn errors(&self) -> &str {
        self.doc
            .split_once("# Errors\n")
            .map_or("", |(_, text)| text)
    }
}

/// Code without comments, a chain of calls on one line.
fn plain(code: &str) -> String {
    let lines = code.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n").replace("\n.", ".")
}

fn files() -> Vec<File> {
    let mut all = Vec::new();
    for folder in FOLDERS {
        for (path, text) in rust_files(folder) {
            let text = text.split("#[cfg(test)]").next().unwrap();
            let found = documented(text, "pub async fn ").into_iter();
            let use_cases: Vec<_> = found
                .map(|(name, (doc, signature))| {
                    let begin = format!("pub async fn {name}(");
                    let (_, body) = text.split_once(&begin).unwrap();
                    let body = plain(body.split("\n    }\n").next().unwrap());
                    UseCase {
                        name,
                        doc,
                        signature,
                        body,
                    }
                })
                .collect();
            let (path, code) = (path.display().to_string(), plain(text));
            if !use_cases.is_empty() {
                all.push(File {
                    path,
                    code,
                    use_cases,
                });
            }
        }
    }
    all
}

fn use_cases() -> Vec<UseCase> {
    let files = files().into_iter();
    files.flat_map(|file| file.use_cases).collect()
}

/// What stands between single backticks, and not in a link.
fn words(text: &str) -> BTreeSet<&str> {
    let mut parts = text.split('`');
    let mut before = parts.next().unwrap();
    let mut words = BTreeSet::new();
    while let (Some(word), Some(after)) = (parts.next(), parts.next()) {
        if !before.ends_with('[') {
            words.insert(word);
        }
        before = after;
    }
    words
}

/// Every code that there is.
fn codes() -> BTreeSet<String> {
    let taken = Identifier::ALL
        .iter()
        .map(|one| one.taken_code().to_owned());
    let mut codes: BTreeSet<_> = cases().into_iter().map(|(_, code)| code).collect();
    codes.insert("edit_conflict".to_owned());
    codes.extend(taken);
    codes
}

/// The codes that a section on errors names.
fn named_codes(errors: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for word in words(errors) {
        if word == "…_taken" {
            named.extend(Identifier::ALL.map(|one| one.taken_code().to_owned()));
        } else {
            named.insert(word.to_owned());
        }
    }
    named
}

#[test]
fn every_code_that_a_use_case_names_exists_and_every_code_is_named() {
    let codes = codes();
    assert!(codes.len() >= 30, "{codes:?}");
    let mut named: BTreeSet<String> = OF_NO_USE_CASE.map(str::to_owned).into();
    let guide = read("src/lib.rs");
    for code in &named {
        assert!(guide.contains(code.as_str()), "the guide lacks {code}");
    }
    for UseCase { name, doc, .. } in &use_cases() {
        let errors = doc.split_once("# Errors\n").map_or("", |(_, text)| text);
        for code in named_codes(errors) {
            let is_known = codes.contains(&code) || MEMBERS.contains(&code.as_str());
            assert!(is_known, "{name}: there is no code {code}");
            named.insert(code);
        }
    }
    let unnamed: Vec<_> = codes.difference(&named).collect();
    assert!(unnamed.is_empty(), "no use case names {unnamed:?}");
}

#[test]
fn every_event_and_every_mail_is_named_by_a_use_case_and_every_named_event_exists() {
    let all = use_cases();
    for UseCase { name, doc, .. } in &all {
        for word in words(doc).into_iter().filter(|word| word.contains('.')) {
            assert!(EventKind::parse(word).is_ok(), "{name}: no event {word}");
        }
    }
    for kind in EventKind::ALL {
        let is_named = all
            .iter()
            .any(|one| words(&one.doc).contains(kind.as_str()));
        assert!(is_named, "no use case writes {}", kind.as_str());
    }
    for kind in MailKind::ALL {
        let link = format!("MailKind::{kind:?})");
        let is_named = all.iter().any(|one| one.doc.contains(&link));
        assert!(is_named, "no use case mails {kind:?}");
    }
}

#[test]
fn every_use_case_says_how_it_fails_and_which_event_it_writes() {
    let mut number = 0;
    for one in use_cases() {
        let (name, errors) = (&one.name, one.errors().to_lowercase());
        let is_fallible = one.signature.contains("Result");
        let is_whole = errors.contains("store") || errors.contains("as [`");
        assert!(!is_fallible || is_whole, "{name}: those of the store");
        if !one.signature.contains("origin: &Origin") {
            continue;
        }
        number += 1;
        let doc = one.doc.to_lowercase();
        let is_event = |word: &str| EventKind::parse(word).is_ok();
        let names_an_event = words(&doc).into_iter().any(is_event);
        assert!(names_an_event && doc.contains("writes"), "{name}");
    }
    assert!(number >= 30, "{number}");
}

#[test]
fn what_a_use_case_does_is_said_of_it_and_what_its_file_does_in_that_file() {
    let mut seen = BTreeSet::new();
    for File {
        path,
        code,
        use_cases,
    } in files()
    {
        let docs: String = use_cases.iter().map(|one| one.doc.as_str()).collect();
        for one in &use_cases {
            // "As another one", which stands in the same file.
            let is_own = !one.errors().starts_with("As [`");
            let doc = if is_own { &one.doc } else { &docs };
            for (word, why) in promised(&one.body) {
                assert!(doc.contains(&word), "{} lacks {word}: {why}", one.name);
            }
        }
        for (word, why) in promised(&code) {
            // The kinds of mail that are looked at here are caused by others.
            let is_cause = !(path.ends_with("deliver.rs") && why.starts_with("MailKind"));
            assert!(
                !is_cause || docs.contains(&word),
                "{path} lacks {word}: {why}"
            );
            seen.insert(why);
        }
    }
    for step in steps() {
        assert!(seen.contains(step), "nobody takes the step {step} any more");
    }
}

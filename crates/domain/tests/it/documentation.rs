//! The documentation keeps its promises: every method of a store's ports says
//! what it owes and which check proves it, every such check exists, and every
//! use case that takes an origin says which event it writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use userhub_domain::audit::EventKind;

const STORE_PORTS: [&str; 5] = [
    "src/store.rs",
    "src/users/repository.rs",
    "src/sessions/repository.rs",
    "src/handed_out.rs",
    "src/audit.rs",
];
const OTHER_PORTS: [&str; 3] = [
    "src/clock.rs",
    "src/users/password.rs",
    "src/sessions/access_token.rs",
];
const USE_CASES: [&str; 3] = ["src/accounts", "src/sessions", "src/admin"];

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rust_files(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
    texts
}

/// The doc comment of each function that begins so, by the function's name.
fn documented(text: &str, beginning: &str) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let mut doc = String::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            doc.push_str(text.trim());
            doc.push('\n');
        } else if let Some(rest) = line.strip_prefix(beginning) {
            let name = rest.split(['(', '<']).next().unwrap().to_owned();
            let mut signature = line.to_owned();
            while !signature.ends_with(['{', ';']) {
                signature.push_str(lines.next().unwrap());
            }
            found.insert(name, (std::mem::take(&mut doc), signature));
        } else if !line.starts_with("#[") {
            doc.clear();
        }
    }
    found
}

/// The methods of the traits in a file, with their doc comments.
fn methods(path: &str) -> BTreeMap<String, String> {
    let text = read(path);
    let mut all = BTreeMap::new();
    for (number, after) in text.split("\npub trait ").skip(1).enumerate() {
        let body = after.split("\n}\n").next().unwrap();
        for beginning in ["fn ", "async fn "] {
            for (name, (doc, _)) in documented(body, beginning) {
                all.insert(format!("{path} {number} {name}"), doc);
            }
        }
    }
    assert!(!all.is_empty(), "{path} has no port");
    all
}

/// Each obligation as one line.
fn obligations(doc: &str) -> Vec<String> {
    let Some((_, section)) = doc.split_once("# Obligations\n") else {
        return Vec::new();
    };
    let section = section.split("\n#").next().unwrap();
    let all = section.split("- ").skip(1);
    all.map(|one| one.replace('\n', " ")).collect()
}

/// What stands between single backticks and could be the name of a check.
fn named_checks(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| word.matches('_').count() >= 2)
        .filter(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
        .map(str::to_owned)
        .collect()
}

fn checks_of_the_kit() -> BTreeSet<String> {
    let files = rust_files("../testkit/src/conformance");
    let lines = files.iter().flat_map(|text| text.lines());
    lines
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_method_of_a_store_names_checks_that_exist_for_what_it_owes() {
    let kit = checks_of_the_kit();
    assert!(kit.len() >= 60, "{} checks", kit.len());
    for path in STORE_PORTS {
        for (method, doc) in methods(path) {
            let owed = obligations(&doc);
            assert!(!owed.is_empty(), "{method} owes nothing");
            for one in owed {
                let checks = named_checks(&one);
                assert!(!checks.is_empty(), "{method}: nothing proves {one:?}");
                let unknown: Vec<_> = checks.difference(&kit).collect();
                assert!(unknown.is_empty(), "{method}: no such check: {unknown:?}");
            }
        }
    }
}

#[test]
fn every_method_of_the_other_ports_says_what_it_owes() {
    let mut number = 0;
    for path in OTHER_PORTS {
        for (method, doc) in methods(path) {
            assert!(!obligations(&doc).is_empty(), "{method} owes nothing");
            number += 1;
        }
    }
    assert_eq!(number, 9);
}

#[test]
fn every_use_case_says_which_event_it_writes() {
    let mut use_cases = 0;
    for folder in USE_CASES {
        for text in rust_files(folder) {
            for (name, (doc, signature)) in documented(&text, "pub async fn ") {
                assert!(
                    !signature.contains("Result") || doc.contains("# Errors"),
                    "{name}"
                );
                if !signature.contains("origin: &Origin") {
                    continue;
                }
                use_cases += 1;
                let words: BTreeSet<&str> = doc.split('`').skip(1).step_by(2).collect();
                let names_an_event = EventKind::ALL
                    .iter()
                    .any(|kind| words.contains(kind.as_str()));
                assert!(
                    names_an_event && doc.to_lowercase().contains("writes"),
                    "{name}"
                );
            }
        }
    }
    assert!(use_cases >= 15, "{use_cases}");
}

//! The documentation of the ports keeps its promises: every method says what it
//! owes, and of each obligation which check proves it or that none can; every
//! such check exists, and every check is owed by somebody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const STORE_PORTS: [&str; 9] = [
    "src/store.rs",
    "src/users/repository.rs",
    "src/sessions/repository.rs",
    "src/handed_out.rs",
    "src/second_factor/repository.rs",
    "src/api_keys/repository.rs",
    "src/mail/repository.rs",
    "src/throttle/attempts.rs",
    "src/audit.rs",
];
/// Each with the kits that ask it.
const OTHER_PORTS: [(&str, &[&str]); 5] = [
    ("src/clock.rs", &["clock", "entropy"]),
    (
        "src/users/password.rs",
        &["password_hasher", "foreign_hashes"],
    ),
    (
        "src/sessions/access_token.rs",
        &["access_tokens", "forged_tokens"],
    ),
    ("src/mail/letter.rs", &["mailer"]),
    ("src/second_factor/totp.rs", &["totp"]),
];
/// What an obligation says that nothing proves.
const UNSEEN: &str = "no check can see";
const KIT: &str = "../testkit/src/conformance";

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder, by their paths.
pub(crate) fn rust_files(folder: &str) -> BTreeMap<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            texts.insert(path, text);
        }
    }
    texts
}

/// The doc comment of each function that begins so, by the function's name.
pub(crate) fn documented(text: &str, beginning: &str) -> BTreeMap<String, (String, String)> {
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

/// The checks that stand in a file of the kit.
fn checks_in(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines();
    lines
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next())
        .map(str::to_owned)
}

/// The checks of a store: all that stand in the list.
fn store_checks() -> BTreeSet<String> {
    let list = read(format!("{KIT}/list.rs"));
    let (_, listed) = list.split_once("{ @groups $with").unwrap();
    let (listed, _) = listed.split_once("        }").unwrap();
    let words = listed.split_whitespace();
    words
        .filter(|word| !word.ends_with(':'))
        .map(|word| word.trim_end_matches(';').to_owned())
        .collect()
}

/// What each method owes, and every check that is named for it.
fn named_by(path: &str, kit: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (method, doc) in methods(path) {
        let owed = obligations(&doc);
        assert!(!owed.is_empty(), "{method} owes nothing");
        for one in &owed {
            let is_proved = !named_checks(one).is_empty() || one.contains(UNSEEN);
            assert!(is_proved, "{method}: nothing proves {one:?}");
        }
        let named = named_checks(&owed.concat());
        let unknown: Vec<_> = named.difference(kit).collect();
        assert!(unknown.is_empty(), "{method}: no such check: {unknown:?}");
        all.extend(named);
    }
    all
}

#[test]
fn every_method_of_a_store_names_checks_that_exist_for_what_it_owes() {
    let kit = store_checks();
    assert!(kit.len() >= 120, "{} checks", kit.len());
    let mut named = BTreeSet::new();
    for path in STORE_PORTS {
        assert!(!read(path).contains(UNSEEN), "{path}: a store is seen");
        named.extend(named_by(path, &kit));
    }
    // Of the trait itself, since every verb owes it.
    named.extend(named_checks(&read("src/store.rs")));
    let owed_by_nobody: Vec<_> = kit.difference(&named).collect();
    assert!(owed_by_nobody.is_empty(), "{owed_by_nobody:?}");
}

#[test]
fn every_method_of_the_other_ports_says_what_it_owes_and_what_proves_it() {
    let mut number = 0;
    for (path, files) in OTHER_PORTS {
        let texts = files.iter().map(|file| read(format!("{KIT}/{file}.rs")));
        let kit: BTreeSet<String> = texts
            .flat_map(|text| checks_in(&text).collect::<Vec<_>>())
            .collect();
        let owed_by_nobody: Vec<_> = kit.difference(&named_by(path, &kit)).cloned().collect();
        assert!(owed_by_nobody.is_empty(), "{path}: {owed_by_nobody:?}");
        number += methods(path).len();
    }
    assert_eq!(number, 13);
}

/// So that no check is overlooked above: it is of a store, or of a file there.
#[test]
fn every_check_belongs_to_a_kit() {
    let mut known = store_checks();
    for file in OTHER_PORTS.iter().flat_map(|(_, files)| *files) {
        known.extend(checks_in(&read(format!("{KIT}/{file}.rs"))));
    }
    let all = rust_files(KIT);
    let all: BTreeSet<String> = all
        .values()
        .flat_map(|text| checks_in(text).collect::<Vec<_>>())
        .collect();
    let of_no_kit: Vec<_> = all.symmetric_difference(&known).collect();
    assert!(of_no_kit.is_empty(), "{of_no_kit:?}");
}

#[test]
fn the_example_of_the_guide_is_as_short_as_it_says() {
    let guide = read("src/lib.rs");
    let (_, example) = guide.split_once("# In thirty lines").unwrap();
    let example = example.split("//! ```").nth(1).unwrap();
    let lines = example
        .lines()
        .map(|line| line.trim_start_matches("//!").trim());
    let shown = lines.filter(|line| !line.is_empty() && *line != "#" && !line.starts_with("# "));
    let number = shown.count();
    assert!((25..=32).contains(&number), "{number} lines");
}

#[test]
fn no_line_of_a_doc_comment_is_too_long_but_those_of_tables() {
    let folders = ["src", "src/users", "src/users/user", "src/throttle"];
    for folder in folders
        .into_iter()
        .chain(crate::documented_use_cases::FOLDERS)
    {
        for (path, text) in rust_files(folder) {
            let docs = text
                .lines()
                .filter(|line| line.trim_start().starts_with("//"));
            for line in docs.filter(|line| !line.contains(" | ")) {
                assert!(line.chars().count() <= 100, "{}: {line}", path.display());
            }
        }
    }
}

//! Every port of the domain has a mock and every value a strategy, whatever is
//! added there.

use std::{collections::BTreeSet, fs, path::Path};

/// What has no strategy, and why.
const WITHOUT: [(&str, &[&str]); 7] = [
    (
        "made of values by whoever reads a store",
        &[
            "ClaimedMail",
            "KeyHolder",
            "MailCounts",
            "Page",
            "Principal",
            "RefreshLineage",
        ],
    ),
    (
        "given by an adapter, of which it says something",
        &[
            "Counted",
            "MailFailure",
            "Strength",
            "TotpEnrolment",
            "Verification",
            "VerificationKey",
        ],
    ),
    (
        "given by a use case alone",
        &[
            "CreatedApiKey",
            "EmailChange",
            "MfaChallenge",
            "PasswordResetTicket",
            "Registration",
            "Removed",
            "SecondFactorStatus",
            "TokenPair",
        ],
    ),
    (
        "a proof, made of a user or a name",
        &["Admin", "AdminReader", "OwnSession", "SignedIn"],
    ),
    (
        "made of another value by the domain alone, or of a few of them by anybody",
        &[
            "ListFingerprint",
            "MailQuery",
            "Rotation",
            "Settlement",
            "UserRecord",
        ],
    ),
    (
        "chosen by a deployment",
        &[
            "AttemptRule",
            "Lifetimes",
            "PasswordRules",
            "ReservedUsernames",
        ],
    ),
    (
        "an error, or a part of one",
        &[
            "Broken",
            "Conflict",
            "Error",
            "Forbidden",
            "Internal",
            "Invalid",
            "NotFound",
            "Unauthenticated",
            "Unavailable",
            "UnavailableReason",
            "Violation",
            "Violations",
        ],
    ),
];
/// What is no value but does something.
const SERVICES: [&str; 14] = [
    "Accounts",
    "Administration",
    "ApiKeys",
    "LengthStrength",
    "Mails",
    "Missing",
    "NoMailer",
    "NoTotp",
    "Ports",
    "Rules",
    "SecondFactor",
    "Services",
    "ServicesBuilder",
    "Sessions",
];
/// Inputs may hold anything; commands are parsed from them; policies are chosen.
const KINDS: [&str; 3] = ["Input", "Command", "Policy"];

/// The text of every file below a folder beside this crate's.
fn texts(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&texts(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    all
}

fn crate_text(folder: &str) -> String {
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

/// The names that stand after one of these words at the beginning of a line.
fn names<'a>(text: &'a str, words: &[&str]) -> BTreeSet<&'a str> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim_start();
            let rest = words.iter().find_map(|word| line.strip_prefix(word))?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
            Some(end.map_or(rest, |end| &rest[..end])).filter(|name| !name.is_empty())
        })
        .collect()
}

/// The ids, each of which stands alone in a call of its macro.
fn ids(text: &str) -> BTreeSet<&str> {
    let calls = text.split("crate::id::id! {").skip(1);
    let bodies = calls.filter_map(|call| call.split('}').next());
    bodies
        .filter_map(|body| body.split_whitespace().next_back())
        .collect()
}

#[test]
fn every_value_of_the_domain_has_a_strategy_or_a_reason() {
    let domain = crate_text("../domain/src");
    let strategies = crate_text("src/strategies")
        + &fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/strategies.rs"))
            .unwrap();
    let mut values = names(&domain, &["pub struct ", "pub enum "]);
    values.extend(ids(&domain));
    assert!(values.len() > 100, "they are found: {values:?}");
    let reasons: BTreeSet<&str> = WITHOUT
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    let mut missing = Vec::new();
    for name in &values {
        let has_one = strategies.contains(&format!("Strategy<Value = {name}>"))
            || strategies.contains(&format!("Strategy<Value = {name}<"));
        let is_excused = reasons.contains(name)
            || SERVICES.contains(name)
            || KINDS.iter().any(|kind| name.ends_with(kind));
        if has_one == is_excused {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "neither, or both: {missing:?}");
    let gone: Vec<_> = reasons
        .iter()
        .chain(&SERVICES)
        .filter(|one| !values.contains(*one))
        .collect();
    assert!(gone.is_empty(), "not in the domain: {gone:?}");
}

#[test]
fn every_port_of_the_domain_has_a_mock() {
    let mocks = include_str!("../../src/mocks.rs");
    let domain = crate_text("../domain/src");
    let ports = names(&domain, &["pub trait "]);
    assert!(ports.len() > 20, "they are found: {ports:?}");
    for port in ports {
        let mock = format!("Mock{port}");
        let is_there = mocks
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == mock);
        assert!(is_there, "{mock}");
    }
}

//! A check that stands in no list would never run.

const LIST: &str = include_str!("../../src/conformance/list.rs");
const FILES: [(&str, &str); 20] = [
    (
        "refresh_tokens",
        include_str!("../../src/conformance/refresh_tokens.rs"),
    ),
    (
        "interruptions",
        include_str!("../../src/conformance/interruptions.rs"),
    ),
    (
        "identifiers",
        include_str!("../../src/conformance/identifiers.rs"),
    ),
    (
        "searching",
        include_str!("../../src/conformance/searching.rs"),
    ),
    ("pages", include_str!("../../src/conformance/pages.rs")),
    ("users", include_str!("../../src/conformance/users.rs")),
    (
        "credentials",
        include_str!("../../src/conformance/credentials.rs"),
    ),
    ("listing", include_str!("../../src/conformance/listing.rs")),
    (
        "sessions",
        include_str!("../../src/conformance/sessions.rs"),
    ),
    (
        "handed_out",
        include_str!("../../src/conformance/handed_out.rs"),
    ),
    ("audit", include_str!("../../src/conformance/audit.rs")),
    (
        "units_of_work",
        include_str!("../../src/conformance/units_of_work.rs"),
    ),
    ("admins", include_str!("../../src/conformance/admins.rs")),
    (
        "concurrency",
        include_str!("../../src/conformance/concurrency.rs"),
    ),
    ("load", include_str!("../../src/conformance/load.rs")),
    (
        "second_factors",
        include_str!("../../src/conformance/second_factors.rs"),
    ),
    (
        "api_keys",
        include_str!("../../src/conformance/api_keys.rs"),
    ),
    ("outbox", include_str!("../../src/conformance/outbox.rs")),
    (
        "attempts",
        include_str!("../../src/conformance/attempts.rs"),
    ),
    (
        "account_flows",
        include_str!("../../src/conformance/account_flows.rs"),
    ),
];

#[test]
fn every_check_is_in_the_list() {
    for (file, text) in FILES {
        let (_, listed) = LIST.split_once(&format!(" {file}:\n")).unwrap();
        let (listed, _) = listed.split_once(';').unwrap();
        let listed: Vec<&str> = listed.split_whitespace().collect();
        let checks: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next())
            .collect();
        assert_eq!(listed, checks, "{file}");
    }
}

#[test]
fn texts_tell_how_many_checks_there_are() {
    let number = userhub_testkit::conformance::store_checks().len();
    for (text, said) in [
        (
            include_str!("../../README.md"),
            format!("makes {number} tests"),
        ),
        (
            include_str!("../../../../docs/writing-an-adapter.md"),
            format!("a store owes, {number} of them"),
        ),
        (
            include_str!("../../../../docs/writing-an-adapter.md"),
            format!("| {number} |"),
        ),
    ] {
        assert!(text.contains(&said), "{said}");
    }
}

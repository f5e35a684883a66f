//! Settings that are wrong: all of them at once, at once, and without values.

use std::time::{Duration, Instant};

use crate::process::{Finished, bare, run};

fn check(words: &[&str], variables: &[(&str, &str)]) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let finished = run(bare(words)
        .current_dir(folder.path())
        .envs(variables.iter().copied()));
    assert!(start.elapsed() < Duration::from_secs(5), "{finished:?}");
    finished
}

#[test]
fn all_errors_come_at_once_and_no_value_is_shown() {
    let variables = [
        ("DATABASE_URL", "mysql://root:tiger-secret@db/users"),
        ("USERHUB__TOKENS__ALGORITHM", "HS256"),
        ("USERHUB__TOKENS__SECRET", "short-secret-of-mine"),
        ("USERHUB__SERVER__PORT", "seventy"),
        ("USERHUB__SERVER__NO_SUCH_KEY", "hidden-value"),
        ("USERHUB__TOKENS__ACCESS_TTL", "9h"),
        ("USERHUB__TOKENS__REFRESH_TTL", "1h"),
    ];
    for words in [&["check-config"][..], &["serve"], &[], &["migrate", "up"]] {
        let finished = check(words, &variables);
        let complaint = finished.complaint();
        for name in [
            "DATABASE_URL",
            "USERHUB__TOKENS__SECRET",
            "USERHUB__SERVER__PORT",
            "USERHUB__SERVER__NO_SUCH_KEY",
            "USERHUB__TOKENS__ACCESS_TTL",
        ] {
            assert!(complaint.contains(name), "{name} in {complaint}");
        }
        for value in ["tiger-secret", "short-secret", "seventy", "hidden-value"] {
            assert!(
                !complaint.contains(value) && !finished.out.contains(value),
                "{finished:?}"
            );
        }
    }
}

#[test]
fn a_weak_secret_ends_the_start_and_is_not_shown() {
    for secret in [
        "",
        "secret",
        "changeme",
        "your-secret-key-here-change-in-production",
        "your-super-secret-key-change-in-production",
        "0123456789abcdef0123456789abcde",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let variables = [
            ("USERHUB__TOKENS__ALGORITHM", "HS256"),
            ("USERHUB__TOKENS__SECRET", secret),
        ];
        let finished = check(&["serve"], &variables);
        let complaint = finished.complaint();
        assert!(complaint.contains("USERHUB__TOKENS__SECRET"), "{complaint}");
        assert!(
            secret.len() < 7 || !complaint.contains(secret),
            "{complaint}"
        );
    }
}

#[test]
fn sound_settings_are_shown_without_secrets() {
    let secret = "q5sT1dVb0JmXy7hGz2LrC8nWk4UfP9aE";
    let finished = check(
        &["check-config"],
        &[
            ("DATABASE_URL", "postgres://hub:tiger@db.example/users"),
            ("USERHUB__TOKENS__ALGORITHM", "HS256"),
            ("USERHUB__TOKENS__SECRET", secret),
        ],
    );
    let shown = finished.printed();
    assert!(
        shown
            .lines()
            .any(|line| line.contains("postgres://db.example/users")),
        "{shown}"
    );
    assert!(shown.contains("USERHUB__SERVER__PORT=8000"), "{shown}");
    assert!(
        !shown.contains(secret) && !shown.contains("tiger"),
        "{shown}"
    );
}

#[test]
fn a_file_of_settings_is_read_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[server]\nport = 8123\n").unwrap();
    let words = ["check-config", "--config", file.to_str().unwrap()];
    assert!(run(&mut bare(&words)).printed().contains("=8123"));
    std::fs::write(&file, "[server]\nprot = 8123\n").unwrap();
    assert!(run(&mut bare(&words)).complaint().contains("server.prot"));
    let missing = run(&mut bare(&["serve", "--config", "/no/such/file.toml"]));
    assert!(missing.complaint().contains("/no/such/file.toml"));
}

#[test]
fn what_is_typed_wrongly_is_answered_with_the_usage() {
    for words in [
        &["srve"][..],
        &["create-admin"],
        &["set-role", "alice"],
        &["serve", "--prot", "1"],
    ] {
        let finished = run(&mut bare(words));
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(finished.err.contains("Usage"), "{finished:?}");
    }
}

//! What is generated from the code and kept beside it.

use std::path::Path;

/// `UPDATE_DOCUMENTS=1 cargo test -p userhub-api` writes the file anew.
#[test]
fn the_list_of_problems_is_the_one_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems.md");
    let expected = userhub_api::problems_markdown();
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &expected).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).expect("docs/problems.md");
    assert!(
        kept == expected,
        "docs/problems.md is out of date: UPDATE_DOCUMENTS=1 writes it"
    );
}

/// Every row of `docs/coverage.md` names tests that are there.
#[test]
fn every_capability_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/coverage.md")).expect("docs/coverage.md");
    let rows: Vec<_> = table.lines().filter(|line| is_capability(line)).collect();
    assert!(rows.len() > 90, "only {} rows", rows.len());
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, capability, here, tests] = cells[..] else {
            panic!("not four cells: {row}");
        };
        assert!(
            !capability.is_empty() && !here.is_empty(),
            "an empty cell: {row}"
        );
        for name in tests.split(' ').filter(|_| !tests.starts_with("later:")) {
            let name = name.trim_matches('`');
            assert!(test_file(&root, name).is_file(), "no test {name}: {row}");
        }
    }
}

/// Rows begin with the letter of the system.
fn is_capability(line: &str) -> bool {
    ["| A |", "| B |", "| C |", "| D |", "| E |"]
        .iter()
        .any(|start| line.starts_with(start))
}

fn test_file(root: &Path, name: &str) -> std::path::PathBuf {
    let (place, file) = name.split_once('/').expect("place/file");
    let folder = match place {
        "conformance" => "crates/testkit/src/conformance".to_owned(),
        place => format!("crates/{place}/tests/it"),
    };
    root.join(folder).join(format!("{file}.rs"))
}

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
    assert!(kept == expected, "docs/problems.md is out of date: UPDATE_DOCUMENTS=1 writes it");
}

//! The parts of `docs/conformance.md` that tests write. The tests of the other
//! kits, which lie outside of the crate, read this file too.

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
const END: &str = "<!-- end of what is generated -->";

/// Keeps a part of the document equal to what was found; the document lies
/// outside of the package. The command is the one that writes this part.
pub(super) fn compare(command: &str, found: &str) {
    let Ok(text) = std::fs::read_to_string(FILE) else {
        return;
    };
    let begin = format!("<!-- generated: UPDATE_DOCUMENTS=1 {command} -->\n");
    let (before, rest) = text.split_once(&begin).expect("the document has its mark");
    let (old, after) = rest.split_once(END).expect("what is generated ends");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        let text = format!("{before}{begin}{found}{END}{after}");
        std::fs::write(FILE, text).unwrap();
        return;
    }
    let differing = old.lines().zip(found.lines()).find(|(old, new)| old != new);
    assert!(
        old == found,
        "docs/conformance.md is out of date, UPDATE_DOCUMENTS=1 {command} writes it: {differing:#?}"
    );
}

//! What people see. A reader that went away (`userhub openapi | head`) is no
//! reason to fail, so what cannot be written is dropped.

use std::{
    fmt::Display,
    io::{Write as _, stderr, stdout},
};

/// A line on standard output.
pub(crate) fn say(line: impl Display) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// A line on standard error.
pub(crate) fn complain(line: impl Display) {
    let _ = writeln!(stderr().lock(), "{line}");
}

//! Reads a mail the way a mail program does, as far as the tests need it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use userhub_testkit::conformance::mailer::ArrivedMail;

/// A mail with its bodies decoded.
pub(crate) fn arrived(recipients: Vec<String>, content: &str) -> ArrivedMail {
    let content = content.replace("\r\n", "\n");
    let (headers, body) = content.split_once("\n\n").expect("headers and a body");
    let mut text = header(headers, "Subject").expect("a subject");
    let boundary = header(headers, "Content-Type").expect("a type");
    let (_, boundary) = boundary.split_once("boundary=\"").expect("a boundary");
    let boundary = boundary.split('"').next().unwrap_or_default();
    let parts: Vec<_> = body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "a preamble, two parts and the end");
    for part in parts.iter().skip(1).take(2) {
        let (headers, body) = part.split_once("\n\n").expect("headers and a body");
        let encoding = header(headers.trim(), "Content-Transfer-Encoding");
        text.push('\n');
        text.push_str(&decoded(encoding.as_deref(), body).expect("a known encoding"));
    }
    ArrivedMail { recipients, text }
}

fn decoded(encoding: Option<&str>, body: &str) -> Option<String> {
    match encoding? {
        "7bit" | "8bit" => Some(body.to_owned()),
        "quoted-printable" => Some(unquoted(body)),
        "base64" => {
            let bytes = STANDARD.decode(body.replace('\n', "")).ok()?;
            String::from_utf8(bytes).ok()
        }
        _ => None,
    }
}

/// A header with its continued lines.
pub(crate) fn header(headers: &str, name: &str) -> Option<String> {
    let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
    let mut lines = unfolded.lines();
    lines.find_map(|line| {
        let value = line.strip_prefix(name)?.strip_prefix(": ")?;
        Some(value.to_owned())
    })
}

fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut parts = joined.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}

//! The text rules that several values share.

use unicode_normalization::UnicodeNormalization;

use crate::violation::{Broken, ViolationCode};

/// Stands between the members in a searched text; no input can hold it.
const SEPARATOR: char = '\u{1f}';

/// The form in which text is searched and sorted: NFC, lower case.
///
/// Every store compares this form byte by byte, so that all of them agree.
pub fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The searched text of several members, in order, absent ones left out.
pub fn searchable<'a>(members: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut all = String::new();
    for member in members.into_iter().flatten() {
        if !all.is_empty() {
            all.push(SEPARATOR);
        }
        all.push_str(&folded(member));
    }
    all
}

/// A line of text: trimmed, NFC, 1 to `max` code points, no control or
/// invisible formatting characters.
pub(crate) fn line(text: &str, max: usize) -> Result<String, Broken> {
    let text = text.trim();
    // Bytes first: a code point has at most four of them.
    if text.len() > max.saturating_mul(4) || text.chars().count() > max {
        return Err(too_long(max));
    }
    if text.is_empty() {
        return Err(Broken::new(ViolationCode::TooShort, "must not be empty"));
    }
    if text.chars().any(is_invisible) {
        return Err(Broken::new(
            ViolationCode::InvalidFormat,
            "must not hold control or invisible characters",
        ));
    }
    let text: String = text.nfc().collect();
    // A few characters grow under NFC.
    if text.chars().count() > max {
        return Err(too_long(max));
    }
    Ok(text)
}

/// Text made fit to be a [`line()`] of `max`: what does not belong is left out.
/// `None` where nothing is left.
pub(crate) fn kept_line(text: &str, max: usize) -> Option<String> {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let text: String = visible.nfc().collect();
    let kept: String = text.trim().chars().take(max).collect();
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

pub(crate) fn too_long(max: usize) -> Broken {
    Broken::new(
        ViolationCode::TooLong,
        format!("must be at most {max} characters long"),
    )
}

/// Control characters, and those that change how others are shown.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(
        String::with_capacity(bytes.len().saturating_mul(2)),
        |mut all, byte| {
            // Writing to a String cannot fail.
            let _ = write!(all, "{byte:02x}");
            all
        },
    )
}

/// Bytes from lower-case hexadecimal digits; `None` for anything else.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        })
        .collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_and_unicode_form() {
        assert_eq!(folded("E\u{301}CLAIR"), folded("\u{e9}clair"));
    }

    #[test]
    fn members_cannot_run_into_each_other() {
        assert_eq!(searchable([Some("a"), None, Some("B")]), "a\u{1f}b");
    }

    #[test]
    fn a_line_is_trimmed_and_holds_nothing_invisible() {
        assert_eq!(line("  Ann  ", 10).as_deref(), Ok("Ann"));
        for bad in ["", "   ", "a\0b", "a\nb", "a\u{202e}b", "a\u{200b}b"] {
            assert!(line(bad, 10).is_err(), "{bad:?}");
        }
        assert_eq!(
            line("12345678901", 10).map_err(|broken| broken.code),
            Err(ViolationCode::TooLong)
        );
    }

    #[test]
    fn a_line_may_be_of_the_greatest_length_in_the_greatest_characters() {
        let longest = "\u{1f980}".repeat(10);
        assert_eq!(line(&longest, 10).as_deref(), Ok(longest.as_str()));
        assert!(line(&format!("{longest}x"), 10).is_err());
        // U+1D160 becomes three characters under NFC.
        assert!(line("\u{1d160}", 3).is_ok());
        assert!(line("\u{1d160}", 2).is_err());
        let empty = line(" ", 10).map_err(|broken| broken.code);
        assert_eq!(empty, Err(ViolationCode::TooShort));
    }

    #[test]
    fn what_is_kept_of_a_text_is_a_line() {
        assert_eq!(kept_line(" a\nb \u{202e}c ", 10).as_deref(), Some("ab c"));
        assert_eq!(kept_line("12345 78", 6).as_deref(), Some("12345"));
        assert_eq!(kept_line(" \0 ", 10), None);
    }

    #[test]
    fn every_invisible_character_is_known() {
        for range in [
            '\u{0}'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{ad}'..='\u{ad}',
            '\u{61c}'..='\u{61c}',
            '\u{180e}'..='\u{180e}',
            '\u{200b}'..='\u{200b}',
            '\u{200e}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{feff}'..='\u{feff}',
            '\u{fff9}'..='\u{fffb}',
            '\u{e0000}'..='\u{e007f}',
        ] {
            for c in range {
                assert!(is_invisible(c), "{c:?}");
            }
        }
        // Joiners are needed in names of some scripts, and in emoji.
        for c in [' ', 'a', '\u{200c}', '\u{200d}', '\u{301}', '\u{1f980}'] {
            assert!(!is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn hexadecimal_survives_a_round_trip_and_nothing_else_is_read() {
        let bytes = [0, 1, 0xab, 0xff];
        assert_eq!(from_hex(&to_hex(&bytes)).as_deref(), Some(&bytes[..]));
        for bad in ["0", "0G", "AB", "é0"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}

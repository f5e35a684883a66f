//! How names, times and long lines are put into mails.

use chrono::Timelike as _;
use userhub_domain::clock::Timestamp;

/// The longest name that is used to greet somebody.
const LONGEST_NAME: usize = 40;
/// No line of text is longer, links apart.
const WIDTH: usize = 72;

/// A name to greet with. People choose their names, and whoever registers with
/// another's address chooses what is written there: what looks like an address
/// of any sort, which a mail program would make a link of, is left out.
pub(super) fn greeting_name(name: &str) -> Option<String> {
    let visible: String = name.chars().filter(|c| is_visible(*c)).collect();
    let kept: String = visible.trim().chars().take(LONGEST_NAME).collect();
    let is_harmless = !visible.contains("://") && !visible.contains('@') && !has_domain(&visible);
    let kept = kept.trim_end();
    (is_harmless && !kept.is_empty()).then(|| kept.to_owned())
}

/// No control characters, and nothing that turns or hides what stands beside it.
fn is_visible(c: char) -> bool {
    let is_format = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !is_format
}

/// Whether a letter or a digit follows a dot of any writing at once, as in a
/// domain. `J. R.` and `St. Clair` are names.
fn has_domain(text: &str) -> bool {
    let mut after_dot = false;
    for c in text.chars() {
        if after_dot && c.is_alphanumeric() {
            return true;
        }
        after_dot = matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}');
    }
    false
}

/// `21 November 2026, 11:22 UTC`, rounded down to the minute.
pub(super) fn moment(at: Timestamp) -> String {
    let date = at.format("%-d %B %Y");
    format!("{date}, {:02}:{:02} UTC", at.hour(), at.minute())
}

/// Text as it is sent: long lines are broken at blanks, a word that is longer
/// than a line stays whole, and blank lines stand alone and not at the ends.
pub(super) fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split_whitespace() {
            let width = current.chars().count() + 1 + word.chars().count();
            if !current.is_empty() && width > WIDTH {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        let is_second_blank = current.is_empty() && lines.last().is_none_or(String::is_empty);
        if !is_second_blank {
            lines.push(current);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn people_are_greeted_by_their_names() {
        for name in [
            "Ann",
            "J. R. Smith",
            "St. Clair",
            "O'Neil",
            "Zoë",
            "名前",
            "a<b>",
        ] {
            assert_eq!(greeting_name(name).as_deref(), Some(name));
        }
        let long = "n".repeat(60);
        assert_eq!(greeting_name(&long), Some("n".repeat(40)));
        let hidden = "A\u{202e}n\u{200b}n\r\n";
        assert_eq!(greeting_name(hidden).as_deref(), Some("Ann"));
    }

    #[test]
    fn what_could_become_a_link_is_no_name() {
        for name in [
            "",
            " ",
            "\u{200b}",
            "http://evil.example",
            "javascript://x",
            "evil.example",
            "win at evil.example now",
            "ann@example.org",
            "evil。example",
            "evil\u{200b}.\u{200b}example",
            "10.0.0.1",
            &format!("{}.example", "n".repeat(60)),
        ] {
            assert_eq!(greeting_name(name), None, "{name}");
        }
    }

    #[test]
    fn moments_are_shown_to_the_minute() {
        let at = Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_763_724_179);
        assert_eq!(moment(at), "21 November 2025, 11:22 UTC");
    }

    #[test]
    fn long_lines_are_broken_and_links_are_not() {
        let link = format!("https://users.example.org/{}", "x".repeat(200));
        let text = format!("\n\n{}\n\n\n{link}\n  end  \n\n", "word ".repeat(30));
        let wrapped = wrapped(&text);
        let lines: Vec<_> = wrapped.lines().collect();
        assert_eq!(lines.len(), 6, "{wrapped}");
        assert!(lines[..3].iter().all(|line| line.len() <= WIDTH));
        assert_eq!((lines[3], lines[4], lines[5]), ("", link.as_str(), "end"));
        assert!(wrapped.ends_with("end\n"));
    }
}

//! What stands in for an estimator where nobody brings one.

use super::{PasswordStrength, Strength};

/// Estimates a password by its length alone.
///
/// It knows no dictionary, so it asks for length instead, as NIST SP 800-63B-4
/// does where a password is all that protects an account: under the default
/// [`PasswordRules`](super::PasswordRules) 15 characters pass. The account's
/// own words do not count, nor does a character that repeats the one before it
/// or follows it in the alphabet (`aaaa`, `1234`, `dcba`).
///
/// | characters that count | score |
/// | --- | --- |
/// | up to 7 | 0 |
/// | 8 to 10 | 1 |
/// | 11 to 14 | 2 |
/// | 15 to 19 | 3 |
/// | 20 and more | 4 |
///
/// An estimator that knows the usual passwords, zxcvbn say, accepts shorter
/// ones that are good and refuses `passwordpassword`, which this one does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LengthStrength;

impl PasswordStrength for LengthStrength {
    fn estimate(&self, password: &str, own_words: &[&str]) -> Strength {
        let score = match counting_characters(&without(password, own_words)) {
            ..=7 => 0,
            8..=10 => 1,
            11..=14 => 2,
            15..=19 => 3,
            20.. => 4,
        };
        let hints = if score < 3 {
            vec!["Use 15 characters or more; several words are easy to remember.".to_owned()]
        } else {
            Vec::new()
        };
        Strength { score, hints }
    }
}

/// The password in lower case without words of the account's own.
fn without(password: &str, own_words: &[&str]) -> String {
    let mut rest = crate::text::folded(password);
    for word in own_words.iter().filter(|word| !word.is_empty()) {
        rest = rest.replace(&crate::text::folded(word), "");
    }
    rest
}

/// The characters that cannot be told from the one before.
fn counting_characters(text: &str) -> usize {
    let before = std::iter::once(None).chain(text.chars().map(Some));
    before
        .zip(text.chars())
        .filter(|(before, this)| {
            before.is_none_or(|before| u32::from(before).abs_diff(u32::from(*this)) > 1)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(password: &str, own_words: &[&str]) -> u8 {
        LengthStrength.estimate(password, own_words).score
    }

    #[test]
    fn length_is_what_counts() {
        for (length, expected) in [
            (0, 0),
            (7, 0),
            (8, 1),
            (10, 1),
            (11, 2),
            (14, 2),
            (15, 3),
            (19, 3),
            (20, 4),
            (1024, 4),
        ] {
            let text: String = "az".chars().cycle().take(length).collect();
            assert_eq!(score(&text, &[]), expected, "{length}");
        }
        assert_eq!(score("correct horse battery", &[]), 3);
    }

    #[test]
    fn what_can_be_told_from_the_character_before_does_not() {
        assert_eq!(score(&"a".repeat(100), &[]), 0);
        assert_eq!(score("abcdefghijklmnopqrstuvwxyz", &[]), 0);
        assert_eq!(score("zyxwvutsrqponmlkjihgfedcba", &[]), 0);
        assert_eq!(score("12345678901234567890", &[]), 0);
    }

    #[test]
    fn the_accounts_own_words_do_not_either() {
        let password = "Margaret eats plums";
        assert_eq!(score(password, &[]), 3);
        assert_eq!(score(password, &["", "margaret"]), 1);
    }

    #[test]
    fn only_what_is_too_weak_gets_a_hint() {
        assert_eq!(LengthStrength.estimate("short", &[]).hints.len(), 1);
        let long = LengthStrength.estimate("three plums in a bowl", &[]);
        assert_eq!(long.hints, Vec::<String>::new());
    }
}

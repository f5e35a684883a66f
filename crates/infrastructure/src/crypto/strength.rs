//! How hard a password is to guess, by zxcvbn.

use userhub_domain::users::{PasswordStrength, Strength};

/// The longest own word that is looked for, in characters.
const LONGEST_WORD: usize = 100;
/// The most own words that are looked for.
const MOST_WORDS: usize = 16;

/// Estimates with zxcvbn: dictionaries, keyboard patterns, dates, sequences,
/// and the account's own words.
///
/// zxcvbn looks at the first 100 characters, which bounds its time; whatever
/// stands behind them can only make a password stronger.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZxcvbnStrength;

impl PasswordStrength for ZxcvbnStrength {
    fn estimate(&self, password: &str, own_words: &[&str]) -> Strength {
        let words: Vec<&str> = own_words
            .iter()
            .filter(|word| !word.is_empty() && word.chars().count() <= LONGEST_WORD)
            .copied()
            .take(MOST_WORDS)
            .collect();
        let entropy = zxcvbn::zxcvbn(password, &words);
        Strength {
            score: u8::from(entropy.score()),
            hints: entropy.feedback().map(hints).unwrap_or_default(),
        }
    }
}

/// What is wrong first, then what helps.
fn hints(feedback: &zxcvbn::feedback::Feedback) -> Vec<String> {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestions = feedback.suggestions().iter().map(ToString::to_string);
    warning.into_iter().chain(suggestions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(password: &str) -> u8 {
        ZxcvbnStrength.estimate(password, &[]).score
    }

    #[test]
    fn common_ones_are_weak_and_say_why() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "sunshine",
            "football",
            "password1",
            "Passw0rd!",
            "abcdefgh",
            "11111111",
            "1q2w3e4r",
            "dragon123",
            "letmein1",
            "trustno1",
            "starwars",
            "princess",
        ] {
            let strength = ZxcvbnStrength.estimate(common, &[]);
            assert!(strength.score < 3, "{common}: {}", strength.score);
            assert!(!strength.hints.is_empty(), "{common}");
        }
    }

    #[test]
    fn no_rule_of_composition() {
        for good in [
            "marble tundra violin oats",
            "correcthorsebatterystaple",
            "quietlamphungryriver",
            "8293047561920384756102938",
            "3141592653589793238462643",
            "übermütige grüße süßöl",
            "zażółć gęślą jaźń",
        ] {
            assert!(score(good) >= 3, "{good}: {}", score(good));
        }
    }

    #[test]
    fn own_words_are_the_first_guesses() {
        let own = ["wendelinbrackwater", "brackwater.example"];
        assert!(score("wendelinbrackwater") >= 3);
        let strength = ZxcvbnStrength.estimate("wendelinbrackwater", &own);
        assert!(strength.score < 3, "{}", strength.score);
    }

    #[test]
    fn long_ones_take_bounded_time() {
        let words = ["a".repeat(1000), "margaret".to_owned()];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let patterns = [
            "a",
            "aB3$",
            "password",
            "qwerty1",
            "2001-01-01",
            "ä",
            "@$0!|1",
            "123",
            "zxcvbnm,./",
        ];
        for pattern in patterns {
            let mut long = pattern.repeat(1024 / pattern.len() + 1);
            while long.len() > 1024 || !long.is_char_boundary(long.len()) {
                long.pop();
            }
            let started = std::time::Instant::now();
            ZxcvbnStrength.estimate(&long, &words);
            let taken = started.elapsed();
            println!("{pattern}: {taken:?}");
            assert!(
                taken < std::time::Duration::from_secs(1),
                "{pattern}: {taken:?}"
            );
        }
        assert_eq!(ZxcvbnStrength.estimate("", &[]).score, 0);
    }
}

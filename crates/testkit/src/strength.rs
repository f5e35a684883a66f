//! A judge of passwords that goes by a list.

use userhub_domain::users::{PasswordStrength, Strength};

const USUAL: [&str; 6] = [
    "password",
    "password1",
    "12345678",
    "123456789",
    "qwertyuiop",
    "letmein123",
];

/// Scores 0 for the words of a list and for the account's own words, whatever
/// their case, and 4 for everything else.
#[derive(Debug, Clone)]
pub struct FakeStrength(Vec<String>);

impl FakeStrength {
    /// Refuses these words alone.
    pub fn refusing(words: &[&str]) -> Self {
        Self(words.iter().map(|word| word.to_lowercase()).collect())
    }
}

impl Default for FakeStrength {
    /// Refuses a few passwords that everybody knows, such as `password1`.
    fn default() -> Self {
        Self::refusing(&USUAL)
    }
}

impl PasswordStrength for FakeStrength {
    fn estimate(&self, password: &str, own_words: &[&str]) -> Strength {
        let password = password.to_lowercase();
        let is_known = self.0.contains(&password)
            || own_words.iter().any(|word| word.to_lowercase() == password);
        if is_known {
            return Strength {
                score: 0,
                hints: vec!["Add another word or two.".to_owned()],
            };
        }
        Strength {
            score: 4,
            hints: Vec::new(),
        }
    }
}

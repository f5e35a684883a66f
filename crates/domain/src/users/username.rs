//! User names.

use std::collections::BTreeSet;

use crate::violation::{Broken, ViolationCode};

const MIN: usize = 3;
const MAX: usize = 32;

/// Names that are part of a path, and so nobody's.
const PATH_WORDS: [&str; 5] = ["me", "by-email", "by-username", "by-external-id", "null"];

/// Names that people could take for the service itself.
const RESERVED_WORDS: [&str; 32] = [
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "auth",
    "billing",
    "contact",
    "daemon",
    "deleted",
    "everyone",
    "guest",
    "help",
    "hostmaster",
    "info",
    "moderator",
    "nobody",
    "noreply",
    "no-reply",
    "operator",
    "owner",
    "postmaster",
    "root",
    "security",
    "staff",
    "superuser",
    "support",
    "system",
    "undefined",
    "webmaster",
];

/// 3 to 32 of `A-Z a-z 0-9 . _ -`, starting with a letter.
///
/// Keeps the case in which it was written; two names are the same when their
/// [`canonical`](Self::canonical) forms are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

impl Username {
    /// By the grammar alone: for administrators, who may use reserved words,
    /// and for looking somebody up.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `invalid_format`; `reserved` for words that
    /// are part of a path and for names that read as a UUID.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        if text.len() > MAX.saturating_mul(4) || text.chars().count() > MAX {
            return Err(crate::text::too_long(MAX));
        }
        if text.chars().count() < MIN {
            return Err(Broken::new(
                ViolationCode::TooShort,
                format!("must be at least {MIN} characters long"),
            ));
        }
        let is_grammatical = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if !is_grammatical {
            return Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must start with a letter and hold only letters, digits, '.', '_' and '-'",
            ));
        }
        let name = Self(text.to_owned());
        if PATH_WORDS.contains(&name.canonical().as_str()) || uuid::Uuid::try_parse(text).is_ok() {
            return Err(reserved());
        }
        Ok(name)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ASCII lower case: what is unique and looked up.
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

crate::text_form::owned_text!(Username);

/// Words that people who choose their own name cannot have. The default has 32
/// usual ones: `admin`, `root`, `support` and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedUsernames(BTreeSet<String>);

impl Default for ReservedUsernames {
    fn default() -> Self {
        Self(RESERVED_WORDS.iter().map(ToString::to_string).collect())
    }
}

impl ReservedUsernames {
    /// The usual words and more of one's own.
    pub fn with(words: impl IntoIterator<Item = String>) -> Self {
        let mut all = Self::default();
        all.0
            .extend(words.into_iter().map(|word| word.to_ascii_lowercase()));
        all
    }

    /// A name that somebody chooses for themselves.
    ///
    /// # Errors
    /// As [`Username::parse`], and `reserved` for the words in this list.
    pub fn parse(&self, text: &str) -> Result<Username, Broken> {
        // Before the grammar, so that a short or dotted word says why.
        if self.0.contains(&text.to_ascii_lowercase()) {
            return Err(reserved());
        }
        Username::parse(text)
    }
}

fn reserved() -> Broken {
    Broken::new(ViolationCode::Reserved, "is reserved; choose another")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_canonical_form_ignores_case() {
        let name = Username::parse("Alice.B_c-9").expect("valid");
        assert_eq!(name.as_str(), "Alice.B_c-9");
        assert_eq!(name.canonical(), "alice.b_c-9");
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let long = "a".repeat(33);
        for bad in [
            "",
            "ab",
            &long,
            "9lives",
            ".abc",
            "a b c",
            "alice@example.org",
            "аlice",
            "ali\u{200b}ce",
            "alice\n",
            "..",
            ".well-known",
            "me",
            "null",
            "by-email",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "\u{212a}elvin",
        ] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_shortest_and_the_longest_are_accepted_and_the_next_are_not() {
        let code = |text: &str| Username::parse(text).map_err(|broken| broken.code);
        assert!(code("abc").is_ok());
        assert!(code(&"z".repeat(32)).is_ok());
        assert_eq!(code("ab"), Err(ViolationCode::TooShort));
        assert_eq!(code("éé"), Err(ViolationCode::TooShort));
        assert_eq!(code(&"a".repeat(33)), Err(ViolationCode::TooLong));
        assert_eq!(
            code(&"\u{10ffff}".repeat(32)),
            Err(ViolationCode::InvalidFormat)
        );
    }

    #[test]
    fn reserved_words_are_for_administrators() {
        let words = ReservedUsernames::with(["Acme".to_owned()]);
        for word in ["admin", "ROOT", "acme", "Support"] {
            assert_eq!(
                words.parse(word).map_err(|broken| broken.code),
                Err(ViolationCode::Reserved),
                "{word}"
            );
            assert!(Username::parse(word).is_ok(), "{word}");
        }
        assert!(words.parse("alice").is_ok());
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(text in "\\PC{0,60}") {
            if let Ok(name) = Username::parse(&text) {
                prop_assert!(name.as_str().is_ascii());
                prop_assert_eq!(name.as_str(), text);
            }
        }

        #[test]
        fn the_whole_grammar_is_accepted(text in "[a-z][A-Za-z0-9._-]{3,15}") {
            prop_assert!(Username::parse(&text).is_ok());
        }
    }
}

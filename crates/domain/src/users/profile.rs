//! Names of persons, phone numbers and ids from elsewhere.

use crate::violation::{Broken, ViolationCode};

/// A first or last name: one line of 1 to 100 characters, NFC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// From what a person typed; blanks around it are cut.
    ///
    /// # Errors
    /// `too_short`, `too_long` or `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        crate::text::line(text, 100).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number in E.164 form: `+`, then 7 to 15 digits, the first not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// From E.164; blanks, hyphens, dots and parentheses between the digits
    /// are dropped.
    ///
    /// # Errors
    /// `too_long` or `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        if text.len() > 40 {
            return Err(crate::text::too_long(40));
        }
        let compact: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'))
            .collect();
        let is_number = compact.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_number {
            Ok(Self(compact))
        } else {
            Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be a phone number in international form such as +15551234567",
            ))
        }
    }

    /// In E.164 form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The user's id in another system: one line of 1 to 255 characters, compared
/// exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// From text; blanks around it are cut.
    ///
    /// # Errors
    /// `too_short`, `too_long` or `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        crate::text::line(text, 255).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::text_form::owned_text!(PersonName, PhoneNumber, ExternalId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_kept_compact() {
        let number = PhoneNumber::parse("+1 (555) 123-4567").expect("valid");
        assert_eq!(number.as_str(), "+15551234567");
    }

    #[test]
    fn other_forms_of_phone_numbers_are_refused() {
        for bad in [
            "",
            "5551234567",
            "+0555123456",
            "+123456",
            "+1234567890123456",
            "+1555123456a",
            "++15551234567",
            "+١٢٣٤٥٦٧٨",
            "+15551234567\0",
        ] {
            assert!(PhoneNumber::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_shortest_and_the_longest_numbers_are_accepted() {
        for good in ["+1234567", "+123456789012345"] {
            assert_eq!(PhoneNumber::parse(good).expect("valid").as_str(), good);
        }
        let long = format!("+1234567{}", " ".repeat(32));
        assert!(PhoneNumber::parse(&long).is_ok());
        let code = PhoneNumber::parse(&format!("{long} ")).map_err(|broken| broken.code);
        assert_eq!(code, Err(ViolationCode::TooLong));
    }

    #[test]
    fn names_are_lines_of_bounded_length() {
        assert_eq!(PersonName::parse(" Zoë ").expect("valid").as_str(), "Zoë");
        assert!(PersonName::parse(&"x".repeat(101)).is_err());
        assert!(ExternalId::parse(&"x".repeat(255)).is_ok());
        assert!(ExternalId::parse(&"x".repeat(256)).is_err());
        assert!(ExternalId::parse("a\0b").is_err());
    }
}

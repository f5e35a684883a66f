//! What somebody types as the second factor.

use secrecy::{ExposeSecret, SecretString};

use super::RecoveryCode;
use crate::violation::{Broken, ViolationCode};

/// Six digits of an app. Cannot be printed.
#[derive(Clone)]
pub struct TotpCode(SecretString);

impl TotpCode {
    /// Six ASCII digits, blanks between and around them apart.
    ///
    /// # Errors
    /// `invalid_format` for anything else.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        if text.len() > 16 || digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be six digits",
            ));
        }
        Ok(Self(digits.into()))
    }

    /// The digits, for whoever compares them.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpCode(..)")
    }
}

/// A code of the app, or a recovery code.
#[derive(Debug, Clone)]
pub enum SecondFactorCode {
    /// Of the app.
    Totp(TotpCode),
    /// In its place.
    Recovery(RecoveryCode),
}

impl SecondFactorCode {
    /// Tells them apart by their form.
    ///
    /// # Errors
    /// `invalid_format` for what is neither.
    pub fn parse(text: &SecretString) -> Result<Self, Broken> {
        let text = text.expose_secret();
        if let Ok(code) = TotpCode::parse(text) {
            return Ok(Self::Totp(code));
        }
        RecoveryCode::parse(text)
            .map(Self::Recovery)
            .ok_or_else(|| {
                Broken::new(
                    ViolationCode::InvalidFormat,
                    "must be six digits, or a recovery code",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_ascii_digits() {
        for good in ["123456", "123 456", " 123456 "] {
            assert_eq!(TotpCode::parse(good).expect("a code").expose(), "123456");
        }
        for bad in [
            "",
            "12345",
            "1234567",
            "１２３４５６",
            "12345a",
            "-12345",
            "+12345",
        ] {
            assert!(TotpCode::parse(bad).is_err(), "{bad}");
        }
        assert!(TotpCode::parse(&" ".repeat(10_000)).is_err());
        assert!(TotpCode::parse(&format!("123456{}", " ".repeat(10))).is_ok());
        assert!(TotpCode::parse(&format!("123456{}", " ".repeat(11))).is_err());
        let code = TotpCode::parse("123456").expect("a code");
        assert_eq!(format!("{code:?}"), "TotpCode(..)");
    }

    #[test]
    fn codes_are_told_apart_by_their_form() {
        let parse = |text: &str| SecondFactorCode::parse(&text.into());
        assert!(matches!(parse("123456"), Ok(SecondFactorCode::Totp(_))));
        assert!(matches!(
            parse("abcd-efgh-jkmn-pqrs"),
            Ok(SecondFactorCode::Recovery(_))
        ));
        assert!(parse("abcd").is_err());
    }
}

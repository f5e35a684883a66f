//! E-mail addresses.

use crate::violation::{Broken, ViolationCode};

/// The longest address that SMTP can carry (RFC 5321, section 4.5.3.1.3).
const MAX: usize = 254;
/// The longest local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The longest label of a domain (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// An ASCII e-mail address: a dot-atom, `@`, a domain of at least two labels
/// (which may be punycode). Quoted local parts, comments and address literals
/// are not accepted.
///
/// Keeps the address as it was written, for mailing; two addresses are the
/// same account's when their [`canonical`](Self::canonical) forms are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// From what a person typed; blanks around it are cut.
    ///
    /// # Errors
    /// `too_long` or `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        let text = text.trim_matches(' ');
        if text.len() > MAX {
            return Err(crate::text::too_long(MAX));
        }
        match text.split_once('@') {
            Some((local, domain)) if is_local(local) && is_domain(domain) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be an e-mail address such as name@example.org",
            )),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ASCII lower case: what is unique and looked up.
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

crate::text_form::owned_text!(EmailAddress);

fn is_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_text))
}

/// `atext` of RFC 5322, section 3.2.3.
fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(is_label)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| !top.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_was_written_and_compares_in_lower_case() {
        let address = EmailAddress::parse(" Alice@Example.ORG ").expect("valid");
        assert_eq!(address.as_str(), "Alice@Example.ORG");
        assert_eq!(address.canonical(), "alice@example.org");
        assert_eq!(address.local_part(), "Alice");
    }

    #[test]
    fn hostile_addresses_are_refused() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long = format!("a@{}.org", "b".repeat(250));
        let label = format!("a@{}.org", "b".repeat(64));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@example.org",
            "a@b@example.org",
            "a@localhost",
            "a@example.org\r\nBcc: b@example.org",
            "a\0@example.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@example.org",
            "a,b@example.org",
            "a@example..org",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "a@-example.org",
            "a@example-.org",
            "a@example.org.",
            "é@example.org",
            "a@exämple.org",
            "<a@example.org>",
            "a b@example.org",
            "a@example.org,b@example.org",
            "a@example.org\u{200b}",
            "\ta@example.org",
            &long_local,
            &long,
            &label,
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn usual_and_unusual_addresses_are_accepted() {
        for good in [
            "a@b.co",
            "first.last+tag@sub.example.org",
            "o'brien@example.org",
            "x@xn--exmple-cua.org",
            "1@2.example",
            "!#$%&'*+-/=?^_`{|}~@example.org",
        ] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_longest_parts_are_just_accepted() {
        let local = "a".repeat(MAX_LOCAL);
        assert!(EmailAddress::parse(&format!("{local}@example.org")).is_ok());
        let label = "b".repeat(MAX_LABEL);
        assert!(EmailAddress::parse(&format!("a@{label}.org")).is_ok());
        let domain = format!("{label}.{label}.{label}");
        let rest = MAX - domain.len() - 1;
        let longest = format!("{}@{domain}", "a".repeat(rest));
        assert_eq!(longest.len(), 254);
        assert!(EmailAddress::parse(&longest).is_ok());
        let code = |text: &str| EmailAddress::parse(text).map_err(|broken| broken.code);
        assert_eq!(code(&format!("a{longest}")), Err(ViolationCode::TooLong));
        assert_eq!(code("a"), Err(ViolationCode::InvalidFormat));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(text in "\\PC{0,300}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().is_ascii());
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }
    }
}

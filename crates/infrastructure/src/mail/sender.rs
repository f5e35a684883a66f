//! Whom mails come from.

use std::fmt;

use lettre::{Address, address::AddressError, message::Mailbox};

/// An address that mails come from, with or without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: String,
}

impl Sender {
    /// From `name@example.org` or `Name <name@example.org>`; a name in quotes
    /// loses them. The domain may be a single word, such as `localhost`.
    ///
    /// # Errors
    /// What is wrong with it, without the text itself.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str =
            "must be an address such as `name@example.org` or `Name <name@example.org>`";
        if text.chars().any(char::is_control) {
            return Err(RULE);
        }
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(text) => text.rsplit_once('<').ok_or(RULE)?,
            None => ("", text.trim()),
        };
        let address = address.trim();
        if !address.is_ascii() || address.parse::<Address>().is_err() {
            return Err(RULE);
        }
        let name = name.trim();
        let bare = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'))
            .unwrap_or(name);
        if bare.contains(['<', '>', '"', '\\']) {
            return Err(RULE);
        }
        let name = (!bare.is_empty()).then(|| bare.to_owned());
        Ok(Self {
            name,
            address: address.to_owned(),
        })
    }

    /// In place of one that was refused; never used.
    pub(crate) fn stand_in() -> Self {
        Self {
            name: None,
            address: String::new(),
        }
    }

    /// What mails call the service: the name, or else the domain.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.domain())
    }

    pub(super) fn domain(&self) -> &str {
        let parts = self.address.rsplit_once('@');
        parts.map_or("localhost", |(_, domain)| domain)
    }

    pub(super) fn mailbox(&self) -> Result<Mailbox, AddressError> {
        Ok(Mailbox::new(self.name.clone(), self.address.parse()?))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, shown, name) in [
            ("a@example.org", "a@example.org", "example.org"),
            (
                "UserHub <no-reply@localhost>",
                "UserHub <no-reply@localhost>",
                "UserHub",
            ),
            (
                "\"Shop, Example\" <a@example.org>",
                "Shop, Example <a@example.org>",
                "Shop, Example",
            ),
            (" Café  <a@example.org> ", "Café <a@example.org>", "Café"),
        ] {
            let sender = Sender::parse(text).expect(text);
            assert_eq!(
                (sender.to_string().as_str(), sender.display_name()),
                (shown, name)
            );
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        for text in [
            "",
            "nobody",
            "a@",
            "<a@example.org",
            "a@example.org>",
            "a@example.org, b@example.org",
            "A <a@example.org>, B <b@example.org>",
            "A <a@example.org> junk",
            "A\r\nBcc: b@example.org <a@example.org>",
            "é@example.org",
            "<b@example.org> <a@example.org>",
        ] {
            assert!(Sender::parse(text).is_err(), "{text}");
        }
    }
}

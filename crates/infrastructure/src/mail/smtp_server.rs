//! Which SMTP server mails are handed to, and how.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte (`smtps://`).
    Implicit,
    /// By STARTTLS; a server that does not offer it gets nothing.
    Required,
    /// By STARTTLS where the server offers it.
    Offered,
    /// Not at all.
    Off,
}

/// A server, read from a URL. `Debug` shows neither user nor password.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Name or address, without brackets.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// How the connection is encrypted. Where a certificate is shown, it is
    /// checked.
    pub encryption: Encryption,
    /// User and password.
    pub credentials: Option<(SecretString, SecretString)>,
}

const FORM: &str = "must have the form smtp://user:password@host:port or smtps://…";
const QUERY: &str = "takes one parameter, tls=required, tls=offered or tls=off";
const IN_THE_CLEAR: &str =
    "would send the password in the clear; leave tls=… away, or use smtps://";

impl SmtpServer {
    /// From `smtp://` (STARTTLS) or `smtps://` (TLS from the first byte). User
    /// and password are percent-decoded. The port is 465 for `smtps`, else 587
    /// with a user and 25 without.
    ///
    /// `?tls=` is `required`, `offered` or `off`. It is `required` by default
    /// where there is a password, else `offered`. A password is never sent in
    /// the clear but to this machine itself.
    ///
    /// # Errors
    /// What is wrong, without any part of the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| FORM)?;
        let host = host(&url).ok_or(FORM)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(FORM);
        }
        let credentials = credentials(&url)?;
        let wanted = wanted_encryption(&url)?;
        let encryption = match (url.scheme(), wanted) {
            ("smtps", None) => Encryption::Implicit,
            ("smtp", Some(wanted)) => wanted,
            ("smtp", None) if credentials.is_some() && !is_loopback(&host) => Encryption::Required,
            ("smtp", None) => Encryption::Offered,
            ("smtps", Some(_)) => return Err("takes no parameter with smtps://"),
            _ => return Err(FORM),
        };
        let is_sealed = matches!(encryption, Encryption::Implicit | Encryption::Required);
        if credentials.is_some() && !is_sealed && !is_loopback(&host) {
            return Err(IN_THE_CLEAR);
        }
        let usual = match (encryption, &credentials) {
            (Encryption::Implicit, _) => 465,
            (_, Some(_)) => 587,
            (_, None) => 25,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual),
            encryption,
            credentials,
        })
    }
}

fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let is_name = !bare.is_empty()
        && bare
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    (is_name || bare.parse::<IpAddr>().is_ok()).then(|| bare.to_owned())
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn credentials(url: &Url) -> Result<Option<(SecretString, SecretString)>, &'static str> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| FORM)?;
        Ok::<SecretString, &'static str>(text.into_owned().into())
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err("needs both user and password, or neither"),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?))),
    }
}

fn wanted_encryption(url: &Url) -> Result<Option<Encryption>, &'static str> {
    let mut pairs = url.query_pairs();
    let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
        return if url.query().is_none() {
            Ok(None)
        } else {
            Err(QUERY)
        };
    };
    match (name.as_ref(), value.as_ref()) {
        ("tls", "required") => Ok(Some(Encryption::Required)),
        ("tls", "offered") => Ok(Some(Encryption::Offered)),
        ("tls", "off") => Ok(Some(Encryption::Off)),
        _ => Err(QUERY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn port_and_encryption_follow_from_the_url() {
        use Encryption::{Implicit, Off, Offered, Required};
        for (url, host, port, encryption) in [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Offered),
            ("smtp://mail.example.org", "mail.example.org", 25, Offered),
            (
                "smtp://u:p@mail.example.org/",
                "mail.example.org",
                587,
                Required,
            ),
            ("smtp://u:p@localhost", "localhost", 587, Offered),
            ("smtp://u:p@[::1]:25?tls=off", "::1", 25, Off),
            ("smtp://relay?tls=required", "relay", 25, Required),
            ("smtp://relay?tls=off", "relay", 25, Off),
            (
                "smtps://u:p@mail.example.org",
                "mail.example.org",
                465,
                Implicit,
            ),
        ] {
            let server = SmtpServer::parse(url).expect(url);
            assert_eq!(
                (server.host.as_str(), server.port, server.encryption),
                (host, port, encryption),
                "{url}"
            );
        }
    }

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        let server = SmtpServer::parse("smtps://ann%40example.org:p%2Fa%3As+s@h.example").unwrap();
        let (user, password) = server.credentials.as_ref().unwrap();
        assert_eq!(user.expose_secret(), "ann@example.org");
        assert_eq!(password.expose_secret(), "p/a:s+s");
        let shown = format!("{server:?}");
        assert!(!shown.contains("ann") && !shown.contains("p/a"), "{shown}");
    }

    #[test]
    fn whatever_else_is_refused() {
        for url in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://mail.example.org/path",
            "smtp://mail.example.org#x",
            "smtp://mail.example.org?tls=maybe",
            "smtp://mail.example.org?tls=off&tls=off",
            "smtp://mail.example.org?verify=no",
            "smtps://mail.example.org?tls=off",
            "smtp://u@mail.example.org",
            "smtp://:p@mail.example.org",
            "smtp://u:p@mail.example.org?tls=off",
            "smtp://u:p@mail.example.org?tls=offered",
            "smtp://u:%ff@mail.example.org",
            "smtp://a%0d%0ab",
        ] {
            assert!(SmtpServer::parse(url).is_err(), "{url}");
        }
    }
}

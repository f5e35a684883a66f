//! What a deployment chooses about the HTTP interface.

use std::time::Duration;

use ipnet::IpNet;

use crate::{http::FloodLimit, system::account_pages::RESET_PASSWORD};

/// Settings of the HTTP interface. The composition root fills them in.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Where UserHub's own root is reached from outside, without a slash at its
    /// end: `https://users.example.org`, or `https://example.org/accounts` where
    /// it is [mounted](crate::configure) at `/accounts`. Nothing: links are
    /// relative.
    pub public_url: Option<String>,
    /// Link to a page that resets a password, with `{token}` where the token
    /// belongs; nothing: UserHub's own page, where `public_url` is set.
    pub reset_password_link: Option<String>,
    /// Origins of browsers that may call, compared exactly.
    pub cors_origins: Vec<String>,
    /// Whether every localhost origin may call.
    pub development: bool,
    /// Networks of reverse proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How long a request may take in all.
    pub request_timeout: Duration,
    /// How many requests that carry credentials one network may send; nothing:
    /// as many as it likes.
    pub flood_limit: Option<FloodLimit>,
    /// Whether answers demand HTTPS for a year (`Strict-Transport-Security`).
    pub hsts: bool,
    /// The version that the OpenAPI document names.
    pub version: String,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            reset_password_link: None,
            cors_origins: Vec::new(),
            development: false,
            trusted_proxies: Vec::new(),
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(5),
            // With the way there and back, less than the promised 6 s.
            request_timeout: Duration::from_millis(5_300),
            flood_limit: Some(FloodLimit::DEFAULT),
            hsts: false,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl ApiSettings {
    /// The link to a page that resets a password, with `{token}` where the
    /// token belongs: the configured one, or that to UserHub's own page;
    /// nothing where neither is known.
    pub fn reset_password_template(&self) -> Option<String> {
        let own = |base: &String| format!("{base}{RESET_PASSWORD}#token={{token}}");
        let configured = self.reset_password_link.clone();
        configured.or_else(|| self.public_url.as_ref().map(own))
    }

    /// The path of `public_url`; empty where it has none.
    pub(crate) fn public_path(&self) -> &str {
        self.public_url
            .as_deref()
            .map_or("", |url| split_url(url).1)
    }

    /// Whether pages of this origin may read answers.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.cors_origins.iter().any(|allowed| allowed == origin)
            || (self.development && is_local(origin))
    }
}

/// What a URL has in front of its path, and the path without a slash at its end.
pub(crate) fn split_url(url: &str) -> (&str, &str) {
    let authority = url.find("://").map_or(0, |at| at.saturating_add(3));
    let path = url.get(authority..).and_then(|rest| rest.find('/'));
    let (before, path) = path
        .and_then(|at| url.split_at_checked(authority.saturating_add(at)))
        .unwrap_or((url, ""));
    (before, path.trim_end_matches('/'))
}

fn is_local(origin: &str) -> bool {
    let Some(rest) = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))
    else {
        return false;
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (rest, None),
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        && port.is_none_or(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_exactly() {
        let settings = ApiSettings {
            cors_origins: vec!["https://app.example.org".to_owned()],
            ..ApiSettings::default()
        };
        assert!(settings.allows_origin("https://app.example.org"));
        for other in [
            "http://app.example.org",
            "https://app.example.org:8443",
            "https://app.example.org.evil.example",
            "https://evil-app.example.org",
            "http://localhost:5173",
            "null",
            "",
        ] {
            assert!(!settings.allows_origin(other), "{other}");
        }
    }

    #[test]
    fn a_url_has_a_path_behind_its_host() {
        for (url, parts) in [
            ("https://example.org", ("https://example.org", "")),
            ("https://example.org/", ("https://example.org", "")),
            ("https://h:1/a/b/", ("https://h:1", "/a/b")),
            ("https://accounts", ("https://accounts", "")),
            ("/a", ("", "/a")),
            ("/", ("", "")),
        ] {
            assert_eq!(split_url(url), parts, "{url}");
        }
    }

    #[test]
    fn development_allows_this_machine_alone() {
        let settings = ApiSettings {
            development: true,
            ..ApiSettings::default()
        };
        for local in [
            "http://localhost",
            "http://localhost:5173",
            "http://[::1]:3000",
            "https://127.0.0.1:1",
        ] {
            assert!(settings.allows_origin(local), "{local}");
        }
        for other in [
            "http://localhost.evil.example",
            "http://localhost:x",
            "http://localhost:+80",
            "ftp://localhost",
            "null",
        ] {
            assert!(!settings.allows_origin(other), "{other}");
        }
    }
}

//! Where UserHub stands in the application that serves it.
//!
//! A path has two forms: as it was sent, and as actix matches it, which is
//! decoded but for `%25`, `%2B` and `%2F`. What a path means is judged by the
//! form that was matched; what is linked to is written in the one that was sent.

use std::{fmt::Write, rc::Rc};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderValue},
    middleware::Next,
};

use crate::settings::ApiSettings;

/// The path in front of UserHub's own, `/accounts` say; empty where nothing
/// is. Handlers know UserHub's own paths alone.
#[derive(Debug, Clone)]
pub(crate) struct MountPoint {
    matched: Rc<str>,
    link: Rc<str>,
}

impl MountPoint {
    fn new(matched: &str, sent: &str) -> Self {
        let mut link = percent_encoded(beginning(sent, matched));
        if link.starts_with("//") {
            // Two slashes would begin with a host (RFC 3986, section 4.2).
            link.insert_str(0, "/.");
        }
        Self {
            matched: matched.into(),
            link: link.into(),
        }
    }

    /// What was noted of a request.
    pub(super) fn of(request: &impl HttpMessage) -> Self {
        let noted = request.extensions().get::<Self>().cloned();
        noted.unwrap_or_else(|| Self::new("", ""))
    }

    /// As links begin: percent-encoded.
    pub(crate) fn as_str(&self) -> &str {
        &self.link
    }

    /// As a browser sees it: what the public URL says, where a proxy cuts that
    /// off and nothing is left of it here.
    pub(crate) fn outside_path(&self, settings: &ApiSettings) -> String {
        match self.as_str() {
            "" => percent_encoded(settings.public_path()),
            link => link.to_owned(),
        }
    }

    /// A path that was matched, as UserHub knows it.
    pub(super) fn within<'a>(&self, matched: &'a str) -> &'a str {
        match matched.strip_prefix(&*self.matched) {
            Some("") => "/",
            Some(rest) => rest,
            None => matched,
        }
    }

    /// Makes a `Location` that begins with one of UserHub's paths lead here.
    pub(super) fn put_before_location(&self, headers: &mut HeaderMap) {
        if self.link.is_empty() {
            return;
        }
        let moved = headers
            .get(header::LOCATION)
            .and_then(|location| location.to_str().ok())
            .filter(|location| location.starts_with('/'))
            .and_then(|location| HeaderValue::from_str(&format!("{}{location}", self.link)).ok());
        if let Some(location) = moved {
            headers.insert(header::LOCATION, location);
        }
    }
}

/// As many segments of a path that was sent as were matched: since no slash is
/// ever decoded, both forms have them in the same places.
fn beginning<'a>(sent: &'a str, matched: &str) -> &'a str {
    let count = matched.matches('/').count();
    if count == 0 {
        return "";
    }
    let next = sent.match_indices('/').nth(count);
    next.and_then(|(end, _)| sent.get(..end)).unwrap_or(sent)
}

/// A path as a URI may hold it (RFC 3986, section 3.3). What is encoded stays
/// as it is.
pub(crate) fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        let is_plain = match byte {
            b'%' => matches!(after, [high, low, ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
            _ => byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(byte),
        };
        if is_plain {
            encoded.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        rest = after;
    }
    encoded
}

/// A percent-encoded path in an attribute of HTML, where `&` alone needs care.
pub(crate) fn in_html(link: &str) -> String {
    link.replace('&', "&amp;")
}

impl FromRequest for MountPoint {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}

/// Notes what the scopes around have taken off the path.
pub(crate) async fn note_mount_point<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let path = request.match_info();
    let before = path.as_str().strip_suffix(path.unprocessed());
    let mount_point = MountPoint::new(before.unwrap_or_default(), request.path());
    request.extensions_mut().insert(mount_point);
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_what_was_sent_as_a_uri_may_hold_it() {
        for (matched, sent, link) in [
            ("", "/api/v1", ""),
            ("/accounts", "/accounts", "/accounts"),
            ("/accounts", "/%61ccounts/x/y", "/%61ccounts"),
            ("/of/a b/é", "/of/a%20b/é/x", "/of/a%20b/%C3%A9"),
            ("/of/a%2Fb", "/of/a%2Fb/x", "/of/a%2Fb"),
            ("/of/\r\n", "/of/%0d%0a/x", "/of/%0d%0a"),
            ("/of/\u{fffd}", "/of/%ff/x", "/of/%ff"),
            ("/\\evil.example", "/\\evil.example/x", "/%5Cevil.example"),
            ("//evil.example", "//evil.example/x", "/.//evil.example"),
            ("/%x\"{", "/%x\"{/y", "/%25x%22%7B"),
        ] {
            let mount_point = MountPoint::new(matched, sent);
            assert_eq!(mount_point.as_str(), link, "{sent}");
            assert_eq!(mount_point.within(matched), "/");
            assert_eq!(mount_point.within(&format!("{matched}/x")), "/x");
        }
    }
}

//! Versions as entity tags (RFC 9110, sections 8.8.3 and 13.1.1).

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use userhub_domain::{error::Conflict, users::Version};

use super::{Answer, ApiError};

/// The strong tag of a version.
pub fn etag(version: Version) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{}\"", version.0))
}

/// The header `If-Match`, not judged yet: `let expected = if_match.read()?;`.
pub struct IfMatch(Option<String>);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lines: Vec<_> = request
            .headers()
            .get_all(header::IF_MATCH)
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        std::future::ready(Ok(Self((!lines.is_empty()).then(|| lines.join(",")))))
    }
}

impl IfMatch {
    /// The version that the client demands; `None` for no header and for `*`.
    ///
    /// Of several, the newest: versions only grow, so no other tag that the
    /// client was given can be the current one.
    ///
    /// # Errors
    /// `version_mismatch` where nothing in the header can be the tag of a
    /// version: weak tags never match, and what is malformed does not either,
    /// since a condition that is not understood must not be passed over.
    pub fn read(&self) -> Answer<Option<Version>> {
        let Some(header) = &self.0 else {
            return Ok(None);
        };
        if header.trim() == "*" {
            return Ok(None);
        }
        header
            .split(',')
            .filter_map(|tag| version_of(tag.trim()))
            .max()
            .map(Some)
            .ok_or_else(|| Conflict::VersionMismatch.into())
    }
}

fn version_of(tag: &str) -> Option<Version> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    is_plain.then(|| digits.parse().ok().map(Version)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Option<Option<Version>> {
        IfMatch(Some(header.to_owned())).read().ok()
    }

    #[test]
    fn strong_tags_lists_and_the_asterisk_are_understood() {
        assert_eq!(IfMatch(None).read().ok(), Some(None));
        assert_eq!(read("*"), Some(None));
        assert_eq!(read("\"7\""), Some(Some(Version(7))));
        assert_eq!(read("\"3\", W/\"9\" , \"5\""), Some(Some(Version(5))));
    }

    #[test]
    fn everything_else_matches_nothing() {
        for bad in [
            "",
            "7",
            "W/\"7\"",
            "\"07\"",
            "\"x\"",
            "\"-1\"",
            "\"+1\"",
            "\"",
            "\"9223372036854775808\"",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

//! Segments of the path, judged when the handler asks for them.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::Uri};
use userhub_domain::{api_keys::ApiKeyId, error::NotFound, sessions::SessionId, users::UserId};

use super::{Answer, ApiError};

/// An id that can stand in a path.
pub trait PathSegment: Sized {
    /// What a malformed one is answered with: the same as an unknown one.
    const NOT_FOUND: NotFound;
    /// From its text.
    fn parse(text: &str) -> Option<Self>;
}

impl PathSegment for UserId {
    const NOT_FOUND: NotFound = NotFound::User;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl PathSegment for SessionId {
    const NOT_FOUND: NotFound = NotFound::Session;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl PathSegment for ApiKeyId {
    const NOT_FOUND: NotFound = NotFound::ApiKey;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The segment `{id}`: `let id = id.read()?;`.
pub struct PathId<I> {
    text: String,
    reads: PhantomData<I>,
}

impl<I> FromRequest for PathId<I> {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            text: placeholder(request, "id").to_owned(),
            reads: PhantomData,
        }))
    }
}

impl<I: PathSegment> PathId<I> {
    /// The id.
    ///
    /// # Errors
    /// The `…_not_found` of its kind for what is no UUID.
    pub fn read(&self) -> Answer<I> {
        I::parse(&self.text).ok_or_else(|| I::NOT_FOUND.into())
    }
}

/// What stands for a placeholder of UserHub's own; empty where it is not in the
/// path. Scopes around UserHub may have one of the same name: ours stands
/// furthest in and therefore comes last.
pub(crate) fn placeholder<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    let all = request.match_info().iter();
    all.filter(|(known, _)| *known == name)
        .last()
        .map_or("", |(_, value)| value)
}

/// The last segment of the path, percent-decoded: a username or an address.
pub struct PathText(Option<String>);

impl FromRequest for PathText {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(last_segment(request.uri()))))
    }
}

impl PathText {
    /// The text, where it is UTF-8.
    ///
    /// # Errors
    /// `user_not_found` otherwise.
    pub fn read(&self) -> Answer<&str> {
        self.0.as_deref().ok_or_else(|| NotFound::User.into())
    }
}

/// Decoded here and not by the router, which leaves some octets as they are.
fn last_segment(uri: &Uri) -> Option<String> {
    let encoded = uri.path().rsplit('/').next()?;
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_is_decoded_once() {
        let decode = |text: &str| text.parse().ok().and_then(|uri| last_segment(&uri));
        assert_eq!(
            decode("/by-email/a%2Bb@example.org?x=/y").as_deref(),
            Some("a+b@example.org")
        );
        assert_eq!(decode("/by-username/%2541").as_deref(), Some("%41"));
        assert_eq!(decode("/by-username/a%2Fb").as_deref(), Some("a/b"));
        for bad in ["/x/%", "/x/%4", "/x/%zz", "/x/%ff"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

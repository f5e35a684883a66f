//! Where UserHub stands in the application that serves it.

use std::rc::Rc;

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderValue},
    middleware::Next,
};

/// The path in front of UserHub's own, `/accounts` say; empty where nothing
/// is. Handlers know UserHub's own paths alone.
#[derive(Debug, Clone)]
pub(crate) struct MountPoint(Rc<str>);

impl MountPoint {
    /// What was noted of a request.
    pub(super) fn of(request: &impl HttpMessage) -> Self {
        let noted = request.extensions().get::<Self>().cloned();
        noted.unwrap_or_else(|| Self("".into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A path as UserHub knows it.
    pub(super) fn within<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(&*self.0).unwrap_or(path)
    }

    /// Makes a `Location` that begins with one of UserHub's paths lead here.
    pub(super) fn put_before_location(&self, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        let moved = headers
            .get(header::LOCATION)
            .and_then(|location| location.to_str().ok())
            .filter(|location| location.starts_with('/'))
            .and_then(|location| HeaderValue::from_str(&format!("{}{location}", self.0)).ok());
        if let Some(location) = moved {
            headers.insert(header::LOCATION, location);
        }
    }
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
    let mount_point = MountPoint(before.unwrap_or_default().into());
    request.extensions_mut().insert(mount_point);
    next.call(request).await
}

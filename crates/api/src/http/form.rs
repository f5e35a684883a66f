//! Form bodies, for the token endpoint of RFC 6749.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use garde::Validate;
use serde::de::DeserializeOwned;

use super::{
    Answer, ApiError,
    body::{RawBody, ReadBody},
    pairs,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form that has not been read yet. Unknown names are ignored, a name that
/// stands twice is a violation.
pub struct FormBody<T> {
    raw: RawBody,
    reads: PhantomData<T>,
}

impl<T> FromRequest for FormBody<T> {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            raw: RawBody::take(request, payload),
            reads: PhantomData,
        }))
    }
}

impl<T: DeserializeOwned + Validate<Context = ()>> FormBody<T> {
    /// Reads the form and fits it into `T`.
    ///
    /// # Errors
    /// `unsupported_media_type`, `body_too_large`, `body_timeout`,
    /// `malformed_body`.
    pub async fn read(self) -> Answer<ReadBody<T>> {
        self.raw.require_type(&[FORM], FORM)?;
        let bytes = self.raw.read().await?;
        let (value, violations) = pairs::fit(pairs::split(&bytes));
        Ok(ReadBody::new(value, violations))
    }
}

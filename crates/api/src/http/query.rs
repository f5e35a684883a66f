//! Query parameters, judged when the handler asks for them.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use userhub_domain::violation::Violations;

use super::{Answer, ApiError, pairs};

/// The parameters of a query, not judged yet: `let query = query.read();`.
///
/// All members of `T` are optional; unknown parameters are ignored.
pub struct Query<T> {
    request: HttpRequest,
    reads: PhantomData<T>,
}

impl<T> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            request: request.clone(),
            reads: PhantomData,
        }))
    }
}

impl<T: DeserializeOwned + Default> Query<T> {
    /// The parameters that fit, and what is wrong with the others. Add what
    /// the domain finds and end with [`Violations::into_result`].
    pub fn read(self) -> (T, Violations) {
        let (fitted, violations) = pairs::fit(pairs::split(self.request.query_string().as_bytes()));
        (fitted.unwrap_or_default(), violations)
    }
}

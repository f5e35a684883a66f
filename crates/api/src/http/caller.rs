//! Who is calling, proved by the header `Authorization` and by nothing else.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use userhub_domain::{
    Result,
    api_keys::Scope,
    caller::{Admin, AdminReader, OwnSession, SignedIn},
    error::Unauthenticated,
};

use super::{Answer, ApiError};
use crate::state::state_of;

/// A proof of who is calling. Fails before anything else of the request is
/// judged.
///
/// | proof | who |
/// | --- | --- |
/// | [`MayRead`], [`MayWrite`] | somebody who has signed in, or a key with that scope |
/// | [`InPerson`] | somebody who has signed in, no key |
/// | [`OwnSession`] | the same, where credentials are changed |
/// | [`AdminReader`], [`Admin`] | an administrator, or a key of one that may read, or write |
///
/// [`SignedIn`] alone is no proof: nobody could forget to ask a key for its
/// scope.
///
/// Guards routes of an embedder's own as well, where the [state](crate::State)
/// is application data of theirs; it fails with a problem there too.
pub struct Caller<P>(pub P);

/// What can be proved of a caller.
pub trait Proof: Sized {
    /// From the fact that somebody has signed in.
    ///
    /// # Errors
    /// Where it does not follow.
    fn prove(signed_in: SignedIn) -> Result<Self>;
}

impl Proof for AdminReader {
    fn prove(signed_in: SignedIn) -> Result<Self> {
        signed_in.require_admin_reader()
    }
}

impl Proof for Admin {
    fn prove(signed_in: SignedIn) -> Result<Self> {
        signed_in.require_admin()
    }
}

impl Proof for OwnSession {
    fn prove(signed_in: SignedIn) -> Result<Self> {
        signed_in.require_session()
    }
}

macro_rules! proof_of_signed_in {
    ($($(#[$docs:meta])* $name:ident: $require:expr;)+) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone)]
        pub struct $name(SignedIn);

        impl Proof for $name {
            fn prove(signed_in: SignedIn) -> Result<Self> {
                let require: fn(&SignedIn) -> Result<()> = $require;
                require(&signed_in)?;
                Ok(Self(signed_in))
            }
        }

        impl std::ops::Deref for $name {
            type Target = SignedIn;

            fn deref(&self) -> &SignedIn {
                &self.0
            }
        }
    )+};
}

proof_of_signed_in! {
    /// Somebody who may see: a key needs the scope `read`.
    MayRead: |caller| caller.require(Scope::Read);
    /// Somebody who may change: a key needs the scope `write`.
    MayWrite: |caller| caller.require(Scope::Write);
    /// Somebody who has signed in himself: no key.
    InPerson: SignedIn::require_person;
}

impl<P: Proof + 'static> FromRequest for Caller<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let signed_in = signed_in(&request).await?;
            let signed_in = signed_in.ok_or(Unauthenticated::Missing)?;
            Ok(Self(P::prove(signed_in)?))
        })
    }
}

/// Somebody who may have signed in: nobody where no token was sent. A token
/// that is not valid is an error nevertheless. A key may have any scope: what
/// is done for it asks.
pub struct OptionalCaller(pub Option<SignedIn>);

impl FromRequest for OptionalCaller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { signed_in(&request).await.map(Self) })
    }
}

async fn signed_in(request: &HttpRequest) -> Answer<Option<SignedIn>> {
    match bearer(request)? {
        Some(token) => authenticate(request, token).await.map(Some),
        None => Ok(None),
    }
}

async fn authenticate(request: &HttpRequest, token: &str) -> Answer<SignedIn> {
    Ok(state_of(request)?
        .services
        .sessions
        .authenticate(token)
        .await?)
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1); `None`
/// where there is no such header, or one of another scheme.
fn bearer(request: &HttpRequest) -> Result<Option<&str>, Unauthenticated> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(Unauthenticated::AccessToken);
    }
    let text = value.to_str().map_err(|_| Unauthenticated::AccessToken)?;
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = rest.trim_matches(' ');
    if token.is_empty() || token.contains([' ', ',']) {
        return Err(Unauthenticated::AccessToken);
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(headers: &[&str]) -> Result<Option<String>, Unauthenticated> {
        let mut request = TestRequest::with_uri("/?access_token=query");
        for value in headers {
            request = request.append_header((header::AUTHORIZATION, *value));
        }
        bearer(&request.to_http_request()).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn only_one_well_formed_bearer_header_counts() {
        assert_eq!(read(&["Bearer a.b.c"]), Ok(Some("a.b.c".to_owned())));
        assert_eq!(read(&["bEARER  a.b.c "]), Ok(Some("a.b.c".to_owned())));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Basic YTpi"]), Ok(None));
        for bad in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a", "Bearer a"],
        ] {
            assert_eq!(read(bad), Err(Unauthenticated::AccessToken), "{bad:?}");
        }
    }
}

//! JSON bodies. Nothing is read before the handler asks for it, so that a
//! caller who may not be here learns that first, and nothing of a body that is
//! too large is kept.

use std::marker::PhantomData;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt;
use garde::Validate;
use serde::de::DeserializeOwned;
use userhub_domain::violation::{Broken, ViolationCode, Violations};

use super::{Answer, ApiError, Refusal, fitting, json};
use crate::state::state_of;

/// A JSON body that has not been read yet: `let body = body.read().await?;`.
///
/// All members of `T` are optional: what is required is the domain's to say.
pub struct Body<T, M = Json> {
    raw: RawBody,
    reads: PhantomData<(T, M)>,
}

/// Reads `application/json`.
pub enum Json {}

/// Reads `application/merge-patch+json` besides.
pub enum MergePatch {}

/// The content types that a body may have.
pub trait MediaTypes {
    /// Their names, without parameters.
    const NAMES: &[&str];
    /// The same for people.
    const TEXT: &str;
}

impl MediaTypes for Json {
    const NAMES: &[&str] = &["application/json"];
    const TEXT: &str = "application/json";
}

impl MediaTypes for MergePatch {
    const NAMES: &[&str] = &["application/json", "application/merge-patch+json"];
    const TEXT: &str = "application/json or application/merge-patch+json";
}

impl<T, M> FromRequest for Body<T, M> {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            raw: RawBody::take(request, payload),
            reads: PhantomData,
        }))
    }
}

impl<T, M> Body<T, M>
where
    T: DeserializeOwned + Validate<Context = ()>,
    M: MediaTypes,
{
    /// Whether nothing was sent at all.
    pub fn is_absent(&self) -> bool {
        let headers = self.raw.request.headers();
        !headers.contains_key(header::TRANSFER_ENCODING)
            && announced_length(&self.raw.request).is_none_or(|length| length == 0)
    }

    /// Reads the body and fits it into `T`. Violations are kept in the result,
    /// so that the domain's can be added to them.
    ///
    /// # Errors
    /// `unsupported_media_type`, `body_too_large`, `body_timeout`,
    /// `malformed_body`.
    pub async fn read(self) -> Answer<ReadBody<T>> {
        self.raw.require_type(M::NAMES, M::TEXT)?;
        let bytes = self.raw.read().await?;
        let value = json::parse(&bytes).map_err(Refusal::MalformedBody)?;
        let (value, violations) = fitting::fit(value);
        Ok(ReadBody::new(value, violations))
    }
}

/// A body that was read, with everything that does not fit.
#[derive(Debug)]
pub struct ReadBody<T> {
    value: Option<T>,
    violations: Violations,
}

impl<T: Validate<Context = ()>> ReadBody<T> {
    /// Adds what the shape of the body breaks.
    pub(super) fn new(value: Option<T>, mut violations: Violations) -> Self {
        if let Some(Err(report)) = value.as_ref().map(Validate::validate) {
            for (path, error) in report.iter() {
                let broken = Broken::new(code_of(error.message()), error.message().to_owned());
                violations.push(broken.at(path.to_string()));
            }
        }
        Self { value, violations }
    }
}

impl<T> ReadBody<T> {
    /// The command that the body stands for.
    ///
    /// # Errors
    /// `validation_failed` with the violations of the body's shape and those
    /// that `parse` finds.
    pub fn into_command<C>(self, parse: impl FnOnce(T) -> Result<C, Violations>) -> Answer<C> {
        let mut violations = self.violations;
        let Some(value) = self.value else {
            return Err(violations.into());
        };
        match parse(value) {
            Ok(command) if violations.is_empty() => Ok(command),
            Ok(_) => Err(violations.into()),
            Err(more) => {
                violations.merge(more);
                Err(violations.into())
            }
        }
    }
}

/// Garde's messages name bounds, never values; their kind is all that differs.
fn code_of(message: &str) -> ViolationCode {
    if message.starts_with("length is greater") || message.starts_with("greater than") {
        ViolationCode::TooLong
    } else if message.starts_with("length is lower") || message.starts_with("lower than") {
        ViolationCode::TooShort
    } else {
        ViolationCode::InvalidFormat
    }
}

/// The bytes of a body that have not been read yet.
pub(super) struct RawBody {
    request: HttpRequest,
    payload: Payload,
}

impl RawBody {
    pub(super) fn take(request: &HttpRequest, payload: &mut Payload) -> Self {
        Self {
            request: request.clone(),
            payload: payload.take(),
        }
    }

    /// Refuses a body of another type, or of none.
    pub(super) fn require_type(&self, names: &[&str], text: &'static str) -> Answer<()> {
        let mut sent = self.request.headers().get_all(header::CONTENT_TYPE);
        let only = match (sent.next(), sent.next()) {
            (Some(value), None) => value.to_str().unwrap_or_default(),
            _ => "",
        };
        let mut parts = only.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_utf8 = parts.all(is_utf8_or_other);
        if is_known && is_utf8 {
            Ok(())
        } else {
            Err(Refusal::UnsupportedMediaType(text).into())
        }
    }

    /// Reads all of it, in bounded time and memory.
    pub(super) async fn read(mut self) -> Answer<Bytes> {
        let settings = &state_of(&self.request)?.settings;
        let (limit, patience) = (settings.body_limit, settings.body_timeout);
        if announced_length(&self.request).is_some_and(|length| length > limit as u64) {
            return Err(Refusal::BodyTooLarge(limit).into());
        }
        tokio::time::timeout(patience, self.gather(limit))
            .await
            .unwrap_or_else(|_| Err(Refusal::BodyTimedOut.into()))
    }

    async fn gather(&mut self, limit: usize) -> Answer<Bytes> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::MalformedBody("the body ends too early"))?;
            if all.len().saturating_add(chunk.len()) > limit {
                return Err(Refusal::BodyTooLarge(limit).into());
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

/// A parameter of a content type: JSON is UTF-8, whatever else is said is ignored.
fn is_utf8_or_other(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    }
}

fn announced_length(request: &HttpRequest) -> Option<u64> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

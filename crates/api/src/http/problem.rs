//! The one form of every error on the wire (RFC 9457).

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use userhub_domain::{error::Identifier, violation::Violation};
use utoipa::ToSchema;

use super::catalogue::Entry;

/// The content type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong. Every error has this form.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/validation_failed",
    "title": "The input breaks a rule",
    "status": 422,
    "detail": "the input breaks 1 rule(s)",
    "code": "validation_failed",
    "errors": [{"field": "email", "code": "invalid_format",
        "detail": "must be an e-mail address such as name@example.org"}],
    "request_id": "5f2b8c1de93a0647-1"
}))]
pub struct Problem {
    /// A page that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in short; the same for every problem of this code.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What happened this time, for people.
    pub detail: String,
    /// The stable code, for programs.
    pub code: &'static str,
    /// The members or parameters that it is about; often none.
    pub errors: Vec<FieldError>,
    /// The id of the request, also in `X-Request-Id`.
    pub request_id: String,
    /// Members that only some codes have. They may hold secrets and are never
    /// printed.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Value>,
}

/// What is wrong with one member or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The member's or parameter's name, dotted where nested; empty for the whole body.
    #[schema(example = "email")]
    pub field: String,
    /// The stable code, for programs.
    #[schema(example = "invalid_format")]
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

impl Problem {
    pub(super) fn new(entry: &Entry, status: u16, request_id: &str) -> Self {
        Self {
            kind: format!("/problems/{}", entry.code),
            title: entry.title,
            status,
            detail: entry.title.to_owned(),
            code: entry.code,
            errors: Vec::new(),
            request_id: request_id.to_owned(),
            members: Map::new(),
        }
    }

    /// As JSON; an empty body should that ever fail.
    pub(super) fn to_body(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn into_response(self, headers: &[(header::HeaderName, String)]) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponseBuilder::new(status);
        for (name, value) in headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        response
            .insert_header((header::CONTENT_TYPE, PROBLEM_JSON))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.to_body())
    }
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.code)
            .field("status", &self.status)
            .field("detail", &self.detail)
            .field("errors", &self.errors)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl From<&Violation> for FieldError {
    fn from(violation: &Violation) -> Self {
        Self {
            field: violation.field.clone().into_owned(),
            code: violation.code.as_str(),
            detail: violation.detail.clone().into_owned(),
        }
    }
}

impl From<Identifier> for FieldError {
    fn from(taken: Identifier) -> Self {
        Self {
            field: taken.field().to_owned(),
            code: taken.taken_code(),
            detail: "belongs to another account".to_owned(),
        }
    }
}

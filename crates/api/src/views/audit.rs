//! Audit events as they are answered.

use serde::Serialize;
use userhub_domain::{
    audit::AuditEvent,
    page::{Cursor, Page},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent, example = json!({
    "id": "0193e0a8-9b22-7f13-9d66-2a3b4c5d6e7f", "at": "2025-01-15T09:30:00.000000Z",
    "kind": "user.updated", "actor": "0193e0a8-5d3c-7c31-9d0a-0d5c6f8a1b2c",
    "subject": "0193e0a8-5d3c-7c31-9d0a-0d5c6f8a1b2c", "session_id": null,
    "address": "203.0.113.7", "user_agent": "Mozilla/5.0",
    "request_id": "5f2b8c1de93a0647-1", "fields": ["first_name"]
}))]
pub struct AuditEventView {
    /// Names the event.
    pub id: Uuid,
    /// When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Time,
    /// What.
    pub kind: &'static str,
    /// By whom: a user's id, `operator:NAME` for a job or a command line, or
    /// null for somebody who had not signed in.
    #[schema(required)]
    pub actor: Option<String>,
    /// To whom.
    #[schema(required)]
    pub subject: Option<Uuid>,
    /// Which session it was about.
    #[schema(required)]
    pub session_id: Option<Uuid>,
    /// From which address.
    #[schema(required)]
    pub address: Option<String>,
    /// What the client said it is.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// The id of the request.
    #[schema(required)]
    pub request_id: Option<String>,
    /// The members that were changed; never their values.
    pub fields: Vec<String>,
}

impl From<&AuditEvent> for AuditEventView {
    fn from(event: &AuditEvent) -> Self {
        Self {
            id: event.id.as_uuid(),
            at: event.at.into(),
            kind: event.kind.as_str(),
            actor: event.actor.to_text(),
            subject: event.subject.map(|id| id.as_uuid()),
            session_id: event.session_id.map(|id| id.as_uuid()),
            address: event.origin.address.map(|address| address.to_string()),
            user_agent: event.origin.user_agent.clone(),
            request_id: event.origin.request_id.clone(),
            fields: event.fields.clone(),
        }
    }
}

/// A page of audit events, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEventPage {
    /// The events.
    pub items: Vec<AuditEventView>,
    /// What to send as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl From<&Page<AuditEvent>> for AuditEventPage {
    fn from(page: &Page<AuditEvent>) -> Self {
        Self {
            items: page.items.iter().map(AuditEventView::from).collect(),
            next_cursor: page.next.as_ref().map(Cursor::encode),
        }
    }
}

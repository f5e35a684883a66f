//! Sessions as they are answered.

use serde::Serialize;
use userhub_domain::sessions::{Session, SessionId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// One sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session, example = json!({
    "id": "0193e0a8-7a11-7e02-8c55-1f2e3d4c5b6a",
    "user_agent": "Mozilla/5.0", "address": "203.0.113.7",
    "created_at": "2025-01-15T09:30:00.000000Z", "last_used_at": "2025-01-15T09:45:00.000000Z",
    "expires_at": "2025-01-22T09:45:00.000000Z", "authenticated_by": ["pwd", "otp", "mfa"],
    "current": true
}))]
pub struct SessionView {
    /// Names the session; the `sid` of its access tokens.
    pub id: Uuid,
    /// What the device says it is.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// The address that the session was started from.
    #[schema(required)]
    pub address: Option<String>,
    /// When it was started.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Time,
    /// When it was last refreshed.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub last_used_at: Time,
    /// When it ends unless it is refreshed before.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub expires_at: Time,
    /// How its owner was authenticated, in the words of RFC 8176: `pwd` for the
    /// password, `otp` for a one-time code, `mfa` for more than one factor;
    /// `rcv` stands for a recovery code.
    pub authenticated_by: Vec<&'static str>,
    /// Whether it is the session that is asking.
    pub current: bool,
}

impl SessionView {
    fn new(session: &Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.as_uuid(),
            user_agent: session.origin.user_agent.clone(),
            address: session.origin.address.map(|address| address.to_string()),
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
            authenticated_by: session.methods.words().to_vec(),
            current: current == Some(session.id),
        }
    }
}

/// Sessions that are in force, the last used first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// The sessions.
    pub items: Vec<SessionView>,
}

impl SessionList {
    /// Sessions as somebody sees them whose own is `current`.
    pub fn new(sessions: &[Session], current: Option<SessionId>) -> Self {
        Self {
            items: sessions
                .iter()
                .map(|session| SessionView::new(session, current))
                .collect(),
        }
    }
}

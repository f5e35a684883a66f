//! API keys as they are answered.

use serde::Serialize;
use userhub_domain::api_keys::{ApiKey, CreatedApiKey, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use crate::http::SecretText;

/// A key, without what it is used with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey, example = json!({
    "id": "0193e0a8-8c55-7e02-9d66-3b4c5d6e7f80", "name": "nightly report",
    "prefix": "uhk_9f86d081", "scopes": ["read"],
    "created_at": "2025-01-15T09:30:00.000000Z", "expires_at": "2026-01-15T00:00:00.000000Z",
    "last_used_at": null
}))]
pub struct ApiKeyView {
    /// Names the key.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the key, to tell it from others.
    pub prefix: String,
    /// What it is good for.
    pub scopes: Vec<ScopeName>,
    /// When it was made.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Time,
    /// From then on it is worthless; null: it has no end.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute or so.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    pub last_used_at: Option<Time>,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.as_uuid(),
            name: key.name.as_str().to_owned(),
            prefix: key.prefix.clone(),
            scopes: key.scopes.iter().map(ScopeName::from).collect(),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Time::from),
            last_used_at: key.last_used_at.map(Time::from),
        }
    }
}

/// What a key is good for; never more than its owner's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Scope)]
pub enum ScopeName {
    /// Reading.
    Read,
    /// Changing.
    Write,
}

impl From<Scope> for ScopeName {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
        }
    }
}

/// The caller's keys, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyList {
    /// The keys, expired ones too.
    pub items: Vec<ApiKeyView>,
}

impl ApiKeyList {
    /// Keys as their owner sees them.
    pub fn new(keys: &[ApiKey]) -> Self {
        Self {
            items: keys.iter().map(ApiKeyView::from).collect(),
        }
    }
}

/// A new key, with what it is used with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedApiKey, example = json!({
    "id": "0193e0a8-8c55-7e02-9d66-3b4c5d6e7f80", "name": "nightly report",
    "prefix": "uhk_9f86d081", "scopes": ["read"],
    "created_at": "2025-01-15T09:30:00.000000Z", "expires_at": "2026-01-15T00:00:00.000000Z",
    "last_used_at": null,
    "key": "uhk_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub struct CreatedApiKeyView {
    #[serde(flatten)]
    view: ApiKeyView,
    /// Sent as `Authorization: Bearer …`. Shown this once.
    #[schema(value_type = String)]
    key: SecretText,
}

impl From<CreatedApiKey> for CreatedApiKeyView {
    fn from(created: CreatedApiKey) -> Self {
        Self {
            view: ApiKeyView::from(&created.key),
            key: created.token.reveal().into(),
        }
    }
}

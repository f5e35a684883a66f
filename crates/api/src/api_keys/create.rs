//! `POST /auth/api-keys`

use actix_web::{HttpResponse, post};
use garde::Validate;
use serde::Deserialize;
use userhub_domain::{
    api_keys::{CreateApiKeyCommand, CreateApiKeyInput},
    caller::OwnSession,
    violation::Violations,
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Body, Caller, RequestOrigin},
    paging::moment,
    state::State,
    views::{CreatedApiKeyView, ScopeName},
};

/// A new key.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApiKey, example = json!({
    "name": "nightly report", "scopes": ["read"], "expires_at": null,
}))]
pub(crate) struct CreateApiKeyBody {
    /// What to call it.
    #[garde(inner(length(max = 1024)))]
    #[schema(required = true, nullable = false, value_type = String, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it is good for.
    #[garde(inner(length(max = 10), inner(length(max = 64))))]
    #[schema(required = true, nullable = false, value_type = Vec<ScopeName>, min_items = 1, max_items = 2)]
    scopes: Option<Vec<String>>,
    /// From then on it is worthless; null: it has no end.
    #[garde(inner(length(max = 64)))]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    expires_at: Option<String>,
}

impl CreateApiKeyBody {
    fn parse(self) -> Result<CreateApiKeyCommand, Violations> {
        let mut violations = Violations::new();
        let expires_at = self.expires_at.as_deref();
        let input = CreateApiKeyInput {
            name: self.name,
            scopes: self.scopes,
            expires_at: violations.take_optional("expires_at", expires_at, moment),
        };
        match CreateApiKeyCommand::parse(input) {
            Ok(command) => violations.into_result().map(|()| command),
            Err(more) => {
                violations.merge(more);
                Err(violations)
            }
        }
    }
}

/// Make an API key
///
/// For programs that call in one's name. It never does more than its owner
/// may, and neither sees nor changes sessions, keys or credentials of the
/// account. At most 100 at a time.
#[utoipa::path(
    tag = "Account",
    operation_id = "createApiKey",
    request_body = CreateApiKeyBody,
    responses(
        (status = 201, description = "The key, shown once", body = CreatedApiKeyView),
        (status = 403, description = "A key cannot make keys"),
    ),
)]
#[post("/auth/api-keys")]
pub(crate) async fn create_api_key(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    body: Body<CreateApiKeyBody>,
) -> Answer<HttpResponse> {
    let command = body.read().await?.into_command(CreateApiKeyBody::parse)?;
    let api_keys = &state.services.api_keys;
    let created = api_keys.create(&caller.0, &origin.0, command).await?;
    Ok(HttpResponse::Created().json(CreatedApiKeyView::from(created)))
}

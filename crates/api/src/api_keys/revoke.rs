//! `DELETE /auth/api-keys/{id}`

use actix_web::{HttpResponse, delete};
use userhub_domain::{api_keys::ApiKeyId, caller::OwnSession};

use crate::{
    http::{Answer, Caller, PathId, RequestOrigin},
    state::State,
};

/// Revoke an API key
///
/// It is refused from now on.
#[utoipa::path(
    tag = "Account",
    operation_id = "revokeApiKey",
    params(("id" = String, Path, format = Uuid, description = "The key's id")),
    responses(
        (status = 204, description = "The key is gone"),
        (status = 403, description = "A key cannot revoke keys"),
        (status = 404, description = "No such key of one's own"),
    ),
)]
#[delete("/auth/api-keys/{id}")]
pub(crate) async fn revoke_api_key(
    caller: Caller<OwnSession>,
    state: State,
    origin: RequestOrigin,
    id: PathId<ApiKeyId>,
) -> Answer<HttpResponse> {
    let api_keys = &state.services.api_keys;
    api_keys.revoke(&caller.0, &origin.0, id.read()?).await?;
    Ok(HttpResponse::NoContent().finish())
}

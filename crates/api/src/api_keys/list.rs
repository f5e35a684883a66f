//! `GET /auth/api-keys`

use actix_web::{HttpResponse, get};

use crate::{
    http::{Answer, Caller, InPerson},
    state::State,
    views::ApiKeyList,
};

/// List one's own API keys
#[utoipa::path(
    tag = "Account",
    operation_id = "listApiKeys",
    responses(
        (status = 200, description = "The keys, oldest first", body = ApiKeyList),
        (status = 403, description = "A key cannot see keys"),
    ),
)]
#[get("/auth/api-keys")]
pub(crate) async fn list_api_keys(caller: Caller<InPerson>, state: State) -> Answer<HttpResponse> {
    let keys = state.services.api_keys.list(&caller.0).await?;
    Ok(HttpResponse::Ok().json(ApiKeyList::new(&keys)))
}

//! The keys that others verify access tokens with (RFC 7517).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, http::header};
use serde::Serialize;
use userhub_domain::sessions::VerificationKey;
use utoipa::ToSchema;

use crate::{http::Answer, state::State};

/// A set of public keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "keys": [{
    "kid": "k1", "alg": "EdDSA", "use": "sig", "kty": "OKP", "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
}] }))]
pub(crate) struct KeySet {
    /// The keys of all instances, each until its last token has expired.
    keys: Vec<BTreeMap<String, String>>,
}

/// The public keys that verify access tokens.
#[utoipa::path(operation_id = "getKeys", tag = "System", responses(
    (status = OK, description = "A JSON Web Key Set (RFC 7517)", body = KeySet),
    (status = SERVICE_UNAVAILABLE, description = "The database does not answer"),
))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn get_keys(state: State) -> Answer<HttpResponse> {
    let keys = state.access_tokens.verification_keys().await?;
    Ok(HttpResponse::Ok()
        // Short, so that a new instance's key is seen soon.
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .json(KeySet {
            keys: keys.into_iter().map(web_key).collect(),
        }))
}

fn web_key(key: VerificationKey) -> BTreeMap<String, String> {
    let mut members: BTreeMap<_, _> = key.parameters.into_iter().collect();
    members.insert("kid".to_owned(), key.id);
    members.insert("alg".to_owned(), key.algorithm);
    members.insert("use".to_owned(), "sig".to_owned());
    members
}

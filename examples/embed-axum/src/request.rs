//! What handlers take from a request besides its caller.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
    http::{header::USER_AGENT, request::Parts},
};
use serde::de::DeserializeOwned;
use userhub_domain::{Error, audit::Origin, ports::Services};

use crate::Failure;

/// From where a request comes: guesses are slowed down per address, and events
/// are stored with it. Behind a proxy the peer is the proxy. Take the address
/// from the header that it sets then, and from nobody else's.
pub struct Sender(pub Origin);

impl FromRequestParts<Services> for Sender {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Failure> {
        // Without an address nobody would be slowed down: better no answer.
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, services)
            .await
            .map_err(|error| Error::internal_from("reading the peer's address", error))?;
        let user_agent = parts.headers.get(USER_AGENT);
        Ok(Self(Origin {
            address: Some(peer.ip().to_canonical()),
            user_agent: user_agent
                .and_then(|value| value.to_str().ok())
                .and_then(Origin::user_agent),
            request_id: None, // where requests have one
        }))
    }
}

/// A JSON body; what cannot be read is told in this service's shape.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Services> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, services: &Services) -> Result<Self, Failure> {
        let read = Json::from_request(request, services).await;
        read.map(|Json(body)| Self(body))
            .map_err(|rejection| Failure::Unreadable(rejection.status()))
    }
}

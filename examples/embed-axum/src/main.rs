//! Serves on 127.0.0.1:3000, and forgets everybody when it ends: swap
//! `MemoryStore` for a store that keeps.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use userhub_domain::{admin::Administration, caller::Admin, policy::Policy, ports::Services};
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    crypto::{
        Argon2Hasher, HashingOptions,
        jwt::{JwtTokens, MemoryKeyDirectory, SigningMethod, TokenOptions},
    },
    telemetry::{self, LogFormat},
};
use userhub_testkit::MemoryStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    telemetry::init(LogFormat::for_standard_error(), None)?;
    let policy = Policy::default();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Argon2Hasher::new(HashingOptions::default(), entropy.clone())?;
    let tokens = TokenOptions {
        signing: SigningMethod::EdDsa { key: None },
        issuer: "embed-axum".to_owned(),
        audience: "embed-axum".to_owned(),
        access_ttl: policy.lifetimes.access.to_std()?,
    };
    let directory = Arc::new(MemoryKeyDirectory::default());
    let tokens = JwtTokens::new(tokens, directory, clock.clone())?;
    let services = Services::builder(Arc::new(MemoryStore::new()))
        .hasher(Arc::new(hasher))
        .access_tokens(Arc::new(tokens))
        .clock(clock)
        .entropy(entropy)
        .policy(policy)
        .build();
    tokio::spawn(upkeep(services.administration.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = embed_axum::app(services);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

/// Removes sessions, tokens and counts of guesses that are over. Over `SqlStore`
/// that is done by `userhub_infrastructure::worker::Worker`.
async fn upkeep(administration: Administration) {
    let operator = Admin::operator("upkeep");
    loop {
        match administration.remove_expired(&operator).await {
            Ok(removed) if !removed.is_nothing() => continue, // there may be more
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "upkeep is tried again"),
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}

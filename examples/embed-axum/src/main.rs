//! Serves on 127.0.0.1:3000, and forgets everybody when it ends: swap
//! `MemoryStore` for a store that keeps.

use std::{error::Error, sync::Arc, time::Duration};

use userhub_domain::ports::Services;
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    crypto::{
        Argon2Hasher, HashingOptions,
        jwt::{JwtTokens, MemoryKeyDirectory, SigningMethod, TokenOptions},
    },
};
use userhub_testkit::MemoryStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Argon2Hasher::new(HashingOptions::default(), entropy.clone())?;
    let tokens = TokenOptions {
        signing: SigningMethod::EdDsa { key: None },
        issuer: "embed-axum".to_owned(),
        audience: "embed-axum".to_owned(),
        access_ttl: Duration::from_secs(15 * 60),
    };
    let directory = Arc::new(MemoryKeyDirectory::default());
    let tokens = JwtTokens::new(tokens, directory, clock.clone())?;
    let services = Services::builder(Arc::new(MemoryStore::new()))
        .hasher(Arc::new(hasher))
        .access_tokens(Arc::new(tokens))
        .clock(clock)
        .entropy(entropy)
        .build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, embed_axum::app(services)).await?;
    Ok(())
}

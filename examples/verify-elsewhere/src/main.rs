//! Serves on 127.0.0.1:3000 for a UserHub on 127.0.0.1:8000.

use std::error::Error;

use verify_elsewhere::{Freshness, KeySet, Verifier};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt::init();
    // On another machine: https.
    let url = "http://127.0.0.1:8000/.well-known/jwks.json";
    let keys = KeySet::new(url, Freshness::default())?;
    let verifier = Verifier::new(keys, "userhub", "userhub");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, verify_elsewhere::app(verifier)).await?;
    Ok(())
}

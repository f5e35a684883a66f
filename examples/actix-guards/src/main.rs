//! Serves on 127.0.0.1:3000 from `data/shop.db`, or from `DATABASE_URL`.

use std::{error::Error, sync::Arc, time::Duration};

use actix_guards::{Points, Ready, ShopStore, shop};
use actix_web::{App, HttpServer};
use userhub_api::{ApiSettings, AppState};
use userhub_domain::ports::Services;
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    crypto::{
        Argon2Hasher, HashingOptions, ZxcvbnStrength,
        jwt::{JwtTokens, SigningMethod, TokenOptions},
    },
    sql::{DatabaseOptions, SqlStore},
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or("sqlite://data/shop.db".to_owned());
    let store = SqlStore::connect(&DatabaseOptions::new(url.clone()))?;
    store.prepare(true).await?;
    let points = Points::prepare(sea_orm::Database::connect(url).await?).await?;

    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Argon2Hasher::new(HashingOptions::default(), entropy.clone())?;
    let tokens = TokenOptions {
        signing: SigningMethod::EdDsa { key: None },
        issuer: "shop".to_owned(),
        audience: "shop".to_owned(),
        access_ttl: Duration::from_secs(15 * 60),
    };
    let tokens = JwtTokens::new(tokens, Arc::new(store.clone()), clock.clone())?;
    let (ports, policy) = Services::builder(Arc::new(ShopStore(store.clone())))
        .hasher(Arc::new(hasher))
        .strength(Arc::new(ZxcvbnStrength))
        .access_tokens(Arc::new(tokens))
        .clock(clock)
        .entropy(entropy)
        .into_parts();
    let state = AppState::new(
        ports,
        policy,
        ApiSettings::default(),
        Arc::new(Ready(store)),
    )?;
    HttpServer::new(move || App::new().configure(shop(&state, &points)))
        .client_request_timeout(Duration::from_secs(5))
        .bind("127.0.0.1:3000")?
        .run()
        .await?;
    Ok(())
}

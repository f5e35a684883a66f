//! Serves on 127.0.0.1:3000 from `data/shop.db`, or from `DATABASE_URL`.

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use actix_guards::{Points, Ready, ShopStore, shop};
use actix_web::{App, HttpServer};
use userhub_api::{ApiSettings, AppState};
use userhub_domain::{caller::Admin, policy::Policy, ports::Services};
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    config::MailLinks,
    crypto::{
        Argon2Hasher, HashingOptions, ZxcvbnStrength,
        jwt::{JwtTokens, SigningMethod, TokenOptions},
    },
    mail::{FileMailer, LinkTemplates, Renderer, Sender},
    mail_worker::MailWorker,
    sql::{DatabaseOptions, SqlStore},
    telemetry::{self, LogFormat},
    worker::Worker,
};

/// Where people reach the shop.
const BASE: &str = "http://127.0.0.1:3000";

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    telemetry::init(LogFormat::for_standard_error(), None)?;
    let url = std::env::var("DATABASE_URL").unwrap_or("sqlite://data/shop.db".to_owned());
    let store = SqlStore::connect(&DatabaseOptions::new(url.clone()))?;
    store.prepare(true).await?;
    let points = Points::prepare(sea_orm::Database::connect(url).await?).await?;

    let policy = Policy::default();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let hasher = Argon2Hasher::new(HashingOptions::default(), entropy.clone())?;
    let tokens = TokenOptions {
        signing: SigningMethod::EdDsa { key: None },
        issuer: "shop".to_owned(),
        audience: "shop".to_owned(),
        access_ttl: policy.lifetimes.access.to_std()?,
    };
    let tokens = JwtTokens::new(tokens, Arc::new(store.clone()), clock.clone())?;
    let tokens = Arc::new(tokens);
    // The pages that mails lead to are UserHub's own, below its scope.
    let links = LinkTemplates::new(&MailLinks::default(), &format!("{BASE}/accounts"));
    let sender = Sender::parse("Shop <shop@example.org>")?;
    let renderer = Renderer::new(None, links, sender.display_name())?;
    let folder = PathBuf::from("data/mails"); // in earnest: `SmtpMailer`
    let mailer = FileMailer::new(folder, renderer, sender, clock.clone());
    let (ports, policy) = Services::builder(Arc::new(ShopStore(store.clone())))
        .hasher(Arc::new(hasher))
        .strength(Arc::new(ZxcvbnStrength))
        .access_tokens(tokens.clone())
        .clock(clock.clone())
        .entropy(entropy.clone())
        .mailer(Arc::new(mailer))
        .policy(policy)
        .into_parts();
    let state = AppState::new(
        ports,
        policy,
        ApiSettings::default(),
        Arc::new(Ready(store.clone())),
    )?;

    let services = state.services.clone();
    let worker = Worker {
        administration: services.administration.clone(), // over `ShopStore`
        store,
        tokens,
        clock,
        entropy,
        purge_deleted_after: None, // the deleted stay until somebody purges them
        metrics: None,
    };
    let mails = MailWorker::new(services.mails, services.administration);
    actix_web::rt::spawn(async move { worker.run(&Admin::operator("shop")).await });
    actix_web::rt::spawn(async move { mails.run(&Admin::operator("shop")).await });

    HttpServer::new(move || App::new().configure(shop(&state, &points)))
        .client_request_timeout(Duration::from_secs(5))
        .bind("127.0.0.1:3000")?
        .run()
        .await?;
    Ok(())
}

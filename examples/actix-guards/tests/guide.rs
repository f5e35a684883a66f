//! The blocks of `docs/embedding.md`, word for word, so that they compile.
#![cfg(test)]

use std::{error::Error, sync::Arc};

use actix_web::{
    App,
    web::{self, Data},
};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use userhub_api::{AppState, http::Caller};
use userhub_domain::{
    accounts::RegisterCommand,
    audit::{AuditEvent, Origin},
    caller::Admin,
    clock::{Clock, Entropy},
    mail::Mailer,
    ports::Services,
    second_factor::Totp,
    sessions::AccessTokens,
    store::{Store, UnitOfWork},
    users::{PasswordHash, PasswordHasher, User},
};
use userhub_infrastructure::{
    crypto::jwt::JwtTokens,
    mail_worker::MailWorker,
    sql::{DatabaseOptions, SqlStore, SqlUnitOfWork},
    worker::Worker,
};

type Done = Result<(), Box<dyn Error>>;

struct Parts {
    store: Arc<dyn Store>,
    hasher: Arc<dyn PasswordHasher>,
    access_tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    mailer: Arc<dyn Mailer>,
    totp: Arc<dyn Totp>,
}

#[rustfmt::skip]
#[expect(dead_code, reason = "compiled only")]
async fn use_cases(parts: Parts, origin: Origin, command: RegisterCommand) -> Done {
    let Parts { store, hasher, access_tokens, clock, entropy, mailer, totp } = parts;

    use userhub_domain::{caller::Admin, ports::Services};

    let services = Services::builder(store)
        .hasher(hasher)
        .access_tokens(access_tokens)
        .clock(clock)
        .entropy(entropy)
        .mailer(mailer) // NoMailer where none is given
        .totp(totp)     // NoTotp where none is given
        .build();
    let registration = services.accounts.register(&origin, command).await?;
    let nightly = Admin::operator("nightly-clean-up");
    services.administration.remove_expired(&nightly).await?;

    drop(registration);
    Ok(())
}

#[rustfmt::skip]
#[expect(dead_code, reason = "compiled only")]
async fn tables() -> Done {
    let store = SqlStore::connect(&DatabaseOptions::new("sqlite://accounts.db"))?;
    store.prepare(true).await?;

    Ok(())
}

#[rustfmt::skip]
#[expect(dead_code, reason = "compiled only")]
async fn upkeep(
    (services, store, tokens): (Services, SqlStore, Arc<JwtTokens>),
    (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
) {
    let worker = Worker {
        administration: services.administration.clone(),
        store,
        tokens,
        clock,
        entropy,
        purge_deleted_after: Some(TimeDelta::days(30)), // None: never
        metrics: None,
    };
    let mails = MailWorker::new(services.mails.clone(), services.administration.clone());
    let operator = Admin::operator("upkeep");
    tokio::join!(worker.run(&operator), mails.run(&operator));
}

#[rustfmt::skip]
#[expect(dead_code, reason = "compiled only")]
fn routes(state: Data<AppState>) {
    let _ = {
        async fn report(_: Caller<Admin>) -> &'static str {
            "for administrators' eyes only"
        }

        App::new()
            .app_data(state.clone())
            .service(web::scope("/accounts").configure(userhub_api::configure(&state)))
            .route("/report", web::get().to(report))
    };
}

#[rustfmt::skip]
#[expect(dead_code, reason = "compiled only")]
async fn a_row_of_ones_own(
    (store, my_row): (SqlStore, Statement),
    (user, hash, event): (User, PasswordHash, AuditEvent),
) -> Done {
    let transaction = store.begin_transaction().await?;
    transaction.execute_raw(my_row).await?;
    let unit = Box::new(SqlUnitOfWork::from_transaction(&store, transaction));
    unit.users().insert(&user, &hash).await?;
    unit.commit(&[event]).await?;

    Ok(())
}

#[test]
fn every_block_of_the_guide_stands_here() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let here = words(include_str!("guide.rs"));
    let guide = include_str!("../../../docs/embedding.md");
    let blocks: Vec<_> = guide.split("```rust\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let (block, _) = block.split_once("```").expect("an end");
        assert!(here.contains(&words(block)), "{block}");
    }
}

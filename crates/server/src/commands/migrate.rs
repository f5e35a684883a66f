//! `migrate`: the schema by hand.

use userhub_infrastructure::{config::Settings, sql::SqlStore};

use crate::{cli::Migrate, failure::Failure, terminal::say, wire};

pub(crate) async fn run(settings: &Settings, what: &Migrate) -> Result<(), Failure> {
    let store = wire::store(settings)?;
    match what {
        Migrate::Up => up(&store).await?,
        Migrate::Down { steps } => down(&store, *steps).await?,
        Migrate::Status => status(&store).await?,
    }
    store.close().await;
    Ok(())
}

async fn up(store: &SqlStore) -> Result<(), Failure> {
    let report = store.prepare(true).await?;
    show(&report.applied, "made");
    Ok(())
}

async fn down(store: &SqlStore, steps: usize) -> Result<(), Failure> {
    let taken_back = store.migrate_down(steps).await?;
    show(&taken_back, "taken back");
    Ok(())
}

fn show(names: &[String], what: &str) {
    if names.is_empty() {
        say("nothing to do");
    }
    for name in names {
        say(format_args!("{what} {name}"));
    }
}

async fn status(store: &SqlStore) -> Result<(), Failure> {
    let status = store.schema_status().await?;
    for (name, made) in &status.migrations {
        say(format_args!(
            "{} {name}",
            if *made { "made" } else { "pending" }
        ));
    }
    for name in &status.newer {
        say(format_args!("newer {name}"));
    }
    Ok(())
}

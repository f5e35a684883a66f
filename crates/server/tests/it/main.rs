//! The whole process: started, asked, stopped, killed.

#![cfg(test)]

mod commands;
mod crowd;
mod database;
mod durability;
mod instances;
mod locked;
mod mail_faults;
mod mail_flows;
mod outage;
mod process;
mod schema;
mod settings;
mod shutdown;
mod smtp;
mod start;
mod upkeep;

/// Runs a test on SQLite and on Postgres.
macro_rules! on_both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($database:ident: $type:ty) $body:block)+) => {
        mod sqlite {
            use super::*;
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Database::sqlite()).await;
            })+
        }
        mod postgres {
            use super::*;
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Database::postgres().await).await;
            })+
        }
        $(async fn $name($database: $type) $body)+
    };
}
use on_both_databases;

//! UserHub's database schema, one change per file, up and down, for SQLite and
//! Postgres.
//!
//! [`up`] may be called by any number of processes at once, on an empty, an
//! old or a current database: all changes happen under one lock and in one
//! transaction, so that a change that fails leaves no trace.
//!
//! # Adding a change
//! Write `src/mYYYYMMDD_NNNNNN_what_it_does.rs` and add it to the end of
//! [`Migrator::migrations`]. A binary that does not know a change that it
//! finds applied starts with a warning: the change must leave older binaries
//! working. One that cannot ends its name in [`BREAKING`]; then older binaries
//! refuse to start.

mod dialect;
mod m20261121_000001_create_users;
mod m20261121_000002_create_admin_guard;
mod m20261121_000003_create_sessions;
mod m20261121_000004_create_spent_refresh_tokens;
mod m20261121_000005_create_handed_out_tokens;
mod m20261121_000006_create_audit_events;
mod m20261121_000007_create_signing_keys;
mod m20261121_000008_add_users_mfa_enabled;
mod m20261121_000009_add_sessions_methods;
mod m20261121_000010_bind_handed_out_tokens;
mod m20261121_000011_create_attempts;
mod m20261121_000012_create_outbox;
mod m20261121_000013_create_totp_factors;
mod m20261121_000014_create_recovery_codes;
mod m20261121_000015_create_api_keys;
mod records;
mod run;

pub use run::{SchemaStatus, down, status, up};
use sea_orm_migration::{
    MigrationTrait, MigratorTrait,
    sea_orm::{DynIden, sea_query::IntoIden as _},
};

/// How the name of a change ends that binaries without it cannot live with.
pub const BREAKING: &str = "_breaking";

/// UserHub's schema: all changes, in the order in which they are made.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migration_table_name() -> DynIden {
        records::TABLE.into_iden()
    }

    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_users::Migration),
            Box::new(m20261121_000002_create_admin_guard::Migration),
            Box::new(m20261121_000003_create_sessions::Migration),
            Box::new(m20261121_000004_create_spent_refresh_tokens::Migration),
            Box::new(m20261121_000005_create_handed_out_tokens::Migration),
            Box::new(m20261121_000006_create_audit_events::Migration),
            Box::new(m20261121_000007_create_signing_keys::Migration),
            Box::new(m20261121_000008_add_users_mfa_enabled::Migration),
            Box::new(m20261121_000009_add_sessions_methods::Migration),
            Box::new(m20261121_000010_bind_handed_out_tokens::Migration),
            Box::new(m20261121_000011_create_attempts::Migration),
            Box::new(m20261121_000012_create_outbox::Migration),
            Box::new(m20261121_000013_create_totp_factors::Migration),
            Box::new(m20261121_000014_create_recovery_codes::Migration),
            Box::new(m20261121_000015_create_api_keys::Migration),
        ]
    }
}

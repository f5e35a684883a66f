//! The SQL store against both databases.
#![expect(clippy::expect_used, reason = "tests stop at the first surprise")]

mod api_keys;
mod attempts;
mod database;
mod foreign_keys;
mod host_migrations;
mod mail;
mod migrations;
mod mime;
mod own_rows;
mod ports;
mod postgres;
mod schema_changes;
mod smtp_server;
mod sqlite;
mod store;

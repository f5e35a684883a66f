//! The SQL store against both databases.
#![expect(clippy::expect_used, reason = "tests stop at the first surprise")]

mod attempts;
mod database;
mod migrations;
mod own_rows;
mod ports;
mod postgres;
mod schema_changes;
mod sqlite;
mod store;

//! What every store must do, on Postgres.

userhub_testkit::store_conformance!(crate::database::TestDatabase::postgres().await);

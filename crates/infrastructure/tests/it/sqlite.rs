//! What every store must do, on SQLite.

userhub_testkit::store_conformance!(crate::database::TestDatabase::sqlite());

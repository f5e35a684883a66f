#![cfg(test)]
//! The kit against the store of this crate, and the kit itself.

mod completeness;
mod turns;

mod memory {
    userhub_testkit::store_conformance!(userhub_testkit::MemoryStore::new());
}

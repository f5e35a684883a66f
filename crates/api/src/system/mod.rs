//! What stands beside the API: health, metrics, keys and documentation.

mod docs;
pub(crate) mod document;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod metrics;
pub(crate) mod problems;

pub(crate) use docs::pages;
pub use problems::markdown as problems_markdown;

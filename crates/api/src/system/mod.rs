//! What stands beside the API: health, metrics, keys and documentation.

pub(crate) mod account_pages;
mod docs;
pub(crate) mod document;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod metrics;
pub(crate) mod problems;

pub use problems::markdown as problems_markdown;

use actix_web::web::ServiceConfig;

/// Registers the pages that are no part of the document.
pub(crate) fn pages(config: &mut ServiceConfig) {
    docs::register(config);
    account_pages::register(config);
}
